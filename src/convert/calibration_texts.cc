// SPDX-License-Identifier: Apache-2.0
#include "convert/calibration_texts.h"

#include <algorithm>

namespace simile {

std::vector<std::string_view> CalibrationLines(std::string_view texts) {
  std::vector<std::string_view> lines;
  while (!texts.empty()) {
    const size_t end = std::min(texts.find('\n'), texts.size());
    const std::string_view line = texts.substr(0, end);
    if (line.find_first_not_of(" \t\r") != std::string_view::npos) lines.push_back(line);
    texts.remove_prefix(std::min(end + 1, texts.size()));
  }
  return lines;
}

Status CalibrationTexts::Init(const Tokenizer& tokenizer, size_t max_tokens,
                              std::string_view texts) {
  Buffer<Token> tokens;
  for (const std::string_view line : CalibrationLines(texts)) {
    tokens.Clear();
    const Result<TokenizeResult> result = tokenizer.Tokenize(line, max_tokens, &tokens);
    if (!result.ok()) return result.status();
    for (const Token& token : tokens) SIMILE_RETURN_IF_ERROR(ids_.Append(token.id));
    SIMILE_RETURN_IF_ERROR(ends_.Append(static_cast<uint32_t>(ids_.size())));
  }
  return Status();
}

Result<size_t> CalibrationTexts::Batch(size_t first, size_t token_budget, const uint32_t** ids,
                                       Buffer<uint32_t>* offsets) const {
  const uint32_t begin = first == 0 ? 0 : ends_[first - 1];
  *ids = ids_.data() + begin;
  offsets->Clear();
  SIMILE_RETURN_IF_ERROR(offsets->Append(0u));
  size_t next = first;
  do {
    SIMILE_RETURN_IF_ERROR(offsets->Append(ends_[next++] - begin));
  } while (next < count() && ends_[next] - begin <= token_budget);
  return next - first;
}

}  // namespace simile

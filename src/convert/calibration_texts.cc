// SPDX-License-Identifier: Apache-2.0
#include "convert/calibration_texts.h"

#include <algorithm>

namespace simile {

std::string_view NextCalibrationLine(std::string_view* rest) {
  while (!rest->empty()) {
    const size_t end = std::min(rest->find('\n'), rest->size());
    const std::string_view line = rest->substr(0, end);
    rest->remove_prefix(std::min(end + 1, rest->size()));
    if (line.find_first_not_of(" \t\r") != std::string_view::npos) return line;
  }
  return {};
}

Status CalibrationTexts::Init(const Tokenizer& tokenizer, size_t max_tokens,
                              std::string_view texts) {
  Buffer<Token> tokens;
  for (std::string_view line; !(line = NextCalibrationLine(&texts)).empty();) {
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

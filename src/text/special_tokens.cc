// SPDX-License-Identifier: Apache-2.0
#include "text/special_tokens.h"

#include <algorithm>

namespace simile {

Result<SpecialTokens> SpecialTokens::Make(const std::vector<std::string>& tokens,
                                          const Vocabulary& vocabulary) {
  if (tokens.size() > kMaxTokens) {
    return BadModel("tokenizer: expected at most " + std::to_string(kMaxTokens) +
                    " special tokens, found " + std::to_string(tokens.size()));
  }
  SpecialTokens result;
  for (const std::string& token : tokens) {
    const std::optional<uint32_t> id = vocabulary.Find(token);
    if (!id) return BadModel("tokenizer.vocab lacks the special token '" + token + "'");
    result.entries_.push_back({token, *id});
    result.first_bytes_.set(static_cast<uint8_t>(token[0]));
  }
  std::sort(result.entries_.begin(), result.entries_.end(),
            [](const Entry& a, const Entry& b) { return a.text.size() > b.text.size(); });
  return result;
}

SpecialTokens::Match SpecialTokens::FindNext(std::string_view text, size_t position) const {
  for (; position < text.size(); ++position) {
    if (!first_bytes_[static_cast<uint8_t>(text[position])]) continue;
    for (const Entry& entry : entries_) {
      if (text.substr(position).starts_with(entry.text)) {
        return {position, position + entry.text.size(), entry.id};
      }
    }
  }
  return {text.size(), text.size(), 0};
}

}  // namespace simile

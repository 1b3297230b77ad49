// SPDX-License-Identifier: Apache-2.0
#include "text/literal_tokens.h"

#include <algorithm>

#include "base/utf8.h"
#include "text/unicode.h"

namespace simile {
namespace {

bool IsSpace(uint32_t code_point) {
  const CharKind kind = Classify(code_point).kind;
  return kind == CharKind::kSpace || kind == CharKind::kControlSpace;
}

// Where the white space that ends at `end` begins; not before `begin`.
size_t SkipSpaceBack(std::string_view text, size_t begin, size_t end) {
  while (end > begin) {
    size_t start = end - 1;
    while (start > begin && (static_cast<uint8_t>(text[start]) & 0xC0) == 0x80) --start;
    if (!IsSpace(DecodeUtf8(text, start).code_point)) break;
    end = start;
  }
  return end;
}

size_t SkipSpace(std::string_view text, size_t begin) {
  while (begin < text.size()) {
    const DecodedCodePoint next = DecodeUtf8(text, begin);
    if (!IsSpace(next.code_point)) break;
    begin += next.size_bytes;
  }
  return begin;
}

}  // namespace

Result<LiteralTokens> LiteralTokens::Make(const std::vector<LiteralToken>& tokens) {
  if (tokens.size() > kMaxTokens) {
    return BadModel("tokenizer: expected at most " + std::to_string(kMaxTokens) +
                    " literal tokens, found " + std::to_string(tokens.size()));
  }
  LiteralTokens result;
  for (const LiteralToken& token : tokens) {
    if (token.text.empty() || token.text.size() > kMaxTokenBytes) {
      return BadModel("tokenizer: a literal token of " + std::to_string(token.text.size()) +
                      " bytes, expected 1 to " + std::to_string(kMaxTokenBytes));
    }
    result.entries_.push_back({token, kNone});
    result.first_bytes_.set(static_cast<uint8_t>(token.text[0]));
  }
  std::vector<Entry>& entries = result.entries_;
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return a.token.text < b.token.text; });
  for (size_t i = 1; i < entries.size(); ++i) {
    const std::string& text = entries[i].token.text;
    if (text == entries[i - 1].token.text) {
      return BadModel("tokenizer: the literal token '" + text + "' is there twice");
    }
    size_t prefix = i - 1;
    while (prefix != kNone && !text.starts_with(entries[prefix].token.text)) {
      prefix = entries[prefix].prefix;
    }
    entries[i].prefix = prefix;
  }
  return result;
}

size_t LiteralTokens::FindHere(std::string_view text) const {
  // What `text` begins with is no greater than it, and a prefix of the greatest such.
  const auto after = std::upper_bound(
      entries_.begin(), entries_.end(), text.substr(0, kMaxTokenBytes),
      [](std::string_view here, const Entry& entry) { return here < entry.token.text; });
  size_t found = after == entries_.begin() ? kNone : after - entries_.begin() - 1;
  while (found != kNone && !text.starts_with(entries_[found].token.text)) {
    found = entries_[found].prefix;
  }
  return found;
}

LiteralTokens::Match LiteralTokens::FindNext(std::string_view text, size_t position) const {
  for (size_t begin = position; begin < text.size(); ++begin) {
    if (!first_bytes_[static_cast<uint8_t>(text[begin])]) continue;
    const size_t found = FindHere(text.substr(begin));
    if (found == kNone) continue;
    const LiteralToken& token = entries_[found].token;
    const size_t end = begin + token.text.size();
    return {token.strip_left ? SkipSpaceBack(text, position, begin) : begin,
            token.strip_right ? SkipSpace(text, end) : end, token.id};
  }
  return {text.size(), text.size(), 0};
}

}  // namespace simile

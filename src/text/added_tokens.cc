// SPDX-License-Identifier: Apache-2.0
#include "text/added_tokens.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/utf8.h"
#include "text/char_class.h"

namespace simile {
namespace {

// Where the character before text[position] begins; position > 0.
size_t PreviousChar(std::string_view text, size_t position) {
  size_t begin = position - 1;
  while (begin > 0 && position - begin < 4 && (static_cast<uint8_t>(text[begin]) & 0xc0) == 0x80) {
    --begin;
  }
  return begin;
}

bool TouchesWord(std::string_view text, size_t begin, size_t end) {
  if (begin > 0 && IsWordChar(DecodeUtf8(text, PreviousChar(text, begin)).code_point)) return true;
  return end < text.size() && IsWordChar(DecodeUtf8(text, end).code_point);
}

// Back over white space, no further than `limit`.
size_t SkipSpaceBack(std::string_view text, size_t position, size_t limit) {
  while (position > limit) {
    const size_t previous = PreviousChar(text, position);
    if (!IsWhiteSpace(DecodeUtf8(text, previous).code_point)) break;
    position = previous;
  }
  return std::max(position, limit);
}

size_t SkipSpace(std::string_view text, size_t position) {
  while (position < text.size()) {
    const DecodedCodePoint decoded = DecodeUtf8(text, position);
    if (!IsWhiteSpace(decoded.code_point)) break;
    position += decoded.size_bytes;
  }
  return position;
}

}  // namespace

Result<AddedTokens> AddedTokens::Make(std::vector<AddedToken> tokens) {
  AddedTokens added;
  if (tokens.empty()) return added;
  std::sort(tokens.begin(), tokens.end(),
            [](const AddedToken& a, const AddedToken& b) { return a.content < b.content; });
  std::vector<KeyValue> keys;
  for (const AddedToken& token : tokens) {
    if (token.content.empty()) return BadModel("tokenizer: an added token is empty");
    if (token.rstrip && IsWhiteSpace(DecodeUtf8(token.content, 0).code_point)) {
      // Each of a run of them would take the whole rest of it.
      return BadModel("tokenizer: the added token '" + token.content +
                      "': white space with 'rstrip' is not supported");
    }
    if (!keys.empty() && keys.back().first == token.content) {
      return BadModel("tokenizer: the added token '" + token.content + "' stands there twice");
    }
    keys.emplace_back(token.content, static_cast<uint32_t>(keys.size()));
    added.first_bytes_.set(static_cast<uint8_t>(token.content[0]));
  }
  SIMILE_RETURN_IF_ERROR(BuildDoubleArray(keys, &added.units_));
  added.tokens_ = std::move(tokens);
  return added;
}

const AddedToken* AddedTokens::LongestAt(std::string_view text, size_t position,
                                         size_t* end) const {
  const DoubleArray trie(units_.data(), units_.size());
  DoubleArray::Cursor cursor = trie.Begin();
  const AddedToken* longest = nullptr;
  for (size_t i = position;
       i < text.size() && trie.Walk(static_cast<uint8_t>(text[i]), &cursor); ++i) {
    if (cursor.value >= tokens_.size()) continue;
    longest = &tokens_[cursor.value];
    *end = i + 1;
  }
  return longest;
}

bool AddedTokens::FindNext(std::string_view text, Search* search, Match* match) const {
  if (tokens_.empty()) return false;
  for (size_t begin = search->position; begin < text.size(); ++begin) {
    if (!first_bytes_[static_cast<uint8_t>(text[begin])]) continue;
    size_t end = begin;
    const AddedToken* token = LongestAt(text, begin, &end);
    if (token == nullptr) continue;
    search->position = end;
    if (token->single_word && TouchesWord(text, begin, end)) {
      begin = end - 1;
      continue;
    }
    match->begin = token->lstrip ? SkipSpaceBack(text, begin, std::min(begin, search->covered))
                                 : begin;
    match->end = end;
    if (token->rstrip) match->end = SkipSpace(text, end);
    match->id = token->id;
    search->covered = match->end;
    return true;
  }
  search->position = text.size();
  return false;
}

}  // namespace simile

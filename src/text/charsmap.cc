// SPDX-License-Identifier: Apache-2.0
#include "text/charsmap.h"

#include <algorithm>
#include <cstring>

#include "base/utf8.h"
#include "text/graphemes.h"

namespace simile {
namespace {

constexpr size_t kMaxClusterBytes = 5;  // the reference's `grapheme.len() < 6`

bool IsPrintableAscii(uint32_t code_point) { return code_point >= 0x20 && code_point < 0x7f; }

size_t SizeOf(uint32_t code_point) {
  return code_point < 0x80 ? 1 : code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
}

size_t SizeOf(const AlignedText& text, size_t begin, size_t end) {
  size_t size = 0;
  for (size_t i = begin; i < end && size <= kMaxClusterBytes; ++i) {
    size += SizeOf(text[i].code_point);
  }
  return size;
}

// `replacement` for `old_count` characters.
Status AppendReplacement(std::string_view replacement, int32_t old_count,
                         Buffer<CharChange>* changes) {
  int32_t new_count = 0;
  DecodedCodePoint decoded;
  for (size_t i = 0; i < replacement.size(); i += decoded.size_bytes) {
    decoded = DecodeUtf8(replacement, i);
    SIMILE_RETURN_IF_ERROR(changes->Append({decoded.code_point, 0}));
    ++new_count;
  }
  for (int32_t added = 0; added < new_count - old_count; ++added) {
    (*changes)[changes->size() - 1 - static_cast<size_t>(added)].change = 1;
  }
  // Where nothing is left, the character before takes note, whatever it is.
  if (new_count < old_count && !changes->empty()) {
    (*changes)[changes->size() - 1].change += new_count - old_count;
  }
  return Status();
}

}  // namespace

Result<Charsmap> Charsmap::Make(std::string_view blob) {
  uint32_t trie_bytes = 0;
  if (blob.size() >= sizeof(trie_bytes)) std::memcpy(&trie_bytes, blob.data(), 4);
  if (trie_bytes == 0 || trie_bytes % 4 != 0 || trie_bytes > blob.size() - 4) {
    return BadModel("tokenizer: the precompiled character map is not one");
  }
  Charsmap map;
  map.trie_ = DoubleArray(reinterpret_cast<const uint32_t*>(blob.data() + 4), trie_bytes / 4);
  map.texts_ = blob.substr(4 + trie_bytes);
  if (!IsValidUtf8(map.texts_)) {
    return BadModel("tokenizer: the precompiled character map is not UTF-8");
  }
  map.is_ascii_kept_ = true;
  for (uint8_t byte = 0x20; byte < 0x7f; ++byte) {
    DoubleArray::Cursor cursor = map.trie_.Begin();
    if (map.trie_.Walk(byte, &cursor)) map.is_ascii_kept_ = false;
  }
  return map;
}

std::optional<std::string_view> Charsmap::Find(std::string_view text) const {
  DoubleArray::Cursor cursor = trie_.Begin();
  for (const char byte : text) {
    if (!trie_.Walk(static_cast<uint8_t>(byte), &cursor)) return std::nullopt;
    if (cursor.value == DoubleArray::kNoValue) continue;
    if (cursor.value > texts_.size()) return std::nullopt;
    const std::string_view rest = texts_.substr(cursor.value);
    return rest.substr(0, rest.find('\0'));
  }
  return std::nullopt;
}

Result<bool> Charsmap::ApplyTo(const AlignedText& text, size_t begin, size_t end,
                               Buffer<CharChange>* changes) const {
  char bytes[kMaxClusterBytes + 4];
  size_t size = 0;
  for (size_t i = begin; i < end; ++i) size += EncodeUtf8(text[i].code_point, bytes + size);
  const std::optional<std::string_view> found = Find({bytes, size});
  if (!found) return false;
  SIMILE_RETURN_IF_ERROR(AppendReplacement(*found, static_cast<int32_t>(end - begin), changes));
  return true;
}

Status Charsmap::Apply(AlignedText* text) const {
  Buffer<CharChange> changes;
  SIMILE_RETURN_IF_ERROR(changes.Reserve(text->size()));
  bool is_changed = false;
  for (size_t begin = 0, end = 0; begin < text->size(); begin = end) {
    end = GraphemeEnd(text->chars().data(), begin, text->size());
    const bool is_plain =
        end == begin + 1 && is_ascii_kept_ && IsPrintableAscii((*text)[begin].code_point);
    bool is_replaced = false;
    if (!is_plain && SizeOf(*text, begin, end) <= kMaxClusterBytes) {
      SIMILE_ASSIGN_OR_RETURN(is_replaced, ApplyTo(*text, begin, end, &changes));
      is_changed |= is_replaced;
    }
    if (is_replaced) continue;
    for (size_t i = begin; i < end; ++i) {
      bool is_char_replaced = false;
      if (!is_plain) {
        SIMILE_ASSIGN_OR_RETURN(is_char_replaced, ApplyTo(*text, i, i + 1, &changes));
      }
      is_changed |= is_char_replaced;
      if (!is_char_replaced) {
        SIMILE_RETURN_IF_ERROR(changes.Append({(*text)[i].code_point, 0}));
      }
    }
  }
  return is_changed ? text->Transform(changes) : Status();
}

}  // namespace simile

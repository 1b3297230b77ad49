// SPDX-License-Identifier: Apache-2.0
#include "text/subword_model.h"

#include "base/utf8.h"

namespace simile {

ByteTokens ByteTokens::Find(const PieceTable& table) {
  constexpr char kHex[] = "0123456789ABCDEF";
  ByteTokens tokens;
  for (uint32_t byte = 0; byte < 256; ++byte) {
    const char name[] = {'<', '0', 'x', kHex[byte >> 4], kHex[byte & 15], '>'};
    tokens.ids_[byte] = table.Find({name, sizeof(name)});
  }
  return tokens;
}

Result<bool> ByteTokens::Append(const AlignedChar* chars, uint32_t first, uint32_t last,
                                Buffer<Piece>* pieces) const {
  const size_t old_size = pieces->size();
  for (uint32_t i = first; i < last; ++i) {
    char bytes[4];
    const size_t count = EncodeUtf8(chars[i].code_point, bytes);
    for (size_t k = 0; k < count; ++k) {
      const uint32_t id = ids_[static_cast<uint8_t>(bytes[k])];
      if (id == PieceTable::kNoPiece) {
        SIMILE_RETURN_IF_ERROR(pieces->Resize(old_size));
        return false;
      }
      SIMILE_RETURN_IF_ERROR(pieces->Append({id, first, last}));
    }
  }
  return true;
}

bool WalkChar(const PieceTable& table, uint32_t code_point, DoubleArray::Cursor* cursor) {
  if (code_point < 0x80) return table.trie().Walk(static_cast<uint8_t>(code_point), cursor);
  char bytes[4];
  const size_t count = EncodeUtf8(code_point, bytes);
  for (size_t k = 0; k < count; ++k) {
    if (!table.trie().Walk(static_cast<uint8_t>(bytes[k]), cursor)) return false;
  }
  return true;
}

uint32_t FindPiece(const PieceTable& table, const AlignedChar* chars, uint32_t first,
                   uint32_t last) {
  DoubleArray::Cursor cursor = table.trie().Begin();
  for (uint32_t i = first; i < last; ++i) {
    if (!WalkChar(table, chars[i].code_point, &cursor)) return PieceTable::kNoPiece;
  }
  return table.IdAt(cursor);
}

}  // namespace simile

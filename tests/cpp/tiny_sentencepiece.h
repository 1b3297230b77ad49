// SPDX-License-Identifier: Apache-2.0
// Sentencepiece models small enough to be written in a test: the protocol buffer that
// ModelProto is, field by field, good or bad.

#ifndef SIMILE_TESTS_CPP_TINY_SENTENCEPIECE_H_
#define SIMILE_TESTS_CPP_TINY_SENTENCEPIECE_H_

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/buffer.h"

namespace simile {

enum class PieceType { kNormal = 1, kUnknown, kControl, kUserDefined, kUnused, kByte };

struct TinyPiece {
  std::string text;
  float score = 0;
  PieceType type = PieceType::kNormal;
};

inline std::string Varint(uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>((value & 0x7F) | 0x80);
  return bytes + static_cast<char>(value);
}

inline std::string Field(uint32_t number, std::string_view content) {
  return Varint(number * 8 + 2) + Varint(content.size()) + std::string(content);
}

inline std::string Field(uint32_t number, uint64_t value) {
  return Varint(number * 8) + Varint(value);
}

inline std::string PieceField(const TinyPiece& piece) {
  std::string score(4, '\0');
  std::memcpy(score.data(), &piece.score, 4);
  return Field(1, Field(1, piece.text) + Varint(2 * 8 + 5) + score +
                      Field(3, static_cast<uint64_t>(piece.type)));
}

struct TinySentencepiece {
  std::vector<TinyPiece> pieces = {{"<unk>", 0, PieceType::kUnknown}};
  bool is_bpe = false;
  bool byte_fallback = false;
  std::string char_map;  // as in the file

  std::string Proto() const {
    std::string proto;
    for (const TinyPiece& piece : pieces) proto += PieceField(piece);
    proto += Field(2, Field(3, is_bpe ? 2 : 1) + Field(35, byte_fallback ? 1 : 0));
    return proto + Field(3, Field(2, char_map));
  }

  Buffer<uint8_t> Bytes() const {
    const std::string proto = Proto();
    Buffer<uint8_t> bytes;
    (void)!bytes.Append(reinterpret_cast<const uint8_t*>(proto.data()), proto.size()).ok();
    return bytes;
  }
};

}  // namespace simile

#endif  // SIMILE_TESTS_CPP_TINY_SENTENCEPIECE_H_

// SPDX-License-Identifier: Apache-2.0
#include "sentencepiece/model_bytes.h"

#include <cstddef>
#include <cstdint>
#include <string>

namespace simile {
namespace {

constexpr size_t kMaxBytes = size_t{32} << 20;
constexpr size_t kMaxPieces = 1 << 20;
constexpr size_t kMaxOtherBytes = size_t{1} << 20;  // how it was trained, tests of it

// Field numbers of ModelProto.
constexpr uint64_t kPieces = 1;
constexpr uint64_t kNormalizerSpec = 3;

// Takes a varint from the front; false if there is none.
bool TakeVarint(std::string_view* bytes, uint64_t* value) {
  *value = 0;
  for (unsigned shift = 0; shift < 64 && !bytes->empty(); shift += 7) {
    const auto byte = static_cast<uint8_t>(bytes->front());
    bytes->remove_prefix(1);
    *value |= static_cast<uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

// Takes a field from the front; false if it is cut, or a group, which no version
// of the format has.
bool TakeField(std::string_view* bytes, uint64_t* number) {
  uint64_t key = 0;
  if (!TakeVarint(bytes, &key)) return false;
  *number = key >> 3;
  uint64_t size = 0;
  switch (key & 7) {
    case 0: return TakeVarint(bytes, &size);
    case 1: size = 8; break;
    case 2:
      if (!TakeVarint(bytes, &size)) return false;
      break;
    case 5: size = 4; break;
    default: return false;
  }
  if (size > bytes->size()) return false;
  bytes->remove_prefix(static_cast<size_t>(size));
  return true;
}

}  // namespace

Status CheckModelBytes(std::string_view proto) {
  if (proto.empty() || proto.size() > kMaxBytes) {
    return BadModel("tokenizer.model: expected 1 to " + std::to_string(kMaxBytes) +
                    " bytes, found " + std::to_string(proto.size()));
  }
  size_t pieces = 0;
  size_t other_bytes = 0;
  while (!proto.empty()) {
    const size_t before = proto.size();
    uint64_t number = 0;
    if (!TakeField(&proto, &number)) return BadModel("tokenizer.model: no sentencepiece model");
    if (number == kPieces) {
      ++pieces;
    } else if (number != kNormalizerSpec) {
      other_bytes += before - proto.size();
    }
  }
  if (pieces > kMaxPieces) {
    return BadModel("tokenizer.model: expected at most " + std::to_string(kMaxPieces) +
                    " pieces, found " + std::to_string(pieces));
  }
  if (other_bytes > kMaxOtherBytes) {
    return BadModel("tokenizer.model: " + std::to_string(other_bytes) +
                    " bytes beside pieces and normalisation, expected at most " +
                    std::to_string(kMaxOtherBytes));
  }
  return Status();
}

}  // namespace simile

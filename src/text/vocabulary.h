// SPDX-License-Identifier: Apache-2.0
// Vocabulary: the lines of a vocab.txt and a hash table over them. It keeps the
// file's bytes as they are; a token is a range of them, its id the line number.

#ifndef SIMILE_TEXT_VOCABULARY_H_
#define SIMILE_TEXT_VOCABULARY_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/buffer.h"
#include "base/status.h"

namespace simile {

// A hash of bytes that can be extended byte by byte (FNV-1a), so that all
// prefixes of a word are hashed in one pass.
class PrefixHash {
 public:
  PrefixHash() = default;
  explicit PrefixHash(std::string_view bytes) { Extend(bytes); }

  void Extend(std::string_view bytes) {
    for (const char byte : bytes) {
      state_ = (state_ ^ static_cast<uint8_t>(byte)) * 0x01000193u;
    }
  }

  // FNV's high bits know little of the last byte: mixed once (murmur3's end).
  uint32_t value() const {
    uint32_t mixed = (state_ ^ state_ >> 16) * 0x85ebca6bu;
    mixed = (mixed ^ mixed >> 13) * 0xc2b2ae35u;
    return mixed ^ mixed >> 16;
  }

 private:
  uint32_t state_ = 0x811c9dc5u;
};

class Vocabulary {
 public:
  static constexpr size_t kMaxTokens = size_t{1} << 20;
  static constexpr size_t kMaxTokenBytes = 256;

  // Lines end with "\n" or "\r\n"; the last one need not. kBadModel as
  // MakeWordPiece says, and for a vocabulary made to defeat the hash table.
  static Result<Vocabulary> Make(Buffer<uint8_t> bytes);

  size_t size() const { return begins_.size(); }
  std::string_view token(uint32_t id) const;
  // Bytes of the longest token.
  size_t max_token_bytes() const { return max_token_bytes_; }

  std::optional<uint32_t> Find(std::string_view token) const {
    return Find(PrefixHash(token).value(), std::string_view(), token);
  }
  // The id of prefix + rest, whose hash the caller has computed.
  std::optional<uint32_t> Find(uint32_t hash, std::string_view prefix,
                               std::string_view rest) const;

 private:
  std::string_view bytes() const {
    return std::string_view(reinterpret_cast<const char*>(bytes_.data()), bytes_.size());
  }
  Status SplitLines();
  Status AddLine(size_t begin, size_t end);
  Status BuildTable();
  Status Insert(uint32_t id);

  Buffer<uint8_t> bytes_;
  Buffer<uint32_t> begins_;  // of each token in bytes_
  // Open addressing, a power of two. A slot is 0 if it is free, else kTagBits of
  // the hash above id + 1.
  Buffer<uint32_t> slots_;
  uint32_t slot_mask_ = 0;
  size_t max_token_bytes_ = 0;
};

}  // namespace simile

#endif  // SIMILE_TEXT_VOCABULARY_H_

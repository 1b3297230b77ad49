// SPDX-License-Identifier: Apache-2.0
// LiteralTokens: finds tokens such as "<mask>" that are meant literally, wherever
// they stand in the raw text. Their ids are given; of several that begin at one
// place the longest counts.

#ifndef SIMILE_TEXT_LITERAL_TOKENS_H_
#define SIMILE_TEXT_LITERAL_TOKENS_H_

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace simile {

struct LiteralToken {
  std::string text;           // 1…256 bytes
  uint32_t id = 0;
  bool strip_left = false;    // takes the white space before it, too
  bool strip_right = false;   // … after it
};

class LiteralTokens {
 public:
  static constexpr size_t kMaxTokens = 2048;
  static constexpr size_t kMaxTokenBytes = 256;

  struct Match {
    size_t begin;  // == end == text.size() if there is none
    size_t end;
    uint32_t id;
  };

  // kBadModel if one is empty, too long or there twice, or there are too many.
  static Result<LiteralTokens> Make(const std::vector<LiteralToken>& tokens);

  // The first match that begins at or after `position`, which its white space
  // does not pass.
  Match FindNext(std::string_view text, size_t position) const;

 private:
  struct Entry {
    LiteralToken token;
    size_t prefix;  // the longest entry that this one begins with, or kNone
  };
  static constexpr size_t kNone = SIZE_MAX;

  // The longest entry that `text` begins with, or kNone.
  size_t FindHere(std::string_view text) const;

  std::vector<Entry> entries_;  // sorted by text
  std::bitset<256> first_bytes_;
};

}  // namespace simile

#endif  // SIMILE_TEXT_LITERAL_TOKENS_H_

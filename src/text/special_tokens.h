// SPDX-License-Identifier: Apache-2.0
// SpecialTokens: finds tokens such as "[SEP]" that are meant literally, in the
// raw text, wherever they stand (inside a word too). Where two begin at the same
// place, the longer one counts.

#ifndef SIMILE_TEXT_SPECIAL_TOKENS_H_
#define SIMILE_TEXT_SPECIAL_TOKENS_H_

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "text/vocabulary.h"

namespace simile {

class SpecialTokens {
 public:
  static constexpr size_t kMaxTokens = 64;

  struct Match {
    size_t begin;  // == end == text.size() if there is none
    size_t end;
    uint32_t id;
  };

  // kBadModel if one is empty or not in the vocabulary, or there are too many.
  static Result<SpecialTokens> Make(const std::vector<std::string>& tokens,
                                    const Vocabulary& vocabulary);

  // The first match that begins at or after `position`.
  Match FindNext(std::string_view text, size_t position) const;

 private:
  struct Entry {
    std::string text;
    uint32_t id;
  };

  std::vector<Entry> entries_;  // longest first
  std::bitset<256> first_bytes_;
};

}  // namespace simile

#endif  // SIMILE_TEXT_SPECIAL_TOKENS_H_

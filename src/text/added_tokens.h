// SPDX-License-Identifier: Apache-2.0
// AddedTokens: finds a tokenizer.json's added tokens in a text: leftmost first, of
// those that begin at one place the longest.
// Reference: added_vocabulary of Hugging Face tokenizers.

#ifndef SIMILE_TEXT_ADDED_TOKENS_H_
#define SIMILE_TEXT_ADDED_TOKENS_H_

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/buffer.h"
#include "base/status.h"
#include "text/double_array.h"
#include "text/tokenizer_config.h"

namespace simile {

class AddedTokens {
 public:
  AddedTokens() = default;

  // The tokens are looked for by their content. kBadModel if one is empty or two are
  // the same.
  static Result<AddedTokens> Make(std::vector<AddedToken> tokens);

  bool empty() const { return tokens_.empty(); }

  struct Match {
    size_t begin;
    size_t end;
    uint32_t id;
  };

  // Where a search through a text has come to.
  struct Search {
    size_t position = 0;  // nothing before it is looked at again
    size_t covered = 0;   // the end of the last match with its white space
  };

  // The next match; false at the text's end. A match may reach back over white space
  // to search->covered.
  bool FindNext(std::string_view text, Search* search, Match* match) const;

 private:
  const AddedToken* LongestAt(std::string_view text, size_t position, size_t* end) const;

  std::vector<AddedToken> tokens_;
  std::bitset<256> first_bytes_;
  Buffer<uint32_t> units_;
};

}  // namespace simile

#endif  // SIMILE_TEXT_ADDED_TOKENS_H_

// SPDX-License-Identifier: Apache-2.0
// AlignedText: a text on its way through the normalisers, each character with the
// bytes of the original text that it comes from. The rules by which a change moves
// these are those of NormalizedString in Hugging Face tokenizers, quirks included.

#ifndef SIMILE_TEXT_ALIGNED_TEXT_H_
#define SIMILE_TEXT_ALIGNED_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/buffer.h"
#include "base/status.h"

namespace simile {

struct AlignedChar {
  uint32_t code_point;
  uint32_t begin;  // in the original text
  uint32_t end;
};

// A character of the new text, and what it replaces: 0: the next character of the
// old one; 1: none, it joins the character before it; -n: the next, and n more
// after it go.
struct CharChange {
  uint32_t code_point;
  int32_t change;
};

class AlignedText {
 public:
  // Bytes [begin, end) of the text; invalid UTF-8 is read as U+FFFD.
  Status Assign(std::string_view text, size_t begin, size_t end);

  const Buffer<AlignedChar>& chars() const { return chars_; }
  size_t size() const { return chars_.size(); }
  bool empty() const { return chars_.empty(); }
  const AlignedChar& operator[](size_t i) const { return chars_[i]; }

  // The whole text anew; `skipped` characters at its beginning go first.
  Status Transform(const Buffer<CharChange>& changes, size_t skipped = 0);

  template <typename F>
  void Map(F new_code_point) {
    for (AlignedChar& c : chars_) c.code_point = new_code_point(c.code_point);
  }

  // Keeps the characters for which keep(code point).
  template <typename F>
  void Filter(F keep) {
    size_t kept = 0;
    for (const AlignedChar& c : chars_) {
      if (keep(c.code_point)) chars_[kept++] = c;
    }
    Shrink(0, kept);
  }

  // Keeps characters [first, last).
  void Shrink(size_t first, size_t last);

  // Each `pattern`, leftmost first, becomes `content`, which comes from the
  // pattern's last character.
  Status Replace(std::string_view pattern, std::string_view content);
  // The same with runs of two or more U+0020 as the pattern.
  Status CollapseSpaces(std::string_view content);

  // `content`, which comes from the first character; nothing for an empty text.
  Status Prepend(std::string_view content);

  // The characters as UTF-8.
  Status AppendUtf8(std::string* out) const;

 private:
  // find(i): the length of the match at i, 0 if there is none.
  template <typename F>
  Status ReplaceMatches(F find, std::string_view content);

  Buffer<AlignedChar> chars_;
  Buffer<AlignedChar> scratch_;
};

std::vector<uint32_t> CodePointsOf(std::string_view text);

}  // namespace simile

#endif  // SIMILE_TEXT_ALIGNED_TEXT_H_

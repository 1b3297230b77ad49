// SPDX-License-Identifier: Apache-2.0
#include "text/split_patterns.h"

#include <utility>

#include "text/char_class.h"

namespace simile {
namespace {

constexpr std::pair<std::string_view, SplitPattern> kKnown[] = {
    {R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)",
     SplitPattern::kGpt2},
    {R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
     SplitPattern::kLlama3},
    {R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
     SplitPattern::kQwen2},
};

bool IsLineEnd(uint32_t c) { return c == '\r' || c == '\n'; }
bool IsOther(uint32_t c) { return !IsLetter(c) && !IsNumber(c) && !IsWhiteSpace(c); }

// (?i:…) knows one letter beside ASCII's that is one of these: ſ.
uint32_t FoldAscii(uint32_t c) {
  if (c == 0x17f) return 's';
  return c >= 'A' && c <= 'Z' ? c + 0x20 : c;
}

// A range of characters in which all matching is done.
class Range {
 public:
  Range(const AlignedChar* chars, size_t end) : chars_(chars), end_(end) {}

  uint32_t operator[](size_t i) const { return chars_[i].code_point; }
  bool Has(size_t i) const { return i < end_; }

  // The end of the run, of at most `limit` characters, from i on.
  template <typename F>
  size_t RunEnd(size_t i, F is_in, size_t limit = SIZE_MAX) const {
    size_t end = i;
    while (end < end_ && end - i < limit && is_in(chars_[end].code_point)) ++end;
    return end;
  }

  // 's|'t|'re|'ve|'m|'ll|'d
  size_t Contraction(size_t i, bool ignores_case) const {
    if (chars_[i].code_point != '\'' || !Has(i + 1)) return i;
    const auto letter = [&](size_t k) -> uint32_t {
      if (!Has(k)) return 0;
      return ignores_case ? FoldAscii(chars_[k].code_point) : chars_[k].code_point;
    };
    const uint32_t first = letter(i + 1);
    if (first == 's' || first == 't' || first == 'm' || first == 'd') return i + 2;
    const uint32_t second = letter(i + 2);
    const bool is_long = (first == 'r' && second == 'e') || (first == 'v' && second == 'e') ||
                         (first == 'l' && second == 'l');
    return is_long ? i + 3 : i;
  }

  // \s+(?!\S)|\s+
  size_t Spaces(size_t i) const {
    const size_t end = RunEnd(i, IsWhiteSpace);
    return Has(end) && end - i > 1 ? end - 1 : end;
  }

 private:
  const AlignedChar* chars_;
  size_t end_;
};

size_t MatchGpt2(const Range& text, size_t i) {
  if (const size_t end = text.Contraction(i, false); end != i) return end;
  const size_t word = text[i] == ' ' && text.Has(i + 1) ? i + 1 : i;
  if (IsLetter(text[word])) return text.RunEnd(word, IsLetter);
  if (IsNumber(text[word])) return text.RunEnd(word, IsNumber);
  if (IsOther(text[word])) return text.RunEnd(word, IsOther);
  return text.Spaces(i);
}

// Llama 3's and Qwen's, which differ in how many digits go together.
size_t MatchLlama(const Range& text, size_t i, size_t max_digits) {
  if (const size_t end = text.Contraction(i, true); end != i) return end;
  const uint32_t first = text[i];
  if (IsLetter(first)) return text.RunEnd(i, IsLetter);
  if (IsNumber(first)) return text.RunEnd(i, IsNumber, max_digits);
  if (!IsLineEnd(first) && text.Has(i + 1) && IsLetter(text[i + 1])) {
    return text.RunEnd(i + 1, IsLetter);
  }
  const size_t other = first == ' ' && text.Has(i + 1) ? i + 1 : i;
  if (IsOther(text[other])) return text.RunEnd(text.RunEnd(other, IsOther), IsLineEnd);
  // \s*[\r\n]+ up to the last line end of the white space
  size_t lines_end = i;
  for (size_t k = i, end = text.RunEnd(i, IsWhiteSpace); k < end; ++k) {
    if (IsLineEnd(text[k])) lines_end = k + 1;
  }
  return lines_end != i ? lines_end : text.Spaces(i);
}

}  // namespace

std::optional<SplitPattern> FindSplitPattern(std::string_view regex) {
  for (const auto& [known, pattern] : kKnown) {
    if (regex == known) return pattern;
  }
  return std::nullopt;
}

size_t MatchPattern(SplitPattern pattern, const AlignedChar* chars, size_t i, size_t end) {
  const Range text(chars, end);
  switch (pattern) {
    case SplitPattern::kGpt2:
      return MatchGpt2(text, i);
    case SplitPattern::kLlama3:
      return MatchLlama(text, i, 3);
    case SplitPattern::kQwen2:
      return MatchLlama(text, i, 1);
    case SplitPattern::kText:
      break;
  }
  return i;
}

}  // namespace simile

// SPDX-License-Identifier: Apache-2.0
#include "text/pre_tokenizer.h"

#include <string>
#include <utility>

#include "base/utf8.h"
#include "text/byte_level.h"
#include "text/char_class.h"
#include "text/split_patterns.h"

namespace simile {
namespace {

using Step = PreTokenizerStep;

// Turns the parts of a word, matches of a delimiter and what lies between them in
// turn, into words.
class Splitter {
 public:
  Splitter(SplitBehavior behavior, Buffer<Word>* out) : behavior_(behavior), out_(out) {}

  Status Add(size_t first, size_t last, bool is_match) {
    const bool was_match = std::exchange(last_was_match_, is_match);
    if (behavior_ == SplitBehavior::kRemoved && is_match) return Status();
    if (Joins(is_match, was_match)) {
      pending_last_ = last;
      is_pending_match_ = false;
      return Status();
    }
    SIMILE_RETURN_IF_ERROR(Finish());
    pending_first_ = first;
    pending_last_ = last;
    is_pending_match_ = is_match;
    return Status();
  }

  // Puts out what waits for a neighbour.
  Status Finish() {
    if (pending_first_ == pending_last_) return Status();
    const Word word = {static_cast<uint32_t>(pending_first_),
                       static_cast<uint32_t>(pending_last_)};
    pending_first_ = pending_last_;
    return out_->Append(word);
  }

 private:
  // Whether the part joins the one that waits.
  bool Joins(bool is_match, bool was_match) const {
    if (pending_first_ == pending_last_) return false;
    switch (behavior_) {
      case SplitBehavior::kContiguous:
        return is_match == was_match;
      case SplitBehavior::kMergedWithPrevious:
        return is_match && !was_match;
      case SplitBehavior::kMergedWithNext:
        return !is_match && is_pending_match_;
      default:
        return false;
    }
  }

  SplitBehavior behavior_;
  Buffer<Word>* out_;
  size_t pending_first_ = 0;
  size_t pending_last_ = 0;
  bool is_pending_match_ = false;
  bool last_was_match_ = false;
};

// match(i, end): the end of the delimiter at chars[i], or i.
template <typename F>
Status SplitWord(const Word& word, SplitBehavior behavior, bool inverts, F match,
                 Buffer<Word>* out) {
  Splitter splitter(behavior, out);
  size_t between = word.first;
  for (size_t i = word.first; i < word.last;) {
    const size_t end = match(i, word.last);
    if (end == i) {
      ++i;
      continue;
    }
    if (between < i) SIMILE_RETURN_IF_ERROR(splitter.Add(between, i, inverts));
    SIMILE_RETURN_IF_ERROR(splitter.Add(i, end, !inverts));
    i = between = end;
  }
  if (between < word.last) SIMILE_RETURN_IF_ERROR(splitter.Add(between, word.last, inverts));
  return splitter.Finish();
}

// Splits every word of `from` into words of the same characters.
template <typename F>
Status SplitAll(const Words& from, SplitBehavior behavior, bool inverts, F match,
                Buffer<Word>* out) {
  for (const Word& word : from.words) {
    SIMILE_RETURN_IF_ERROR(SplitWord(word, behavior, inverts, match, out));
  }
  return Status();
}

// As a match: one character for which is_delimiter holds.
template <typename F>
auto EachChar(const Words& words, F is_delimiter) {
  return [chars = words.chars.data(), is_delimiter](size_t i, size_t) {
    return is_delimiter(chars[i].code_point) ? i + 1 : i;
  };
}

Status SplitBert(Words* words, Words* scratch) {
  SIMILE_RETURN_IF_ERROR(SplitAll(*words, SplitBehavior::kRemoved, false,
                                  EachChar(*words, IsWhiteSpace), &scratch->words));
  std::swap(words->words, scratch->words);
  scratch->words.Clear();
  return SplitAll(*words, SplitBehavior::kIsolated, false, EachChar(*words, IsPunctuation),
                  &scratch->words);
}

// \w+|[^\w\s]+, of which the matches stay.
Status SplitWhitespace(const Words& words, Buffer<Word>* out) {
  const AlignedChar* chars = words.chars.data();
  const auto match = [chars](size_t i, size_t end) {
    const uint32_t first = chars[i].code_point;
    const bool is_word = IsWordChar(first);
    if (!is_word && IsWhiteSpace(first)) return i;
    while (i < end && IsWordChar(chars[i].code_point) == is_word &&
           (is_word || !IsWhiteSpace(chars[i].code_point))) {
      ++i;
    }
    return i;
  };
  return SplitAll(words, SplitBehavior::kRemoved, true, match, out);
}

Status SplitText(const Words& words, const Step& step, Buffer<Word>* out) {
  const AlignedChar* chars = words.chars.data();
  if (step.pattern != SplitPattern::kText) {
    const auto match = [&](size_t i, size_t end) {
      return MatchPattern(step.pattern, chars, i, end);
    };
    return SplitAll(words, step.behavior, step.invert, match, out);
  }
  const std::vector<uint32_t> wanted = CodePointsOf(step.text);
  const auto match = [&](size_t i, size_t end) {
    if (end - i < wanted.size()) return i;
    for (size_t k = 0; k < wanted.size(); ++k) {
      if (chars[i + k].code_point != wanted[k]) return i;
    }
    return i + wanted.size();
  };
  return SplitAll(words, step.behavior, step.invert, match, out);
}

Status AppendWord(const Words& from, const Word& word, uint32_t prefix, Words* to) {
  const size_t first = to->chars.size();
  if (prefix != 0) {
    AlignedChar c = from.chars[word.first];
    c.code_point = prefix;
    SIMILE_RETURN_IF_ERROR(to->chars.Append(c));
  }
  SIMILE_RETURN_IF_ERROR(
      to->chars.Append(from.chars.data() + word.first, word.last - word.first));
  return to->words.Append(
      {static_cast<uint32_t>(first), static_cast<uint32_t>(to->chars.size())});
}

// U+0020 becomes the replacement, which stands before a word that lacks it.
Status ApplyMetaspace(const Step& step, Words* words, Words* scratch) {
  const uint32_t replacement = DecodeUtf8(step.replacement, 0).code_point;
  for (AlignedChar& c : words->chars) {
    if (c.code_point == ' ') c.code_point = replacement;
  }
  for (const Word& word : words->words) {
    const bool is_wanted = step.prepend == Step::Prepend::kAlways ||
                           (step.prepend == Step::Prepend::kFirst && words->chars[word.first].begin == 0);
    const bool is_there = words->chars[word.first].code_point == replacement;
    SIMILE_RETURN_IF_ERROR(
        AppendWord(*words, word, is_wanted && !is_there ? replacement : 0, scratch));
  }
  if (!step.split) return Status();
  words->words.Clear();
  SIMILE_RETURN_IF_ERROR(SplitAll(
      *scratch, SplitBehavior::kMergedWithNext, false,
      EachChar(*scratch, [replacement](uint32_t c) { return c == replacement; }),
      &words->words));
  std::swap(words->words, scratch->words);
  return Status();
}

// Each character becomes its UTF-8 bytes, written as characters.
Status AppendBytes(const AlignedChar* chars, const Word& word, Words* to) {
  const size_t first = to->chars.size();
  for (size_t i = word.first; i < word.last; ++i) {
    char bytes[4];
    const size_t count = EncodeUtf8(chars[i].code_point, bytes);
    for (size_t k = 0; k < count; ++k) {
      AlignedChar c = chars[i];
      c.code_point = ByteLevelChar(static_cast<uint8_t>(bytes[k]));
      SIMILE_RETURN_IF_ERROR(to->chars.Append(c));
    }
  }
  return to->words.Append(
      {static_cast<uint32_t>(first), static_cast<uint32_t>(to->chars.size())});
}

Status ApplyByteLevel(const Step& step, Words* words, Words* scratch) {
  if (step.add_prefix_space) {
    for (const Word& word : words->words) {
      const bool is_there = words->chars[word.first].code_point == ' ';
      SIMILE_RETURN_IF_ERROR(AppendWord(*words, word, is_there ? 0 : ' ', scratch));
    }
    std::swap(*words, *scratch);
    scratch->chars.Clear();
    scratch->words.Clear();
  }
  if (step.use_regex) {
    Step gpt2;
    gpt2.pattern = SplitPattern::kGpt2;
    SIMILE_RETURN_IF_ERROR(SplitText(*words, gpt2, &scratch->words));
    std::swap(words->words, scratch->words);
    scratch->words.Clear();
  }
  for (const Word& word : words->words) {
    SIMILE_RETURN_IF_ERROR(AppendBytes(words->chars.data(), word, scratch));
  }
  return Status();
}

// What a step makes of `words` is in `scratch` afterwards: words alone where it
// leaves the characters as they are (false), else both (true).
Result<bool> ApplyStep(const Step& step, Words* words, Words* scratch) {
  Status status;
  switch (step.type) {
    case Step::Type::kBert:
      status = SplitBert(words, scratch);
      break;
    case Step::Type::kWhitespaceSplit:
      status = SplitAll(*words, SplitBehavior::kRemoved, false, EachChar(*words, IsWhiteSpace),
                        &scratch->words);
      break;
    case Step::Type::kWhitespace:
      status = SplitWhitespace(*words, &scratch->words);
      break;
    case Step::Type::kDigits:
      status = SplitAll(
          *words, step.individual_digits ? SplitBehavior::kIsolated : SplitBehavior::kContiguous,
          false, EachChar(*words, IsNumeric), &scratch->words);
      break;
    case Step::Type::kPunctuation:
      status = SplitAll(*words, step.behavior, false, EachChar(*words, IsPunctuation),
                        &scratch->words);
      break;
    case Step::Type::kSplit:
      status = SplitText(*words, step, &scratch->words);
      break;
    case Step::Type::kMetaspace:
      status = ApplyMetaspace(step, words, scratch);
      break;
    case Step::Type::kByteLevel:
      status = ApplyByteLevel(step, words, scratch);
      break;
  }
  if (!status.ok()) return status;
  return step.type == Step::Type::kMetaspace || step.type == Step::Type::kByteLevel;
}

}  // namespace

Result<PreTokenizer> PreTokenizer::Make(const std::vector<PreTokenizerStep>& steps) {
  for (const Step& step : steps) {
    if (step.type == Step::Type::kMetaspace && CodePointsOf(step.replacement).size() != 1) {
      return BadModel("tokenizer: the pre-tokenizer 'Metaspace': expected one character as "
                      "the replacement, found \"" + step.replacement + "\"");
    }
    if (step.type == Step::Type::kSplit && step.pattern == SplitPattern::kText &&
        step.text.empty()) {
      return BadModel("tokenizer: the pre-tokenizer 'Split' at nothing is not supported");
    }
  }
  PreTokenizer pre_tokenizer;
  pre_tokenizer.steps_ = steps;
  return pre_tokenizer;
}

Status PreTokenizer::Apply(Words* words, Words* scratch) const {
  for (const Step& step : steps_) {
    scratch->chars.Clear();
    scratch->words.Clear();
    SIMILE_ASSIGN_OR_RETURN(const bool has_chars, ApplyStep(step, words, scratch));
    std::swap(words->words, scratch->words);
    if (has_chars) std::swap(words->chars, scratch->chars);
  }
  return Status();
}

}  // namespace simile

// SPDX-License-Identifier: Apache-2.0
// BertNormalizer: a text, character by character, as BERT sees it: cleaned,
// Chinese characters apart, accents stripped, lower case. Nothing is copied: it
// looks at one character, or one run of combining marks, at a time.
// Reference: BertNormalizer and BertPreTokenizer of Hugging Face tokenizers.

#ifndef SIMILE_TEXT_BERT_NORMALIZER_H_
#define SIMILE_TEXT_BERT_NORMALIZER_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/buffer.h"
#include "base/status.h"
#include "text/unicode.h"

namespace simile {

struct BertNormalizerOptions {
  bool clean_text = true;
  bool lowercase = true;
  bool strip_accents = true;
  bool handle_chinese_chars = true;
};

enum class WordRole : uint8_t {
  kPart,   // of a word with its neighbours
  kAlone,  // a word of its own: punctuation, a Chinese character
  kBreak,  // between words, of none
};

// A character of the normalised text, and the bytes of the original text that it
// comes from.
struct NormalizedChar {
  uint32_t code_point;
  WordRole role;
  uint32_t begin;
  uint32_t end;
};

class BertNormalizer {
 public:
  BertNormalizer(std::string_view text, const BertNormalizerOptions& options)
      : text_(text), options_(options) {}

  // Starts anew with bytes [begin, end) of the text, which are normalised as if
  // nothing stood around them.
  void SetRange(size_t begin, size_t end);

  // The next character; false at the end, or if memory is out (see status()).
  bool Next(NormalizedChar* out);

  const Status& status() const { return status_; }

 private:
  // A combining character that waits for the end of its run to be ordered.
  struct Mark {
    NormalizedChar character;
    uint8_t combining_class;
    bool is_kept;    // not a mark that is stripped
    bool is_source;  // stands in the text itself, not only in a decomposition
  };

  Status ReadCharacter();
  Status Decompose(NormalizedChar character);
  Status AddStarter(const NormalizedChar& character);
  Status OrderMarks();
  Status AddLowerCase(NormalizedChar character);

  std::string_view text_;
  BertNormalizerOptions options_;
  size_t position_ = 0;
  size_t end_ = 0;
  Status status_;
  Buffer<NormalizedChar> ready_;  // from next_ready_ on, to be handed out
  size_t next_ready_ = 0;
  NormalizedChar last_starter_{};
  Buffer<Mark> marks_;      // the run of combining characters being read
  Buffer<uint64_t> order_;  // of marks_
};

}  // namespace simile

#endif  // SIMILE_TEXT_BERT_NORMALIZER_H_

// SPDX-License-Identifier: Apache-2.0
// TokenizerConfig: all that a model file says of its tokenizer beside the
// vocabulary. The parts are those of a tokenizer.json, in the order in which it
// runs them; a sequence of parts is a list.

#ifndef SIMILE_TEXT_TOKENIZER_CONFIG_H_
#define SIMILE_TEXT_TOKENIZER_CONFIG_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "text/sentencepiece.h"
#include "text/wordpiece.h"

namespace simile {

enum class TokenizerKind { kWordPiece, kUnigram, kBpe, kSentencepiece };

// A token that is cut out of the text before the model sees it, and its id,
// which need not be in the vocabulary.
struct AddedToken {
  std::string content;
  uint32_t id = 0;
  bool single_word = false;  // only where no letter or digit touches it
  bool lstrip = false;       // takes the white space before it, too
  bool rstrip = false;       // … after it
  bool normalized = false;   // is looked for in the normalised text, normalised itself
};

struct NormalizerStep {
  enum class Type : uint8_t {
    kBert,         // clean_text … strip_accents
    kPrecompiled,  // the map in the vocabulary
    kNfc,
    kNfd,
    kNfkc,
    kNfkd,
    kLowercase,
    kStripAccents,
    kNmt,
    kReplace,         // each `pattern` by `content`
    kCollapseSpaces,  // each run of two or more U+0020 by `content`
    kPrepend,         // `content` before a text that is not empty
    kStrip,           // white space at the ends
  };
  Type type = Type::kNfc;
  std::string pattern;
  std::string content;
  bool strip_left = true;
  bool strip_right = true;
  bool clean_text = true;
  bool handle_chinese_chars = true;
  bool strip_accents = true;
  bool lowercase = true;
};

enum class SplitBehavior : uint8_t {
  kRemoved,
  kIsolated,
  kMergedWithPrevious,
  kMergedWithNext,
  kContiguous,
};

// The regular expressions that are known, by the family that they come from.
enum class SplitPattern : uint8_t {
  kText,    // no expression: `text` literally
  kGpt2,    // 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
  kLlama3,  // (?i:'s|…)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|…
  kQwen2,   // the same with \p{N}
};

struct PreTokenizerStep {
  enum class Type : uint8_t {
    kBert,             // at white space, punctuation alone
    kMetaspace,        // replacement, prepend, split
    kWhitespaceSplit,  // at white space
    kWhitespace,       // \w+|[^\w\s]+
    kDigits,           // individual_digits
    kPunctuation,      // behavior
    kByteLevel,        // add_prefix_space, use_regex
    kSplit,            // pattern, text, behavior, invert
  };
  enum class Prepend : uint8_t { kAlways, kFirst, kNever };
  Type type = Type::kBert;
  std::string replacement = "▁";  // one character
  Prepend prepend = Prepend::kAlways;
  bool split = true;
  bool individual_digits = false;
  bool add_prefix_space = true;
  bool use_regex = true;
  SplitPattern pattern = SplitPattern::kText;
  std::string text;
  SplitBehavior behavior = SplitBehavior::kIsolated;
  bool invert = false;
};

// What a tokenizer.json does around and within its model.
struct TokenizerSteps {
  static constexpr uint32_t kNoId = 0xffffffff;
  static constexpr size_t kMaxAddedTokens = 16384;
  static constexpr size_t kMaxSteps = 32;     // of each list
  static constexpr size_t kMaxEndTokens = 8;  // before a text, and after it
  static constexpr size_t kMaxTextBytes = 1024;  // of a pattern, content or added token

  std::vector<AddedToken> added_tokens;
  std::vector<NormalizerStep> normalizers;
  std::vector<PreTokenizerStep> pre_tokenizers;
  std::vector<uint32_t> prefix_ids;
  std::vector<uint32_t> suffix_ids;
  // ByteLevel and RobertaProcessing: offsets leave white space out.
  bool trim_offsets = false;
  bool trim_keeps_prefix_space = true;

  uint32_t unk_id = kNoId;     // kNoId: a BPE that drops what it does not know
  bool fuse_unk = false;       // BPE: a run of unknown characters is one token
  bool byte_fallback = false;  // unknown characters become the tokens <0x00> …
  bool ignore_merges = false;  // BPE: a word that is a token is that token
};

struct TokenizerConfig {
  TokenizerKind kind = TokenizerKind::kWordPiece;
  // kWordPiece: `wordpiece` says it all, unless has_steps: then its vocabulary is in
  // `steps`' form and only max_word_chars and continuing_prefix count.
  WordPieceConfig wordpiece;
  bool has_steps = false;
  TokenizerSteps steps;                // kUnigram, kBpe
  SentencepieceConfig sentencepiece;   // kSentencepiece
  // How often a text's suffix stands between the texts of a pair; RoBERTa's kin: 2.
  static constexpr size_t kMaxPairSeparators = 8;
  uint32_t pair_separators = 1;
};

}  // namespace simile

#endif  // SIMILE_TEXT_TOKENIZER_CONFIG_H_

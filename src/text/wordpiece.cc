// SPDX-License-Identifier: Apache-2.0
#include "text/wordpiece.h"

#include <new>
#include <optional>
#include <utility>

#include "base/utf8.h"
#include "text/bert_normalizer.h"
#include "text/special_tokens.h"
#include "text/vocabulary.h"

namespace simile {
namespace {

// BERT's limit is 100; a word of more lies on nobody's stack.
constexpr uint32_t kMaxWordChars = 256;

// A word of the normalised text with, for each character, its last byte in the
// word and its place in the original text. Characters past the longest word that
// can be matched are counted, not kept.
struct Word {
  uint32_t char_count = 0;
  uint32_t begin = 0;  // in the original text
  uint32_t end = 0;
  uint32_t size_bytes = 0;
  char bytes[kMaxWordChars * 4];
  uint32_t byte_ends[kMaxWordChars];
  uint32_t begins[kMaxWordChars];
  uint32_t ends[kMaxWordChars];

  void Append(const NormalizedChar& character) {
    if (char_count == 0) begin = character.begin;
    end = character.end;
    if (char_count < kMaxWordChars) {
      size_bytes +=
          static_cast<uint32_t>(EncodeUtf8(character.code_point, bytes + size_bytes));
      byte_ends[char_count] = size_bytes;
      begins[char_count] = character.begin;
      ends[char_count] = character.end;
    }
    ++char_count;
  }

  void Clear() { char_count = size_bytes = 0; }

  // Characters [first, last).
  std::string_view Chars(uint32_t first, uint32_t last) const {
    const uint32_t from = first == 0 ? 0 : byte_ends[first - 1];
    return std::string_view(bytes + from, byte_ends[last - 1] - from);
  }
};

// Appends up to a limit and counts what comes.
class TokenSink {
 public:
  TokenSink(size_t limit, Buffer<Token>* tokens) : limit_(limit), tokens_(tokens) {}

  Status Add(const Token& token) {
    return count_++ < limit_ ? tokens_->Append(token) : Status();
  }
  size_t count() const { return count_; }

 private:
  size_t limit_;
  size_t count_ = 0;
  Buffer<Token>* tokens_;
};

// The pieces of one word.
struct Pieces {
  uint32_t count = 0;
  Token tokens[kMaxWordChars];
};

class WordPiece final : public Tokenizer {
 public:
  Status Init(Buffer<uint8_t> vocab, const WordPieceConfig& config);

  Result<TokenizeResult> Tokenize(std::string_view text, size_t max_tokens,
                                  Buffer<Token>* tokens) const override;
  size_t vocab_size() const override { return vocabulary_.size(); }

 private:
  Status FindToken(const std::string& token, uint32_t* id) const;
  Status TokenizeText(std::string_view text, TokenSink* sink) const;
  Status TokenizeRange(BertNormalizer* normalizer, TokenSink* sink) const;
  Status FinishWord(Word* word, TokenSink* sink) const;
  bool SplitWord(const Word& word, Pieces* pieces) const;
  uint32_t AddLongestPiece(const Word& word, uint32_t first, Pieces* pieces) const;

  Vocabulary vocabulary_;
  SpecialTokens special_tokens_;
  BertNormalizerOptions normalizer_options_;
  uint32_t max_word_chars_ = 0;
  std::string prefix_;
  PrefixHash prefix_hash_;
  uint32_t unk_id_ = 0;
  uint32_t cls_id_ = 0;
  uint32_t sep_id_ = 0;
};

Status WordPiece::Init(Buffer<uint8_t> vocab, const WordPieceConfig& config) {
  if (config.max_word_chars == 0 || config.max_word_chars > kMaxWordChars) {
    return BadModel("tokenizer: max_input_chars_per_word: expected 1 to " +
                    std::to_string(kMaxWordChars) + ", found " +
                    std::to_string(config.max_word_chars));
  }
  SIMILE_ASSIGN_OR_RETURN(vocabulary_, Vocabulary::Make(std::move(vocab)));
  SIMILE_RETURN_IF_ERROR(FindToken(config.unk_token, &unk_id_));
  SIMILE_RETURN_IF_ERROR(FindToken(config.cls_token, &cls_id_));
  SIMILE_RETURN_IF_ERROR(FindToken(config.sep_token, &sep_id_));
  SIMILE_ASSIGN_OR_RETURN(special_tokens_,
                          SpecialTokens::Make(config.special_tokens, vocabulary_));
  normalizer_options_ = {config.clean_text, config.lowercase, config.strip_accents,
                         config.handle_chinese_chars};
  max_word_chars_ = config.max_word_chars;
  prefix_ = config.continuing_prefix;
  prefix_hash_ = PrefixHash(prefix_);
  return Status();
}

Status WordPiece::FindToken(const std::string& token, uint32_t* id) const {
  const std::optional<uint32_t> found = vocabulary_.Find(token);
  if (!found) return BadModel("tokenizer.vocab lacks the special token '" + token + "'");
  *id = *found;
  return Status();
}

Result<TokenizeResult> WordPiece::Tokenize(std::string_view text, size_t max_tokens,
                                           Buffer<Token>* tokens) const {
  if (max_tokens < 2) {
    return InvalidArgument("max_tokens: expected at least 2, found " +
                           std::to_string(max_tokens));
  }
  if (text.size() >= (size_t{1} << 31)) {
    return InvalidArgument("text: expected less than 2^31 bytes, found " +
                           std::to_string(text.size()));
  }
  const size_t old_size = tokens->size();
  TokenSink sink(max_tokens - 2, tokens);
  Status status = tokens->Append({cls_id_, 0, 0});
  if (status.ok()) status = TokenizeText(text, &sink);
  if (status.ok()) status = tokens->Append({sep_id_, 0, 0});
  if (!status.ok()) {
    SIMILE_RETURN_IF_ERROR(tokens->Resize(old_size));  // shrinks: cannot fail
    return status;
  }
  const size_t full_count = sink.count() + 2;
  return TokenizeResult{full_count, full_count > max_tokens};
}

Status WordPiece::TokenizeText(std::string_view text, TokenSink* sink) const {
  BertNormalizer normalizer(text, normalizer_options_);
  for (size_t position = 0; position < text.size();) {
    const SpecialTokens::Match special = special_tokens_.FindNext(text, position);
    normalizer.SetRange(position, special.begin);
    SIMILE_RETURN_IF_ERROR(TokenizeRange(&normalizer, sink));
    if (special.end > special.begin) {
      SIMILE_RETURN_IF_ERROR(sink->Add({special.id, static_cast<uint32_t>(special.begin),
                                        static_cast<uint32_t>(special.end)}));
    }
    position = special.end;
  }
  return Status();
}

Status WordPiece::TokenizeRange(BertNormalizer* normalizer, TokenSink* sink) const {
  Word word;
  NormalizedChar character;
  while (normalizer->Next(&character)) {
    if (character.role == WordRole::kPart) {
      word.Append(character);
      continue;
    }
    SIMILE_RETURN_IF_ERROR(FinishWord(&word, sink));
    if (character.role == WordRole::kAlone) {
      word.Append(character);
      SIMILE_RETURN_IF_ERROR(FinishWord(&word, sink));
    }
  }
  SIMILE_RETURN_IF_ERROR(normalizer->status());
  return FinishWord(&word, sink);
}

// Adds the pieces of the word, if it is not empty, and empties it.
Status WordPiece::FinishWord(Word* word, TokenSink* sink) const {
  if (word->char_count == 0) return Status();
  Pieces pieces;
  if (!SplitWord(*word, &pieces)) {
    pieces.count = 1;
    pieces.tokens[0] = {unk_id_, word->begin, word->end};
  }
  word->Clear();
  for (uint32_t i = 0; i < pieces.count; ++i) {
    SIMILE_RETURN_IF_ERROR(sink->Add(pieces.tokens[i]));
  }
  return Status();
}

// False if some part of the word matches no token.
bool WordPiece::SplitWord(const Word& word, Pieces* pieces) const {
  if (word.char_count > max_word_chars_) return false;
  for (uint32_t first = 0; first < word.char_count;) {
    const uint32_t last = AddLongestPiece(word, first, pieces);
    if (last == first) return false;
    first = last;
  }
  return true;
}

// Matches characters from `first` on; returns where the match ends, `first` if
// there is none. All candidates are hashed in one pass, then looked up from the
// longest on.
uint32_t WordPiece::AddLongestPiece(const Word& word, uint32_t first, Pieces* pieces) const {
  const std::string_view prefix = first == 0 ? std::string_view() : prefix_;
  PrefixHash hash = first == 0 ? PrefixHash() : prefix_hash_;
  uint32_t hashes[kMaxWordChars];
  uint32_t last = first;
  size_t size_bytes = prefix.size();
  for (; last < word.char_count; ++last) {
    const std::string_view next = word.Chars(last, last + 1);
    size_bytes += next.size();
    if (size_bytes > vocabulary_.max_token_bytes()) break;
    hash.Extend(next);
    hashes[last] = hash.value();
  }
  for (; last > first; --last) {
    const std::optional<uint32_t> id =
        vocabulary_.Find(hashes[last - 1], prefix, word.Chars(first, last));
    if (!id) continue;
    pieces->tokens[pieces->count++] = {*id, word.begins[first], word.ends[last - 1]};
    return last;
  }
  return first;
}

}  // namespace

Result<std::unique_ptr<Tokenizer>> MakeWordPiece(Buffer<uint8_t> vocab,
                                                 const WordPieceConfig& config) {
  std::unique_ptr<WordPiece> tokenizer(new (std::nothrow) WordPiece);
  if (tokenizer == nullptr) return OutOfMemory("cannot allocate a tokenizer");
  SIMILE_RETURN_IF_ERROR(tokenizer->Init(std::move(vocab), config));
  return std::unique_ptr<Tokenizer>(std::move(tokenizer));
}

}  // namespace simile

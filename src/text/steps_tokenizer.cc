// SPDX-License-Identifier: Apache-2.0
#include "text/steps_tokenizer.h"

#include <algorithm>
#include <new>
#include <string>
#include <utility>

#include "base/utf8.h"
#include "text/added_tokens.h"
#include "text/byte_level.h"
#include "text/char_class.h"
#include "text/normalizer.h"
#include "text/piece_table.h"
#include "text/pre_tokenizer.h"
#include "text/subword_model.h"

namespace simile {
namespace {

bool IsTrimmed(const AlignedChar& c) {
  return c.code_point == kByteLevelSpace || IsWhiteSpace(c.code_point);
}

// Appends up to a limit, counts what comes, and trims offsets if that is asked for.
class TokenSink {
 public:
  TokenSink(std::string_view text, size_t limit, const TokenizerSteps& steps,
            Buffer<Token>* tokens)
      : text_(text), limit_(limit), steps_(steps), tokens_(tokens) {}

  // The token of chars [first, last).
  Status Add(uint32_t id, const AlignedChar* first, const AlignedChar* last) {
    if (count_++ >= limit_) return Status();
    Token token = {id, 0, 0};
    if (first != last) {
      token.begin = first->begin;
      token.end = (last - 1)->end;
      if (steps_.trim_offsets) Trim(first, last, &token);
    }
    return tokens_->Append(token);
  }

  size_t count() const { return count_; }

 private:
  // White space at a token's ends is left out of its offsets, but not the space that
  // the tokenizer may have added itself. As in the reference it is counted in the
  // token's text and taken off the original's.
  void Trim(const AlignedChar* first, const AlignedChar* last, Token* token) const {
    size_t leading = static_cast<size_t>(
        std::find_if_not(first, last, IsTrimmed) - first);
    size_t trailing = 0;
    while (trailing < static_cast<size_t>(last - first) && IsTrimmed(*(last - 1 - trailing))) {
      ++trailing;
    }
    const bool is_first = count_ == 1 || token->begin == 0;
    if (is_first && steps_.trim_keeps_prefix_space && leading == 1) leading = 0;
    for (; leading > 0 && token->begin < token->end; --leading) {
      token->begin += DecodeUtf8(text_, token->begin).size_bytes;
    }
    token->begin = std::min(token->begin, token->end);
    for (; trailing > 0 && token->end > token->begin; --trailing) {
      do {
        --token->end;
      } while (token->end > token->begin &&
               (static_cast<uint8_t>(text_[token->end]) & 0xc0) == 0x80);
    }
  }

  std::string_view text_;
  size_t limit_;
  size_t count_ = 0;
  const TokenizerSteps& steps_;
  Buffer<Token>* tokens_;
};

// The memory of one call.
struct Scratch {
  AlignedText text;
  Words words;
  Words other_words;
  SubwordScratch model;
};

class StepsTokenizer final : public Tokenizer {
 public:
  Status Init(Buffer<uint8_t> vocab, const TokenizerConfig& config);

  Result<TokenizeResult> Tokenize(std::string_view text, size_t max_tokens,
                                  Buffer<Token>* tokens) const override;
  size_t vocab_size() const override { return vocab_size_; }

 private:
  Status MakeModel(const TokenizerConfig& config);
  Status MakeAddedTokens();
  Status CheckIds() const;
  size_t end_tokens() const { return steps_.prefix_ids.size() + steps_.suffix_ids.size(); }
  Status TokenizeText(std::string_view text, TokenSink* sink) const;
  Status TokenizeRange(std::string_view text, size_t begin, size_t end, Scratch* scratch,
                       TokenSink* sink) const;
  Status SplitNormalized(Scratch* scratch, TokenSink* sink) const;
  Status TokenizeWords(size_t first, size_t last, Scratch* scratch, TokenSink* sink) const;

  PieceTable table_;
  TokenizerSteps steps_;
  AddedTokens raw_tokens_;         // looked for in the text as it is …
  AddedTokens normalized_tokens_;  // … and in the normalised text
  Normalizer normalizer_;
  PreTokenizer pre_tokenizer_;
  std::unique_ptr<SubwordModel> model_;
  size_t vocab_size_ = 0;
};

Status StepsTokenizer::Init(Buffer<uint8_t> vocab, const TokenizerConfig& config) {
  steps_ = config.steps;
  SIMILE_ASSIGN_OR_RETURN(table_, PieceTable::Make(std::move(vocab)));
  SIMILE_ASSIGN_OR_RETURN(normalizer_, Normalizer::Make(steps_.normalizers, table_.charsmap()));
  SIMILE_ASSIGN_OR_RETURN(pre_tokenizer_, PreTokenizer::Make(steps_.pre_tokenizers));
  SIMILE_RETURN_IF_ERROR(MakeModel(config));
  SIMILE_RETURN_IF_ERROR(MakeAddedTokens());
  return CheckIds();
}

Status StepsTokenizer::MakeModel(const TokenizerConfig& config) {
  switch (config.kind) {
    case TokenizerKind::kUnigram: {
      SIMILE_ASSIGN_OR_RETURN(model_, MakeUnigram(table_, steps_));
      return Status();
    }
    case TokenizerKind::kBpe: {
      SIMILE_ASSIGN_OR_RETURN(model_, MakeBpe(table_, steps_));
      return Status();
    }
    case TokenizerKind::kWordPiece: {
      SIMILE_ASSIGN_OR_RETURN(model_, MakeWordPieceModel(table_, config));
      return Status();
    }
    case TokenizerKind::kSentencepiece:
      break;
  }
  return InternalError("tokenizer: a kind without steps");
}

Status StepsTokenizer::MakeAddedTokens() {
  std::vector<AddedToken> raw;
  std::vector<AddedToken> normalized;
  vocab_size_ = table_.size();
  for (const AddedToken& token : steps_.added_tokens) {
    if (token.id >= PieceTable::kMaxPieces) {
      return BadModel("tokenizer: the added token '" + token.content + "' has the id " +
                      std::to_string(token.id) + ", which is too large");
    }
    vocab_size_ = std::max(vocab_size_, size_t{token.id} + 1);
    (token.normalized ? normalized : raw).push_back(token);
  }
  for (AddedToken& token : normalized) {
    SIMILE_ASSIGN_OR_RETURN(token.content, normalizer_.Apply(token.content));
  }
  SIMILE_ASSIGN_OR_RETURN(raw_tokens_, AddedTokens::Make(std::move(raw)));
  SIMILE_ASSIGN_OR_RETURN(normalized_tokens_, AddedTokens::Make(std::move(normalized)));
  return Status();
}

Status StepsTokenizer::CheckIds() const {
  for (const auto* ids : {&steps_.prefix_ids, &steps_.suffix_ids}) {
    for (const uint32_t id : *ids) {
      if (id < vocab_size_) continue;
      return BadModel("tokenizer: the special token " + std::to_string(id) +
                      " is past the vocabulary of " + std::to_string(vocab_size_));
    }
  }
  return Status();
}

Result<TokenizeResult> StepsTokenizer::Tokenize(std::string_view text, size_t max_tokens,
                                                Buffer<Token>* tokens) const {
  const size_t least = std::max(end_tokens(), size_t{2});
  if (max_tokens < least) {
    return InvalidArgument("max_tokens: expected at least " + std::to_string(least) +
                           ", found " + std::to_string(max_tokens));
  }
  if (text.size() >= (size_t{1} << 31)) {
    return InvalidArgument("text: expected less than 2^31 bytes, found " +
                           std::to_string(text.size()));
  }
  const size_t old_size = tokens->size();
  TokenSink sink(text, max_tokens - end_tokens(), steps_, tokens);
  Status status;
  for (const uint32_t id : steps_.prefix_ids) {
    if (status.ok()) status = tokens->Append({id, 0, 0});
  }
  if (status.ok()) status = TokenizeText(text, &sink);
  for (const uint32_t id : steps_.suffix_ids) {
    if (status.ok()) status = tokens->Append({id, 0, 0});
  }
  if (!status.ok()) {
    SIMILE_RETURN_IF_ERROR(tokens->Resize(old_size));  // shrinks: cannot fail
    return status;
  }
  const size_t full_count = sink.count() + end_tokens();
  return TokenizeResult{full_count, full_count > max_tokens};
}

Status StepsTokenizer::TokenizeText(std::string_view text, TokenSink* sink) const {
  Scratch scratch;
  AddedTokens::Search search;
  AddedTokens::Match match;
  size_t position = 0;
  while (raw_tokens_.FindNext(text, &search, &match)) {
    if (position < match.begin) {
      SIMILE_RETURN_IF_ERROR(TokenizeRange(text, position, match.begin, &scratch, sink));
    }
    SIMILE_RETURN_IF_ERROR(scratch.text.Assign(text, match.begin, match.end));
    const Buffer<AlignedChar>& chars = scratch.text.chars();
    SIMILE_RETURN_IF_ERROR(sink->Add(match.id, chars.begin(), chars.end()));
    position = match.end;
  }
  if (position == text.size()) return Status();
  return TokenizeRange(text, position, text.size(), &scratch, sink);
}

// Bytes [begin, end) of the text, in which no added token is meant literally.
Status StepsTokenizer::TokenizeRange(std::string_view text, size_t begin, size_t end,
                                     Scratch* scratch, TokenSink* sink) const {
  SIMILE_RETURN_IF_ERROR(scratch->text.Assign(text, begin, end));
  SIMILE_RETURN_IF_ERROR(normalizer_.Apply(&scratch->text));
  if (scratch->text.empty()) return Status();
  if (!normalized_tokens_.empty()) return SplitNormalized(scratch, sink);
  return TokenizeWords(0, scratch->text.size(), scratch, sink);
}

// Cuts the added tokens out of the normalised text.
Status StepsTokenizer::SplitNormalized(Scratch* scratch, TokenSink* sink) const {
  std::string normalized;
  SIMILE_RETURN_IF_ERROR(scratch->text.AppendUtf8(&normalized));
  const Buffer<AlignedChar>& chars = scratch->text.chars();
  size_t index = 0;  // of the character at `byte`
  size_t byte = 0;
  const auto index_of = [&](size_t target) {
    for (; byte < target; ++index) byte += DecodeUtf8(normalized, byte).size_bytes;
    // A match may lie in the white space that the one before took.
    for (; byte > target; --byte) index -= (normalized[byte - 1] & 0xc0) != 0x80;
    return index;
  };
  AddedTokens::Search search;
  AddedTokens::Match match;
  size_t first = 0;
  while (normalized_tokens_.FindNext(normalized, &search, &match)) {
    const size_t begin = index_of(match.begin);
    if (first < begin) {
      SIMILE_RETURN_IF_ERROR(TokenizeWords(first, begin, scratch, sink));
    }
    first = index_of(match.end);
    SIMILE_RETURN_IF_ERROR(
        sink->Add(match.id, chars.begin() + begin, chars.begin() + first));
  }
  return first == chars.size() ? Status() : TokenizeWords(first, chars.size(), scratch, sink);
}

// Chars [first, last) of the normalised text.
Status StepsTokenizer::TokenizeWords(size_t first, size_t last, Scratch* scratch,
                                     TokenSink* sink) const {
  Words& words = scratch->words;
  words.chars.Clear();
  words.words.Clear();
  const AlignedChar* chars = scratch->text.chars().data();
  SIMILE_RETURN_IF_ERROR(words.chars.Append(chars + first, last - first));
  SIMILE_RETURN_IF_ERROR(words.words.Append({0, static_cast<uint32_t>(last - first)}));
  SIMILE_RETURN_IF_ERROR(pre_tokenizer_.Apply(&words, &scratch->other_words));
  for (const Word& word : words.words) {
    const AlignedChar* begin = words.chars.data() + word.first;
    SIMILE_RETURN_IF_ERROR(model_->Cut(begin, word.last - word.first, &scratch->model));
    for (const Piece& piece : scratch->model.pieces) {
      SIMILE_RETURN_IF_ERROR(sink->Add(piece.id, begin + piece.first, begin + piece.last));
    }
  }
  return Status();
}

}  // namespace

Result<std::unique_ptr<Tokenizer>> MakeStepsTokenizer(Buffer<uint8_t> vocab,
                                                      const TokenizerConfig& config) {
  std::unique_ptr<StepsTokenizer> tokenizer(new (std::nothrow) StepsTokenizer);
  if (tokenizer == nullptr) return OutOfMemory("cannot allocate a tokenizer");
  SIMILE_RETURN_IF_ERROR(tokenizer->Init(std::move(vocab), config));
  return std::unique_ptr<Tokenizer>(std::move(tokenizer));
}

}  // namespace simile

// SPDX-License-Identifier: Apache-2.0
#include "text/sentencepiece.h"

#include <string>
#include <utility>

#include "text/piece_model.h"

namespace simile {
namespace {

// Tokenize keeps the added ids of a text that it cuts to two tokens.
constexpr size_t kMaxAddedIds = 2;
constexpr size_t kMaxTextBytes = size_t{1} << 31;

class Sentencepiece : public Tokenizer {
 public:
  Sentencepiece(std::unique_ptr<PieceModel> model, const SentencepieceConfig& config,
                LiteralTokens literals)
      : model_(std::move(model)), config_(config), literals_(std::move(literals)) {
    config_.literals.clear();
  }

  Result<TokenizeResult> Tokenize(std::string_view text, size_t max_tokens,
                                  Buffer<Token>* tokens) const override {
    if (text.size() >= kMaxTextBytes) {
      return InvalidArgument("the text has " + std::to_string(text.size()) +
                             " bytes, expected fewer than 2^31");
    }
    Buffer<Token> own;  // of the text itself
    SIMILE_RETURN_IF_ERROR(TokenizeText(text, &own));
    TokenizeResult result;
    const size_t added = config_.prefix_ids.size() + config_.suffix_ids.size();
    result.full_count = own.size() + added;
    result.truncated = result.full_count > max_tokens;
    const size_t kept = result.truncated ? max_tokens - added : own.size();
    SIMILE_RETURN_IF_ERROR(AppendAdded(config_.prefix_ids, tokens));
    SIMILE_RETURN_IF_ERROR(tokens->Append(own.data(), kept));
    SIMILE_RETURN_IF_ERROR(AppendAdded(config_.suffix_ids, tokens));
    return result;
  }

  size_t vocab_size() const override { return config_.vocab_size; }

 private:
  Status TokenizeText(std::string_view text, Buffer<Token>* tokens) const {
    for (size_t position = 0; position < text.size();) {
      const LiteralTokens::Match match = literals_.FindNext(text, position);
      SIMILE_RETURN_IF_ERROR(Cut(text, position, match.begin, tokens));
      if (match.end > match.begin) {
        SIMILE_RETURN_IF_ERROR(tokens->Append({match.id, static_cast<uint32_t>(match.begin),
                                               static_cast<uint32_t>(match.end)}));
      }
      position = match.end;
    }
    return Status();
  }

  // The part [begin, end) of the text, which holds no literal token.
  Status Cut(std::string_view text, size_t begin, size_t end, Buffer<Token>* tokens) const {
    if (begin == end) return Status();
    const size_t first = tokens->size();
    SIMILE_RETURN_IF_ERROR(model_->Cut(text.substr(begin, end - begin), tokens));
    const uint32_t unk_piece = model_->unk_piece();
    for (size_t i = first; i < tokens->size(); ++i) {
      Token& token = (*tokens)[i];
      token.id = token.id == unk_piece ? config_.unk_id : token.id + config_.id_offset;
      token.begin += static_cast<uint32_t>(begin);
      token.end += static_cast<uint32_t>(begin);
    }
    return Status();
  }

  static Status AppendAdded(const std::vector<uint32_t>& ids, Buffer<Token>* tokens) {
    for (const uint32_t id : ids) SIMILE_RETURN_IF_ERROR(tokens->Append({id, 0, 0}));
    return Status();
  }

  std::unique_ptr<PieceModel> model_;
  SentencepieceConfig config_;
  LiteralTokens literals_;
};

Status CheckId(const char* what, uint32_t id, size_t vocab_size) {
  if (id < vocab_size) return Status();
  return BadModel(std::string("tokenizer: ") + what + ": expected less than " +
                  std::to_string(vocab_size) + ", found " + std::to_string(id));
}

// Every id that a text can get is one of the vocabulary.
Status CheckConfig(const SentencepieceConfig& config, size_t pieces) {
  if (config.prefix_ids.size() + config.suffix_ids.size() > kMaxAddedIds) {
    return BadModel("tokenizer: more than " + std::to_string(kMaxAddedIds) +
                    " tokens are added to a text");
  }
  const uint64_t shifted = uint64_t{config.id_offset} + pieces;
  if (shifted > config.vocab_size) {
    return BadModel("tokenizer.model: " + std::to_string(pieces) + " pieces from id " +
                    std::to_string(config.id_offset) + " on are more than the vocabulary's " +
                    std::to_string(config.vocab_size));
  }
  SIMILE_RETURN_IF_ERROR(CheckId("unk_id", config.unk_id, config.vocab_size));
  for (const std::vector<uint32_t>* ids : {&config.prefix_ids, &config.suffix_ids}) {
    for (const uint32_t id : *ids) {
      SIMILE_RETURN_IF_ERROR(CheckId("an added id", id, config.vocab_size));
    }
  }
  for (const LiteralToken& token : config.literals) {
    SIMILE_RETURN_IF_ERROR(CheckId(token.text.c_str(), token.id, config.vocab_size));
  }
  return Status();
}

}  // namespace

Result<std::unique_ptr<Tokenizer>> MakeSentencepiece(Buffer<uint8_t> model,
                                                     const SentencepieceConfig& config) {
  SIMILE_ASSIGN_OR_RETURN(LiteralTokens literals, LiteralTokens::Make(config.literals));
  SIMILE_ASSIGN_OR_RETURN(
      std::unique_ptr<PieceModel> pieces,
      LoadPieceModel(std::string_view(reinterpret_cast<const char*>(model.data()),
                                      model.size())));
  SentencepieceConfig checked = config;
  if (checked.vocab_size == 0) {
    checked.vocab_size = static_cast<uint32_t>(pieces->piece_count()) + checked.id_offset;
  }
  SIMILE_RETURN_IF_ERROR(CheckConfig(checked, pieces->piece_count()));
  return std::unique_ptr<Tokenizer>(
      new Sentencepiece(std::move(pieces), checked, std::move(literals)));
}

}  // namespace simile

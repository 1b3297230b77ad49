// SPDX-License-Identifier: Apache-2.0
#include "model/tokenizer_config_json.h"

#include <string_view>

#include "model/config_json.h"
#include "model/sentencepiece_config_json.h"
#include "model/tokenizer_steps_json.h"

namespace simile {
namespace {

constexpr size_t kMaxSpecialTokens = 1024;
constexpr std::string_view kSteps = "steps";
constexpr std::string_view kPairSeparators = "pair_separators";
constexpr NameOf<TokenizerKind> kKinds[] = {
    {"wordpiece", TokenizerKind::kWordPiece},
    {"unigram", TokenizerKind::kUnigram},
    {"bpe", TokenizerKind::kBpe},
    {"sentencepiece", TokenizerKind::kSentencepiece},
};

void WordPieceToJson(const WordPieceConfig& config, Json* json) {
  json->Set("clean_text", config.clean_text);
  json->Set("lowercase", config.lowercase);
  json->Set("strip_accents", config.strip_accents);
  json->Set("handle_chinese_chars", config.handle_chinese_chars);
  json->Set("max_word_chars", config.max_word_chars);
  json->Set("continuing_prefix", config.continuing_prefix);
  json->Set("unk_token", config.unk_token);
  json->Set("cls_token", config.cls_token);
  json->Set("sep_token", config.sep_token);
  json->Set("special_tokens", TextsToJson(config.special_tokens));
}

Status ReadWordPieceModel(const JsonReader& reader, WordPieceConfig* config) {
  SIMILE_RETURN_IF_ERROR(
      ReadU32(reader, "max_word_chars", 1, 10000, &config->max_word_chars));
  return ReadText(reader, "continuing_prefix", &config->continuing_prefix);
}

Status WordPieceFromJson(const JsonReader& reader, WordPieceConfig* config) {
  SIMILE_RETURN_IF_ERROR(reader.Read("clean_text", &config->clean_text));
  SIMILE_RETURN_IF_ERROR(reader.Read("lowercase", &config->lowercase));
  SIMILE_RETURN_IF_ERROR(reader.Read("strip_accents", &config->strip_accents));
  SIMILE_RETURN_IF_ERROR(reader.Read("handle_chinese_chars", &config->handle_chinese_chars));
  SIMILE_RETURN_IF_ERROR(ReadWordPieceModel(reader, config));
  SIMILE_RETURN_IF_ERROR(ReadText(reader, "unk_token", &config->unk_token));
  SIMILE_RETURN_IF_ERROR(ReadText(reader, "cls_token", &config->cls_token));
  SIMILE_RETURN_IF_ERROR(ReadText(reader, "sep_token", &config->sep_token));
  return ReadTexts(reader, "special_tokens", kMaxSpecialTokens, &config->special_tokens);
}

}  // namespace

Json TokenizerToJson(const TokenizerConfig& config) {
  Json json;
  json.Set("type", NameIn(kKinds, config.kind));
  if (config.pair_separators != 1) {
    json.Set(std::string(kPairSeparators), config.pair_separators);
  }
  if (config.kind == TokenizerKind::kSentencepiece) {
    SentencepieceToJson(config.sentencepiece, &json);
    return json;
  }
  if (config.kind == TokenizerKind::kWordPiece) {
    if (!config.has_steps) {
      WordPieceToJson(config.wordpiece, &json);
      return json;
    }
    json.Set("max_word_chars", config.wordpiece.max_word_chars);
    json.Set("continuing_prefix", config.wordpiece.continuing_prefix);
  }
  json.Set(std::string(kSteps), StepsToJson(config.steps));
  return json;
}

Status TokenizerFromJson(const JsonReader& reader, TokenizerConfig* config) {
  SIMILE_RETURN_IF_ERROR(ReadName(reader, "type", "tokenizer", kKinds, &config->kind));
  SIMILE_RETURN_IF_ERROR(ReadOptionalU32(reader, kPairSeparators, 0,
                                         TokenizerConfig::kMaxPairSeparators,
                                         &config->pair_separators));
  if (config->kind == TokenizerKind::kSentencepiece) {
    return SentencepieceFromJson(reader, &config->sentencepiece);
  }
  if (config->kind == TokenizerKind::kWordPiece) {
    if (reader.json().Find(kSteps) == nullptr) {
      return WordPieceFromJson(reader, &config->wordpiece);
    }
    SIMILE_RETURN_IF_ERROR(ReadWordPieceModel(reader, &config->wordpiece));
  }
  config->has_steps = true;
  SIMILE_ASSIGN_OR_RETURN(const JsonReader steps, Section(reader, kSteps));
  return StepsFromJson(steps, &config->steps);
}

}  // namespace simile

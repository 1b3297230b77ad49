// SPDX-License-Identifier: Apache-2.0
#include "model/sentencepiece_config_json.h"

#include <cmath>
#include <utility>

#include "model/config_json.h"

namespace simile {
namespace {

constexpr int64_t kMaxId = 1 << 21;
constexpr size_t kMaxAddedIds = 8;  // MakeSentencepiece says how many fit a text

Json IdsToJson(const std::vector<uint32_t>& ids) {
  Json::Array values;
  for (const uint32_t id : ids) values.emplace_back(id);
  return Json(std::move(values));
}

Status ReadIds(const JsonReader& reader, std::string_view key, std::vector<uint32_t>* ids) {
  const Json* value = reader.json().Find(key);
  const Json::Array* values = value == nullptr ? nullptr : value->array();
  if (values == nullptr || values->size() > kMaxAddedIds) {
    return reader.Fail(key, "expected at most " + std::to_string(kMaxAddedIds) + " ids");
  }
  ids->clear();
  for (const Json& entry : *values) {
    const double* id = entry.number();
    if (id == nullptr || !(*id >= 0) || *id > kMaxId || *id != std::floor(*id)) {
      return reader.Fail(key, "expected ids");
    }
    ids->push_back(static_cast<uint32_t>(*id));
  }
  return Status();
}

Json LiteralToJson(const LiteralToken& token) {
  Json json;
  json.Set("text", token.text);
  json.Set("id", token.id);
  if (token.strip_left) json.Set("strip_left", true);
  if (token.strip_right) json.Set("strip_right", true);
  return json;
}

Status ReadLiterals(const JsonReader& reader, std::vector<LiteralToken>* literals) {
  const Json* value = reader.json().Find("literals");
  const Json::Array* values = value == nullptr ? nullptr : value->array();
  if (values == nullptr || values->size() > LiteralTokens::kMaxTokens) {
    return reader.Fail("literals", "expected at most " +
                                       std::to_string(LiteralTokens::kMaxTokens) + " tokens");
  }
  literals->clear();
  for (const Json& entry : *values) {
    const JsonReader token(entry, "tokenizer: 'literals'");
    LiteralToken literal;
    SIMILE_RETURN_IF_ERROR(ReadText(token, "text", &literal.text));
    SIMILE_RETURN_IF_ERROR(ReadU32(token, "id", 0, kMaxId, &literal.id));
    SIMILE_RETURN_IF_ERROR(token.ReadOptional("strip_left", &literal.strip_left));
    SIMILE_RETURN_IF_ERROR(token.ReadOptional("strip_right", &literal.strip_right));
    literals->push_back(std::move(literal));
  }
  return Status();
}

}  // namespace

void SentencepieceToJson(const SentencepieceConfig& config, Json* json) {
  json->Set("vocab_size", config.vocab_size);
  json->Set("id_offset", config.id_offset);
  json->Set("unk_id", config.unk_id);
  json->Set("prefix_ids", IdsToJson(config.prefix_ids));
  json->Set("suffix_ids", IdsToJson(config.suffix_ids));
  Json::Array literals;
  for (const LiteralToken& token : config.literals) literals.push_back(LiteralToJson(token));
  json->Set("literals", Json(std::move(literals)));
}

Status SentencepieceFromJson(const JsonReader& reader, SentencepieceConfig* config) {
  SIMILE_RETURN_IF_ERROR(ReadU32(reader, "vocab_size", 0, kMaxId, &config->vocab_size));
  SIMILE_RETURN_IF_ERROR(ReadU32(reader, "id_offset", 0, kMaxId, &config->id_offset));
  SIMILE_RETURN_IF_ERROR(ReadU32(reader, "unk_id", 0, kMaxId, &config->unk_id));
  SIMILE_RETURN_IF_ERROR(ReadIds(reader, "prefix_ids", &config->prefix_ids));
  SIMILE_RETURN_IF_ERROR(ReadIds(reader, "suffix_ids", &config->suffix_ids));
  return ReadLiterals(reader, &config->literals);
}

}  // namespace simile

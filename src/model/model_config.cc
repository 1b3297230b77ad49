// SPDX-License-Identifier: Apache-2.0
#include "model/model_config.h"

#include <algorithm>
#include <initializer_list>
#include <string_view>
#include <utility>

namespace simile {
namespace {

constexpr size_t kMaxGoldenTexts = 16;
constexpr size_t kMaxPrompts = 64;
constexpr size_t kMaxSpecialTokens = 1024;
constexpr size_t kMaxTextBytes = 4096;  // of each text, name and token
constexpr double kMinLayerNormEps = 1e-14;
constexpr double kMaxLayerNormEps = 1e-2;

const char* PoolingName(Pooling pooling) { return pooling == Pooling::kMean ? "mean" : "cls"; }
const char* PrecisionName(WeightPrecision precision) {
  return precision == WeightPrecision::kInt8 ? "int8" : "f32";
}

Json TextsToJson(const std::vector<std::string>& texts) {
  Json::Array array;
  for (const std::string& text : texts) array.push_back(text);
  return array;
}

Json ArchitectureToJson(const ModelConfig& config) {
  const BertShape& shape = config.bert;
  Json json;
  json.Set("type", config.architecture);
  json.Set("hidden_size", shape.hidden_size);
  json.Set("layers", shape.layers);
  json.Set("heads", shape.heads);
  json.Set("intermediate_size", shape.intermediate_size);
  json.Set("vocab_size", shape.vocab_size);
  json.Set("max_positions", shape.max_positions);
  json.Set("type_vocab_size", shape.type_vocab_size);
  json.Set("layer_norm_eps", shape.layer_norm_eps);
  json.Set("activation", "gelu");
  return json;
}

Json TokenizerToJson(const WordPieceConfig& tokenizer) {
  Json json;
  json.Set("type", "wordpiece");
  json.Set("clean_text", tokenizer.clean_text);
  json.Set("lowercase", tokenizer.lowercase);
  json.Set("strip_accents", tokenizer.strip_accents);
  json.Set("handle_chinese_chars", tokenizer.handle_chinese_chars);
  json.Set("max_word_chars", tokenizer.max_word_chars);
  json.Set("continuing_prefix", tokenizer.continuing_prefix);
  json.Set("unk_token", tokenizer.unk_token);
  json.Set("cls_token", tokenizer.cls_token);
  json.Set("sep_token", tokenizer.sep_token);
  json.Set("special_tokens", TextsToJson(tokenizer.special_tokens));
  return json;
}

Json RecipeToJson(const ModelConfig& config) {
  Json::Object prompts;
  for (const auto& [name, text] : config.prompts) prompts.emplace_back(name, text);
  Json json;
  json.Set("pooling", PoolingName(config.pooling));
  json.Set("normalize", config.normalize);
  json.Set("max_tokens", config.max_tokens);
  json.Set("prompts", std::move(prompts));
  return json;
}

// A member that must be an object; its reader names it in errors.
Result<JsonReader> Section(const JsonReader& parent, std::string_view key) {
  const Json* section = parent.json().Find(key);
  if (section == nullptr || section->object() == nullptr) {
    return parent.Fail(key, "expected an object");
  }
  return JsonReader(*section, parent.what() + ": '" + std::string(key) + "'");
}

Status ReadU32(const JsonReader& reader, std::string_view key, int64_t low, int64_t high,
               uint32_t* out) {
  int64_t value = 0;
  SIMILE_RETURN_IF_ERROR(reader.Read(key, low, high, &value));
  *out = static_cast<uint32_t>(value);
  return Status();
}

Status ReadText(const JsonReader& reader, std::string_view key, std::string* out) {
  SIMILE_RETURN_IF_ERROR(reader.Read(key, out));
  if (out->size() <= kMaxTextBytes) return Status();
  return reader.Fail(key, "expected at most " + std::to_string(kMaxTextBytes) + " bytes, found " +
                              std::to_string(out->size()));
}

// One of the names that this version knows for `what`.
Status ReadName(const JsonReader& reader, std::string_view key, std::string_view what,
                std::initializer_list<std::string_view> known, std::string* out) {
  SIMILE_RETURN_IF_ERROR(ReadText(reader, key, out));
  if (std::find(known.begin(), known.end(), *out) != known.end()) return Status();
  std::string names;
  for (const std::string_view name : known) {
    names += (names.empty() ? "'" : ", '") + std::string(name) + "'";
  }
  return BadModel(std::string(what) + " '" + *out + "' is not supported; this version reads " +
                  names);
}

Status ReadTexts(const JsonReader& reader, std::string_view key, size_t max_count,
                 std::vector<std::string>* out) {
  const Json* texts = reader.json().Find(key);
  if (texts == nullptr || texts->array() == nullptr || texts->array()->size() > max_count) {
    return reader.Fail(key, "expected a list of at most " + std::to_string(max_count) + " texts");
  }
  out->clear();
  for (const Json& text : *texts->array()) {
    if (text.string() == nullptr || text.string()->size() > kMaxTextBytes) {
      return reader.Fail(key, "expected texts of at most " + std::to_string(kMaxTextBytes) +
                                  " bytes");
    }
    out->push_back(*text.string());
  }
  return Status();
}

// Empty, or so many lower-case hex digits.
Status ReadHex(const JsonReader& reader, std::string_view key, size_t digits, std::string* out) {
  SIMILE_RETURN_IF_ERROR(reader.Read(key, out));
  const bool is_hex = out->find_first_not_of("0123456789abcdef") == std::string::npos;
  if (out->empty() || (out->size() == digits && is_hex)) return Status();
  return reader.Fail(key, "expected " + std::to_string(digits) + " lower-case hex digits");
}

Status ReadArchitecture(const JsonReader& reader, ModelConfig* config) {
  BertShape& shape = config->bert;
  std::string activation;
  SIMILE_RETURN_IF_ERROR(ReadName(reader, "type", "architecture", {"bert"}, &config->architecture));
  SIMILE_RETURN_IF_ERROR(ReadName(reader, "activation", "activation", {"gelu"}, &activation));
  SIMILE_RETURN_IF_ERROR(ReadU32(reader, "hidden_size", 1, 4096, &shape.hidden_size));
  SIMILE_RETURN_IF_ERROR(ReadU32(reader, "layers", 1, 64, &shape.layers));
  SIMILE_RETURN_IF_ERROR(ReadU32(reader, "heads", 1, shape.hidden_size, &shape.heads));
  SIMILE_RETURN_IF_ERROR(
      ReadU32(reader, "intermediate_size", 1, 16384, &shape.intermediate_size));
  SIMILE_RETURN_IF_ERROR(ReadU32(reader, "vocab_size", 1, 1 << 20, &shape.vocab_size));
  SIMILE_RETURN_IF_ERROR(ReadU32(reader, "max_positions", 2, 8192, &shape.max_positions));
  SIMILE_RETURN_IF_ERROR(ReadU32(reader, "type_vocab_size", 1, 16, &shape.type_vocab_size));
  SIMILE_RETURN_IF_ERROR(reader.Read("layer_norm_eps", &shape.layer_norm_eps));
  if (shape.hidden_size % shape.heads != 0) {
    return reader.Fail("heads", "hidden_size " + std::to_string(shape.hidden_size) +
                                    " is no multiple of " + std::to_string(shape.heads));
  }
  if (shape.layer_norm_eps < kMinLayerNormEps || shape.layer_norm_eps > kMaxLayerNormEps) {
    return reader.Fail("layer_norm_eps", "expected 1e-14 to 1e-2, found " +
                                             Json(shape.layer_norm_eps).Dump());
  }
  return Status();
}

Status ReadTokenizer(const JsonReader& reader, WordPieceConfig* tokenizer) {
  std::string type;
  SIMILE_RETURN_IF_ERROR(ReadName(reader, "type", "tokenizer", {"wordpiece"}, &type));
  SIMILE_RETURN_IF_ERROR(reader.Read("clean_text", &tokenizer->clean_text));
  SIMILE_RETURN_IF_ERROR(reader.Read("lowercase", &tokenizer->lowercase));
  SIMILE_RETURN_IF_ERROR(reader.Read("strip_accents", &tokenizer->strip_accents));
  SIMILE_RETURN_IF_ERROR(reader.Read("handle_chinese_chars", &tokenizer->handle_chinese_chars));
  SIMILE_RETURN_IF_ERROR(ReadU32(reader, "max_word_chars", 1, 1000, &tokenizer->max_word_chars));
  SIMILE_RETURN_IF_ERROR(ReadText(reader, "continuing_prefix", &tokenizer->continuing_prefix));
  SIMILE_RETURN_IF_ERROR(ReadText(reader, "unk_token", &tokenizer->unk_token));
  SIMILE_RETURN_IF_ERROR(ReadText(reader, "cls_token", &tokenizer->cls_token));
  SIMILE_RETURN_IF_ERROR(ReadText(reader, "sep_token", &tokenizer->sep_token));
  return ReadTexts(reader, "special_tokens", kMaxSpecialTokens, &tokenizer->special_tokens);
}

Status ReadPrompts(const JsonReader& prompts, ModelConfig* config) {
  const Json::Object& members = *prompts.json().object();
  if (members.size() > kMaxPrompts) {
    return BadModel(prompts.what() + ": expected at most " + std::to_string(kMaxPrompts) +
                    " prompts, found " + std::to_string(members.size()));
  }
  for (const auto& [name, text] : members) {
    if (name.size() > kMaxTextBytes || text.string() == nullptr ||
        text.string()->size() > kMaxTextBytes) {
      return BadModel(prompts.what() + ": expected texts of at most " +
                      std::to_string(kMaxTextBytes) + " bytes by name");
    }
    config->prompts.emplace_back(name, *text.string());
  }
  return Status();
}

Status ReadRecipe(const JsonReader& reader, ModelConfig* config) {
  std::string pooling;
  SIMILE_RETURN_IF_ERROR(ReadName(reader, "pooling", "pooling", {"mean", "cls"}, &pooling));
  config->pooling = pooling == "mean" ? Pooling::kMean : Pooling::kCls;
  SIMILE_RETURN_IF_ERROR(reader.Read("normalize", &config->normalize));
  SIMILE_RETURN_IF_ERROR(
      ReadU32(reader, "max_tokens", 2, config->bert.max_positions, &config->max_tokens));
  SIMILE_ASSIGN_OR_RETURN(const JsonReader prompts, Section(reader, "prompts"));
  return ReadPrompts(prompts, config);
}

Status ReadWeights(const JsonReader& reader, ModelConfig* config) {
  std::string precision;
  SIMILE_RETURN_IF_ERROR(
      ReadName(reader, "precision", "weight precision", {"int8", "f32"}, &precision));
  config->precision = precision == "int8" ? WeightPrecision::kInt8 : WeightPrecision::kF32;
  SIMILE_RETURN_IF_ERROR(reader.Read("smoothed", &config->smoothed));
  if (config->smoothed && config->precision == WeightPrecision::kF32) {
    return reader.Fail("smoothed", "f32 weights are never smoothed");
  }
  return ReadText(reader, "calibration", &config->calibration);
}

// What the file says of itself; none of it changes a vector.
Status ReadOrigin(const JsonReader& reader, ModelConfig* config) {
  SIMILE_RETURN_IF_ERROR(ReadText(reader, "name", &config->name));
  SIMILE_RETURN_IF_ERROR(ReadText(reader, "license", &config->license));
  SIMILE_RETURN_IF_ERROR(ReadText(reader, "source", &config->source));
  SIMILE_RETURN_IF_ERROR(ReadHex(reader, "source_sha256", 64, &config->source_sha256));
  SIMILE_RETURN_IF_ERROR(ReadHex(reader, "vector_space", 16, &config->vector_space));
  return ReadTexts(reader, "golden", kMaxGoldenTexts, &config->golden_texts);
}

Status ReadVersion(const JsonReader& reader) {
  int64_t version = 0;
  SIMILE_RETURN_IF_ERROR(reader.Read("version", 1, 1 << 30, &version));
  if (version == kFormatVersion) return Status();
  return BadModel("format version " + std::to_string(version) +
                  " is not supported; this version reads " + std::to_string(kFormatVersion));
}

}  // namespace

Json ModelConfigToJson(const ModelConfig& config) {
  Json weights;
  weights.Set("precision", PrecisionName(config.precision));
  weights.Set("smoothed", config.smoothed);
  weights.Set("calibration", config.calibration);
  Json json;
  json.Set("version", kFormatVersion);
  json.Set("name", config.name);
  json.Set("architecture", ArchitectureToJson(config));
  json.Set("tokenizer", TokenizerToJson(config.tokenizer));
  json.Set("recipe", RecipeToJson(config));
  json.Set("weights", std::move(weights));
  json.Set("license", config.license);
  json.Set("source", config.source);
  json.Set("source_sha256", config.source_sha256);
  json.Set("vector_space", config.vector_space);
  json.Set("golden", TextsToJson(config.golden_texts));
  return json;
}

Result<ModelConfig> ModelConfigFromJson(const Json& json) {
  const JsonReader reader(json, "recipe");
  SIMILE_RETURN_IF_ERROR(ReadVersion(reader));
  ModelConfig config;
  SIMILE_ASSIGN_OR_RETURN(const JsonReader architecture, Section(reader, "architecture"));
  SIMILE_RETURN_IF_ERROR(ReadArchitecture(architecture, &config));
  SIMILE_ASSIGN_OR_RETURN(const JsonReader tokenizer, Section(reader, "tokenizer"));
  SIMILE_RETURN_IF_ERROR(ReadTokenizer(tokenizer, &config.tokenizer));
  SIMILE_ASSIGN_OR_RETURN(const JsonReader recipe, Section(reader, "recipe"));
  SIMILE_RETURN_IF_ERROR(ReadRecipe(recipe, &config));
  SIMILE_ASSIGN_OR_RETURN(const JsonReader weights, Section(reader, "weights"));
  SIMILE_RETURN_IF_ERROR(ReadWeights(weights, &config));
  SIMILE_RETURN_IF_ERROR(ReadOrigin(reader, &config));
  return config;
}

}  // namespace simile

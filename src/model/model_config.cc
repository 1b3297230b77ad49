// SPDX-License-Identifier: Apache-2.0
#include "model/model_config.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>

#include "model/config_json.h"
#include "model/tokenizer_config_json.h"

namespace simile {
namespace {

constexpr size_t kMaxGoldenTexts = 16;
constexpr size_t kMaxPrompts = 64;
constexpr size_t kMaxDense = 4;
constexpr uint32_t kMaxDims = 8192;
constexpr uint32_t kMaxLabels = 1024;

constexpr NameOf<Pooling> kPoolings[] = {
    {"mean", Pooling::kMean},
    {"cls", Pooling::kCls},
    {"max", Pooling::kMax},
    {"mean_sqrt_len_tokens", Pooling::kMeanSqrtLen},
    {"weightedmean", Pooling::kWeightedMean},
    {"lasttoken", Pooling::kLast},
};
constexpr NameOf<WeightPrecision> kPrecisions[] = {{"int8", WeightPrecision::kInt8},
                                                   {"f32", WeightPrecision::kF32}};
constexpr NameOf<ProductInput> kProductInputNames[] = {
    {"attention", ProductInput::kAttention},
    {"attention_output", ProductInput::kAttentionOutput},
    {"intermediate", ProductInput::kIntermediate},
    {"output", ProductInput::kOutput},
};
constexpr NameOf<DenseActivation> kDenseActivations[] = {
    {"identity", DenseActivation::kIdentity},
    {"tanh", DenseActivation::kTanh},
    {"relu", DenseActivation::kRelu},
    {"gelu", DenseActivation::kGelu},
    {"sigmoid", DenseActivation::kSigmoid},
};

Json DenseToJson(const DenseConfig& dense) {
  Json json;
  json.Set("inputs", dense.inputs);
  json.Set("outputs", dense.outputs);
  json.Set("bias", dense.bias);
  json.Set("activation", NameIn(kDenseActivations, dense.activation));
  return json;
}

Json ClassifierToJson(const ClassifierConfig& classifier) {
  Json json;
  json.Set("labels", classifier.labels);
  json.Set("has_dense", classifier.has_dense);
  json.Set("dense_activation", NameIn(kDenseActivations, classifier.dense_activation));
  json.Set("score_activation", NameIn(kDenseActivations, classifier.score_activation));
  return json;
}

// What only some models have is left out where a model has it not, so that the others'
// vector spaces stay what they were.
Json RecipeToJson(const ModelConfig& config) {
  Json::Object prompts;
  for (const auto& [name, text] : config.prompts) prompts.emplace_back(name, text);
  Json json;
  json.Set("pooling", NameIn(kPoolings, config.pooling));
  json.Set("normalize", config.normalize);
  json.Set("max_tokens", config.max_tokens);
  json.Set("prompts", std::move(prompts));
  if (!config.default_prompt.empty()) json.Set("default_prompt", config.default_prompt);
  if (!config.dense.empty()) {
    Json::Array layers;
    for (const DenseConfig& dense : config.dense) layers.push_back(DenseToJson(dense));
    json.Set("dense", std::move(layers));
  }
  if (config.classifier.labels != 0) json.Set("classifier", ClassifierToJson(config.classifier));
  return json;
}

// {"output": [1, 29]}: the layers by input.
Json TwoPartInputsToJson(const std::vector<LayerInput>& inputs) {
  Json json;
  for (const NameOf<ProductInput>& entry : kProductInputNames) {
    Json::Array layers;
    for (const LayerInput& at : inputs) {
      if (at.input == entry.value) layers.push_back(at.layer);
    }
    if (!layers.empty()) json.Set(entry.name, std::move(layers));
  }
  return json;
}

Json WeightsToJson(const ModelConfig& config) {
  Json json;
  json.Set("precision", NameIn(kPrecisions, config.precision));
  if (config.f32_type_embeddings) json.Set("type_embeddings", "f32");
  json.Set("smoothed", config.smoothed);
  if (config.outputs_smoothed) json.Set("outputs_smoothed", true);
  if (!config.two_part_inputs.empty()) {
    json.Set("two_part_inputs", TwoPartInputsToJson(config.two_part_inputs));
  }
  json.Set("calibration", config.calibration);
  return json;
}

// Empty, or so many lower-case hex digits.
Status ReadHex(const JsonReader& reader, std::string_view key, size_t digits, std::string* out) {
  SIMILE_RETURN_IF_ERROR(reader.Read(key, out));
  const bool is_hex = out->find_first_not_of("0123456789abcdef") == std::string::npos;
  if (out->empty() || (out->size() == digits && is_hex)) return Status();
  return reader.Fail(key, "expected " + std::to_string(digits) + " lower-case hex digits");
}

Status ReadPrompts(const JsonReader& recipe, ModelConfig* config) {
  SIMILE_ASSIGN_OR_RETURN(const JsonReader prompts, Section(recipe, "prompts"));
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
  SIMILE_RETURN_IF_ERROR(recipe.ReadOptional("default_prompt", &config->default_prompt));
  const bool is_known =
      config->default_prompt.empty() ||
      std::any_of(members.begin(), members.end(),
                  [&](const auto& prompt) { return prompt.first == config->default_prompt; });
  if (is_known) return Status();
  return recipe.Fail("default_prompt", "there is no prompt of that name among 'prompts'");
}

Status ReadDense(const JsonReader& recipe, ModelConfig* config) {
  const Json* layers = recipe.json().Find("dense");
  if (layers == nullptr) return Status();
  if (layers->array() == nullptr || layers->array()->size() > kMaxDense) {
    return recipe.Fail("dense", "expected a list of at most " + std::to_string(kMaxDense));
  }
  for (const Json& layer : *layers->array()) {
    const JsonReader reader(layer, recipe.what() + ": 'dense'");
    DenseConfig dense;
    // Each layer takes what the one before it gives.
    const uint32_t inputs = config->dims();
    SIMILE_RETURN_IF_ERROR(ReadU32(reader, "inputs", inputs, inputs, &dense.inputs));
    SIMILE_RETURN_IF_ERROR(ReadU32(reader, "outputs", 1, kMaxDims, &dense.outputs));
    SIMILE_RETURN_IF_ERROR(reader.Read("bias", &dense.bias));
    SIMILE_RETURN_IF_ERROR(
        ReadName(reader, "activation", "activation", kDenseActivations, &dense.activation));
    config->dense.push_back(dense);
  }
  return Status();
}

Status ReadClassifier(const JsonReader& recipe, ModelConfig* config) {
  if (recipe.json().Find("classifier") == nullptr) return Status();
  SIMILE_ASSIGN_OR_RETURN(const JsonReader reader, Section(recipe, "classifier"));
  ClassifierConfig& classifier = config->classifier;
  SIMILE_RETURN_IF_ERROR(ReadU32(reader, "labels", 1, kMaxLabels, &classifier.labels));
  SIMILE_RETURN_IF_ERROR(reader.Read("has_dense", &classifier.has_dense));
  SIMILE_RETURN_IF_ERROR(ReadName(reader, "dense_activation", "activation", kDenseActivations,
                                  &classifier.dense_activation));
  SIMILE_RETURN_IF_ERROR(ReadName(reader, "score_activation", "activation", kDenseActivations,
                                  &classifier.score_activation));
  const bool embeds =
      config->pooling != Pooling::kCls || config->normalize || !config->dense.empty();
  if (!embeds) return Status();
  return recipe.Fail("classifier", "goes with pooling 'cls' and neither normalize nor dense");
}

Status ReadRecipe(const JsonReader& reader, ModelConfig* config) {
  SIMILE_RETURN_IF_ERROR(ReadName(reader, "pooling", "pooling", kPoolings, &config->pooling));
  SIMILE_RETURN_IF_ERROR(reader.Read("normalize", &config->normalize));
  SIMILE_RETURN_IF_ERROR(
      ReadU32(reader, "max_tokens", 2, config->encoder.max_positions, &config->max_tokens));
  SIMILE_RETURN_IF_ERROR(ReadPrompts(reader, config));
  SIMILE_RETURN_IF_ERROR(ReadDense(reader, config));
  return ReadClassifier(reader, config);
}

// Absent where they are as the rest of the file.
Status ReadTypePrecision(const JsonReader& reader, ModelConfig* config) {
  if (reader.json().Find("type_embeddings") == nullptr) return Status();
  WeightPrecision precision = config->precision;
  SIMILE_RETURN_IF_ERROR(
      ReadName(reader, "type_embeddings", "weight precision", kPrecisions, &precision));
  const bool is_other = precision == WeightPrecision::kF32 &&
                        config->precision == WeightPrecision::kInt8 &&
                        config->encoder.type_vocab_size != 0;
  if (!is_other) {
    return reader.Fail("type_embeddings", "goes as f32 with int8 weights and token types alone");
  }
  config->f32_type_embeddings = true;
  return Status();
}

Status ReadLayers(const JsonReader& inputs, const std::string& name, ModelConfig* config) {
  LayerInput at;
  SIMILE_RETURN_IF_ERROR(FindName("product input", name, kProductInputNames, &at.input));
  const Json::Array* layers = inputs.json().Find(name)->array();
  const std::string expected = "expected one or more layers below " +
                               std::to_string(config->encoder.layers) + ", in ascending order";
  if (layers == nullptr || layers->empty()) return inputs.Fail(name, expected);
  int64_t next = 0;  // the lowest layer that may come
  for (const Json& layer : *layers) {
    const double* number = layer.number();
    if (number == nullptr || !(*number >= static_cast<double>(next)) ||
        !(*number < config->encoder.layers) || *number != std::floor(*number)) {
      return inputs.Fail(name, expected);
    }
    at.layer = static_cast<uint32_t>(*number);
    next = int64_t{at.layer} + 1;
    config->two_part_inputs.push_back(at);
  }
  return Status();
}

// Absent where there are none.
Status ReadTwoPartInputs(const JsonReader& weights, ModelConfig* config) {
  if (weights.json().Find("two_part_inputs") == nullptr) return Status();
  if (config->precision != WeightPrecision::kInt8) {
    return weights.Fail("two_part_inputs", "goes with int8 weights alone");
  }
  SIMILE_ASSIGN_OR_RETURN(const JsonReader inputs, Section(weights, "two_part_inputs"));
  for (const auto& [name, layers] : *inputs.json().object()) {
    SIMILE_RETURN_IF_ERROR(ReadLayers(inputs, name, config));
  }
  if (!config->two_part_inputs.empty()) return Status();
  return weights.Fail("two_part_inputs", "expected one or more inputs");
}

Status ReadWeights(const JsonReader& reader, ModelConfig* config) {
  SIMILE_RETURN_IF_ERROR(
      ReadName(reader, "precision", "weight precision", kPrecisions, &config->precision));
  SIMILE_RETURN_IF_ERROR(ReadTypePrecision(reader, config));
  SIMILE_RETURN_IF_ERROR(reader.Read("smoothed", &config->smoothed));
  SIMILE_RETURN_IF_ERROR(reader.ReadOptional("outputs_smoothed", &config->outputs_smoothed));
  if (config->smoothed && config->precision == WeightPrecision::kF32) {
    return reader.Fail("smoothed", "f32 weights are never smoothed");
  }
  if (config->outputs_smoothed && !config->smoothed) {
    return reader.Fail("outputs_smoothed", "goes with smoothed alone");
  }
  SIMILE_RETURN_IF_ERROR(ReadTwoPartInputs(reader, config));
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
  Json json;
  json.Set("version", kFormatVersion);
  json.Set("name", config.name);
  json.Set("architecture", EncoderConfigToJson(config.encoder));
  json.Set("tokenizer", TokenizerToJson(config.tokenizer));
  json.Set("recipe", RecipeToJson(config));
  json.Set("weights", WeightsToJson(config));
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
  SIMILE_RETURN_IF_ERROR(EncoderConfigFromJson(architecture, &config.encoder));
  SIMILE_ASSIGN_OR_RETURN(const JsonReader tokenizer, Section(reader, "tokenizer"));
  SIMILE_RETURN_IF_ERROR(TokenizerFromJson(tokenizer, &config.tokenizer));
  SIMILE_ASSIGN_OR_RETURN(const JsonReader recipe, Section(reader, "recipe"));
  SIMILE_RETURN_IF_ERROR(ReadRecipe(recipe, &config));
  SIMILE_ASSIGN_OR_RETURN(const JsonReader weights, Section(reader, "weights"));
  SIMILE_RETURN_IF_ERROR(ReadWeights(weights, &config));
  SIMILE_RETURN_IF_ERROR(ReadOrigin(reader, &config));
  return config;
}

}  // namespace simile

// SPDX-License-Identifier: Apache-2.0
#include "model/model_tensors.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

namespace simile {
namespace {

EncoderConfig SmallShape() {
  EncoderConfig shape;
  shape.hidden_size = shape.embedding_size = 8;
  shape.layers = 3;
  shape.heads = shape.kv_heads = 2;
  shape.head_size = 4;
  shape.intermediate_size = 16;
  shape.vocab_size = 40;
  shape.max_positions = 32;
  shape.type_vocab_size = 2;
  return shape;
}

ModelConfig SmallConfig(WeightPrecision precision, bool smoothed) {
  ModelConfig config;
  config.encoder = SmallShape();
  config.precision = precision;
  config.smoothed = smoothed;
  config.golden_texts = {"a", "b", "c"};
  return config;
}

std::string Line(const TensorSpec& spec) {
  std::string line = spec.name + " " + DTypeName(spec.dtype);
  for (uint64_t n : spec.shape) line += " " + std::to_string(n);
  return line;
}

std::vector<std::string> Lines(const std::vector<TensorSpec>& specs, int layer) {
  std::vector<std::string> lines;
  for (const TensorSpec& spec : specs) {
    if (spec.layer == layer) lines.push_back(Line(spec));
  }
  return lines;
}

// The header of a file that has exactly these tensors.
SafetensorsHeader HeaderOf(const std::vector<TensorSpec>& specs) {
  SafetensorsHeader header;
  for (const TensorSpec& spec : specs) {
    TensorInfo tensor;
    tensor.name = spec.name;
    tensor.dtype = spec.dtype;
    tensor.shape = spec.shape;
    if (spec.role == TensorRole::kTokenizer) tensor.shape = {77};
    header.tensors.push_back(tensor);
  }
  return header;
}

TensorInfo& TensorOf(SafetensorsHeader* header, const std::string& name) {
  return *std::find_if(header->tensors.begin(), header->tensors.end(),
                       [&](const TensorInfo& tensor) { return tensor.name == name; });
}

TEST(ModelTensors, ListsTheTensorsOutsideTheLayersInInt8) {
  const auto specs = ModelTensorSpecs(SmallConfig(WeightPrecision::kInt8, true));
  const std::vector<std::string> expected = {
      "tokenizer.vocab U8 0",
      "embeddings.word_embeddings.weight_scale F32 40",
      "embeddings.word_embeddings.weight I8 40 8",
      "embeddings.position_embeddings.weight_scale F32 32",
      "embeddings.position_embeddings.weight I8 32 8",
      "embeddings.token_type_embeddings.weight_scale F32 2",
      "embeddings.token_type_embeddings.weight I8 2 8",
      "embeddings.LayerNorm.weight F32 8",
      "embeddings.LayerNorm.bias F32 8",
      "golden.vectors F32 3 8",
  };
  EXPECT_EQ(Lines(specs, -1), expected);
  EXPECT_EQ(specs.front().name, "tokenizer.vocab");
  EXPECT_EQ(specs.back().name, "golden.vectors");
}

TEST(ModelTensors, TypeEmbeddingsInF32HaveNoScales) {
  ModelConfig config = SmallConfig(WeightPrecision::kInt8, true);
  const size_t tensors = ModelTensorSpecs(config).size();
  config.f32_type_embeddings = true;
  const auto lines = Lines(ModelTensorSpecs(config), -1);
  EXPECT_EQ(ModelTensorSpecs(config).size(), tensors - 1);
  EXPECT_EQ(lines[5], "embeddings.token_type_embeddings.weight F32 2 8");
}

TEST(ModelTensors, ListsTheTensorsOfALayerInInt8WithSmoothing) {
  const auto specs = ModelTensorSpecs(SmallConfig(WeightPrecision::kInt8, true));
  const std::vector<std::string> expected = {
      "encoder.layer.2.attention.self.smoothing F32 8",
      "encoder.layer.2.intermediate.smoothing F32 8",
      "encoder.layer.2.attention.self.query.bias F32 8",
      "encoder.layer.2.attention.self.query.weight_scale F32 8",
      "encoder.layer.2.attention.self.query.weight I8 8 8",
      "encoder.layer.2.attention.self.key.bias F32 8",
      "encoder.layer.2.attention.self.key.weight_scale F32 8",
      "encoder.layer.2.attention.self.key.weight I8 8 8",
      "encoder.layer.2.attention.self.value.bias F32 8",
      "encoder.layer.2.attention.self.value.weight_scale F32 8",
      "encoder.layer.2.attention.self.value.weight I8 8 8",
      "encoder.layer.2.attention.output.dense.bias F32 8",
      "encoder.layer.2.attention.output.dense.weight_scale F32 8",
      "encoder.layer.2.attention.output.dense.weight I8 8 8",
      "encoder.layer.2.attention.output.LayerNorm.weight F32 8",
      "encoder.layer.2.attention.output.LayerNorm.bias F32 8",
      "encoder.layer.2.intermediate.dense.bias F32 16",
      "encoder.layer.2.intermediate.dense.weight_scale F32 16",
      "encoder.layer.2.intermediate.dense.weight I8 16 8",
      "encoder.layer.2.output.dense.bias F32 8",
      "encoder.layer.2.output.dense.weight_scale F32 8",
      "encoder.layer.2.output.dense.weight I8 8 16",
      "encoder.layer.2.output.LayerNorm.weight F32 8",
      "encoder.layer.2.output.LayerNorm.bias F32 8",
  };
  EXPECT_EQ(Lines(specs, 2), expected);
}

TEST(ModelTensors, ListsNeitherScalesNorSmoothingInF32) {
  const auto int8 = ModelTensorSpecs(SmallConfig(WeightPrecision::kInt8, true));
  const auto f32 = ModelTensorSpecs(SmallConfig(WeightPrecision::kF32, false));
  std::vector<std::string> expected, found;
  for (const TensorSpec& spec : int8) {
    const bool is_extra = spec.name.ends_with("_scale") || spec.name.ends_with(".smoothing");
    if (!is_extra) expected.push_back(spec.name);
  }
  for (const TensorSpec& spec : f32) {
    found.push_back(spec.name);
    EXPECT_EQ(spec.dtype, spec.name == "tokenizer.vocab" ? DType::kU8 : DType::kF32);
  }
  EXPECT_EQ(found, expected);
}

TEST(ModelTensors, GivesEachTensorOfALayerItsOwnRoleAndEachScaleTheRoleAfterItsWeight) {
  const auto specs = ModelTensorSpecs(SmallConfig(WeightPrecision::kInt8, true));
  std::map<std::string, TensorRole> roles;
  std::set<std::pair<int, int>> seen;
  for (const TensorSpec& spec : specs) {
    roles[spec.name] = spec.role;
    EXPECT_TRUE(seen.insert({spec.layer, static_cast<int>(spec.role)}).second) << spec.name;
  }
  for (const auto& [name, role] : roles) {
    const auto scale = roles.find(name + "_scale");
    if (scale == roles.end()) continue;
    EXPECT_EQ(static_cast<int>(scale->second), static_cast<int>(role) + 1) << name;
    const auto bias = roles.find(name.substr(0, name.size() - 6) + "bias");
    if (bias == roles.end()) continue;
    EXPECT_EQ(static_cast<int>(bias->second), static_cast<int>(role) + 2) << name;
  }
}

TEST(ModelTensors, AcceptsTheExactListInAnyOrder) {
  for (const bool smoothed : {false, true}) {
    const auto specs = ModelTensorSpecs(SmallConfig(WeightPrecision::kInt8, smoothed));
    SafetensorsHeader header = HeaderOf(specs);
    EXPECT_TRUE(CheckTensors(header, specs).ok());
    std::reverse(header.tensors.begin(), header.tensors.end());
    EXPECT_TRUE(CheckTensors(header, specs).ok());
  }
}

TEST(ModelTensors, NamesTheTensorThatIsMissing) {
  const auto specs = ModelTensorSpecs(SmallConfig(WeightPrecision::kInt8, true));
  for (size_t i = 0; i < specs.size(); ++i) {
    SafetensorsHeader header = HeaderOf(specs);
    header.tensors.erase(header.tensors.begin() + static_cast<ptrdiff_t>(i));
    const std::string message = CheckTensors(header, specs).message();
    EXPECT_TRUE(message.starts_with("tensor '" + specs[i].name + "': expected ")) << message;
    EXPECT_TRUE(message.ends_with(", file has none of that name")) << message;
  }
}

TEST(ModelTensors, NamesTheTensorThatIsForeign) {
  const auto specs = ModelTensorSpecs(SmallConfig(WeightPrecision::kInt8, false));
  SafetensorsHeader header = HeaderOf(specs);
  TensorInfo foreign;
  foreign.name = "pooler.dense.weight";
  header.tensors.insert(header.tensors.begin() + 3, foreign);
  const Status status = CheckTensors(header, specs);
  EXPECT_EQ(status.code(), StatusCode::kBadModel);
  EXPECT_EQ(status.message(), "tensor 'pooler.dense.weight': foreign to this architecture");
}

TEST(ModelTensors, NamesExpectedAndFoundShapeAndDtype) {
  const auto specs = ModelTensorSpecs(SmallConfig(WeightPrecision::kInt8, false));
  const std::string name = "encoder.layer.1.intermediate.dense.weight";
  const auto refusal = [&](DType dtype, std::vector<uint64_t> shape) {
    SafetensorsHeader header = HeaderOf(specs);
    TensorOf(&header, name).dtype = dtype;
    TensorOf(&header, name).shape = std::move(shape);
    return CheckTensors(header, specs).message();
  };
  const std::string expected = "tensor '" + name + "': expected I8 [16, 8], file has ";
  EXPECT_EQ(refusal(DType::kI8, {16, 7}), expected + "I8 [16, 7]");
  EXPECT_EQ(refusal(DType::kI8, {8, 16}), expected + "I8 [8, 16]");
  EXPECT_EQ(refusal(DType::kI8, {128}), expected + "I8 [128]");
  EXPECT_EQ(refusal(DType::kI8, {0, 8}), expected + "I8 [0, 8]");
  EXPECT_EQ(refusal(DType::kI8, {}), expected + "I8 []");
  EXPECT_EQ(refusal(DType::kU8, {16, 8}), expected + "U8 [16, 8]");
}

TEST(ModelTensors, RefusesAnEmptyVocabulary) {
  const auto specs = ModelTensorSpecs(SmallConfig(WeightPrecision::kInt8, false));
  SafetensorsHeader header = HeaderOf(specs);
  TensorOf(&header, "tokenizer.vocab").shape = {0};
  EXPECT_EQ(CheckTensors(header, specs).message(),
            "tensor 'tokenizer.vocab': expected U8 [any], file has U8 [0]");
}

// The names in f32 of layer 1 of a family whose parts are these.
std::vector<std::string> NamesOfLayer1(const EncoderConfig& shape) {
  ModelConfig config = SmallConfig(WeightPrecision::kF32, false);
  config.encoder = shape;
  return Lines(ModelTensorSpecs(config), 1);
}

TEST(ModelTensors, KnowsMpnetsNamesAndItsRelativeBias) {
  ModelConfig config = SmallConfig(WeightPrecision::kF32, false);
  config.encoder.architecture = Architecture::kMpnet;
  config.encoder.type_vocab_size = 0;
  config.encoder.position_offset = 2;
  config.encoder.relative_buckets = 32;
  const auto lines = Lines(ModelTensorSpecs(config), -1);
  EXPECT_EQ(lines[2], "embeddings.position_embeddings.weight F32 34 8");
  EXPECT_EQ(lines[5], "encoder.relative_attention_bias.weight F32 32 2");
  const auto layer = Lines(ModelTensorSpecs(config), 1);
  EXPECT_EQ(layer[0], "encoder.layer.1.attention.attn.q.bias F32 8");
  EXPECT_EQ(layer[8], "encoder.layer.1.attention.LayerNorm.weight F32 8");
}

TEST(ModelTensors, FusesWhatModernBertFuses) {
  EncoderConfig shape = SmallShape();
  shape.architecture = Architecture::kModernBert;
  shape.type_vocab_size = 0;
  shape.positions = Positions::kRotary;
  shape.gated = true;
  shape.first_norm = shape.norm_bias = false;
  shape.qkv_bias = shape.attention_output_bias = shape.mlp_bias = false;
  EXPECT_EQ(NamesOfLayer1(shape),
            (std::vector<std::string>{"layers.1.attn.Wqkv.weight F32 24 8",
                                      "layers.1.attn.Wo.weight F32 8 8",
                                      "layers.1.attn_norm.weight F32 8",
                                      "layers.1.mlp.Wi.weight F32 32 8",
                                      "layers.1.mlp.Wo.weight F32 8 16",
                                      "layers.1.mlp_norm.weight F32 8"}));
  ModelConfig config = SmallConfig(WeightPrecision::kF32, false);
  config.encoder = shape;
  const auto first = Lines(ModelTensorSpecs(config), 0);
  EXPECT_EQ(std::count(first.begin(), first.end(), "layers.0.attn_norm.weight F32 8"), 0);
}

TEST(ModelTensors, HasFewerKeysThanQueriesWhereTheyAreShared) {
  EncoderConfig shape = SmallShape();
  shape.architecture = Architecture::kQwen3;
  shape.heads = 4;
  shape.kv_heads = 2;
  shape.head_size = 8;  // 4 * 8 is not H
  shape.positions = Positions::kRotary;
  shape.type_vocab_size = 0;
  shape.embeddings_norm = false;
  shape.query_key_norm = shape.gated = true;
  shape.norm_bias = shape.qkv_bias = shape.attention_output_bias = shape.mlp_bias = false;
  EXPECT_EQ(NamesOfLayer1(shape),
            (std::vector<std::string>{"layers.1.self_attn.q_proj.weight F32 32 8",
                                      "layers.1.self_attn.k_proj.weight F32 16 8",
                                      "layers.1.self_attn.v_proj.weight F32 16 8",
                                      "layers.1.self_attn.q_norm.weight F32 8",
                                      "layers.1.self_attn.k_norm.weight F32 8",
                                      "layers.1.self_attn.o_proj.weight F32 8 32",
                                      "layers.1.input_layernorm.weight F32 8",
                                      "layers.1.mlp.gate_proj.weight F32 16 8",
                                      "layers.1.mlp.up_proj.weight F32 16 8",
                                      "layers.1.mlp.down_proj.weight F32 8 16",
                                      "layers.1.post_attention_layernorm.weight F32 8"}));
}

TEST(ModelTensors, AnEmbeddingOfItsOwnWidthIsLayerZerosInput) {
  ModelConfig config = SmallConfig(WeightPrecision::kInt8, true);
  config.encoder.architecture = Architecture::kUseLite;
  config.encoder.type_vocab_size = 0;
  config.encoder.embeddings_norm = false;
  config.encoder.embedding_size = 4;
  const auto first = Lines(ModelTensorSpecs(config), 0);
  for (const char* line : {"encoder.layer.0.attention.self.smoothing F32 4",
                           "encoder.layer.0.attention.self.query.weight I8 4 4",
                           "encoder.layer.0.attention.output.dense.weight I8 8 4",
                           "encoder.layer.0.attention.residual.weight I8 8 4",
                           "encoder.layer.0.attention.LayerNorm.weight F32 4"}) {
    EXPECT_EQ(std::count(first.begin(), first.end(), line), 1) << line;
  }
  const auto second = Lines(ModelTensorSpecs(config), 1);
  EXPECT_EQ(std::count(second.begin(), second.end(),
                       "encoder.layer.1.attention.self.query.weight I8 8 8"),
            1);
  for (const std::string& line : second) EXPECT_EQ(line.find("residual"), std::string::npos);
}

TEST(ModelTensors, WhatStandsAfterTheEncoderIsF32) {
  ModelConfig config = SmallConfig(WeightPrecision::kInt8, false);
  config.dense = {{8, 6, true, DenseActivation::kTanh}, {6, 5, false, DenseActivation::kIdentity}};
  std::vector<std::string> lines;
  for (const TensorSpec& spec : ModelTensorSpecs(config)) {
    if (spec.name.starts_with("dense.") || spec.role == TensorRole::kGoldenVectors) {
      lines.push_back(Line(spec));
      EXPECT_FALSE(IsEncoderTensor(spec.role));
    }
  }
  EXPECT_EQ(lines, (std::vector<std::string>{"dense.0.bias F32 6", "dense.0.weight F32 6 8",
                                             "dense.1.weight F32 5 6", "golden.vectors F32 3 5"}));
}

TEST(ModelTensors, AClassifiersGoldenVectorsAreScores) {
  ModelConfig config = SmallConfig(WeightPrecision::kInt8, false);
  config.classifier.labels = 3;
  const auto lines = Lines(ModelTensorSpecs(config), -1);
  EXPECT_EQ(lines[lines.size() - 2], "classifier.out_proj.weight F32 3 8");
  EXPECT_EQ(lines.back(), "golden.vectors F32 3 3");
  EXPECT_EQ(std::count(lines.begin(), lines.end(), "classifier.dense.weight F32 8 8"), 1);
  config.classifier.has_dense = false;
  EXPECT_EQ(ModelTensorSpecs(config).size(), lines.size() - 2 + 3 * 22);
}

TEST(ModelTensors, OutputsAreSmoothedOnlyWhereTheConfigSaysSo) {
  ModelConfig config = SmallConfig(WeightPrecision::kInt8, true);
  config.outputs_smoothed = true;
  const auto lines = Lines(ModelTensorSpecs(config), 2);
  EXPECT_EQ(lines[2], "encoder.layer.2.attention.output.smoothing F32 8");
  EXPECT_EQ(lines[3], "encoder.layer.2.output.smoothing F32 16");
}

TEST(ModelTensors, EveryNameOfEveryFamilyIsItsOwn) {
  for (const Architecture architecture :
       {Architecture::kBert, Architecture::kMpnet, Architecture::kDistilBert, Architecture::kT5}) {
    ModelConfig config = SmallConfig(WeightPrecision::kInt8, true);
    config.outputs_smoothed = true;
    config.encoder.architecture = architecture;
    config.encoder.type_vocab_size = 0;
    if (architecture == Architecture::kT5) {
      config.encoder.positions = Positions::kRelativeBuckets;
      config.encoder.embeddings_norm = false;
      config.encoder.relative_buckets = 32;
    }
    std::set<std::string> names;
    for (const TensorSpec& spec : ModelTensorSpecs(config)) {
      EXPECT_TRUE(names.insert(spec.name).second) << spec.name;
    }
  }
}

TEST(ModelTensors, StaysUnderTheContainersLimitForTheDeepestModel) {
  ModelConfig config = SmallConfig(WeightPrecision::kInt8, true);
  config.encoder.layers = 64;
  EXPECT_EQ(ModelTensorSpecs(config).size(), 10u + 64 * 24);
  EXPECT_LT(ModelTensorSpecs(config).size(), 4096u);
}

}  // namespace
}  // namespace simile

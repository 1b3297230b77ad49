// SPDX-License-Identifier: Apache-2.0
#include "model/bert_tensors.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

namespace simile {
namespace {

ModelConfig SmallConfig(WeightPrecision precision, bool smoothed) {
  ModelConfig config;
  config.bert = {.hidden_size = 8, .layers = 3, .heads = 2, .intermediate_size = 16,
                 .vocab_size = 40, .max_positions = 32, .type_vocab_size = 2,
                 .layer_norm_eps = 1e-12};
  config.precision = precision;
  config.smoothed = smoothed;
  config.golden_texts = {"a", "b", "c"};
  return config;
}

std::string Line(const BertTensorSpec& spec) {
  std::string line = spec.name + " " + DTypeName(spec.dtype);
  for (uint64_t n : spec.shape) line += " " + std::to_string(n);
  return line;
}

std::vector<std::string> Lines(const std::vector<BertTensorSpec>& specs, int layer) {
  std::vector<std::string> lines;
  for (const BertTensorSpec& spec : specs) {
    if (spec.layer == layer) lines.push_back(Line(spec));
  }
  return lines;
}

// The header of a file that has exactly these tensors.
SafetensorsHeader HeaderOf(const std::vector<BertTensorSpec>& specs) {
  SafetensorsHeader header;
  for (const BertTensorSpec& spec : specs) {
    TensorInfo tensor;
    tensor.name = spec.name;
    tensor.dtype = spec.dtype;
    tensor.shape = spec.shape;
    if (spec.role == BertRole::kTokenizerVocab) tensor.shape = {77};
    header.tensors.push_back(tensor);
  }
  return header;
}

TensorInfo& TensorOf(SafetensorsHeader* header, const std::string& name) {
  return *std::find_if(header->tensors.begin(), header->tensors.end(),
                       [&](const TensorInfo& tensor) { return tensor.name == name; });
}

TEST(BertTensors, ListsTheTensorsOutsideTheLayersInInt8) {
  const auto specs = BertTensorSpecs(SmallConfig(WeightPrecision::kInt8, true));
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

TEST(BertTensors, ListsTheTensorsOfALayerInInt8WithSmoothing) {
  const auto specs = BertTensorSpecs(SmallConfig(WeightPrecision::kInt8, true));
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

TEST(BertTensors, ListsNeitherScalesNorSmoothingInF32) {
  const auto int8 = BertTensorSpecs(SmallConfig(WeightPrecision::kInt8, true));
  const auto f32 = BertTensorSpecs(SmallConfig(WeightPrecision::kF32, false));
  std::vector<std::string> expected, found;
  for (const BertTensorSpec& spec : int8) {
    const bool is_extra = spec.name.ends_with("_scale") || spec.name.ends_with(".smoothing");
    if (!is_extra) expected.push_back(spec.name);
  }
  for (const BertTensorSpec& spec : f32) {
    found.push_back(spec.name);
    EXPECT_EQ(spec.dtype, spec.name == "tokenizer.vocab" ? DType::kU8 : DType::kF32);
  }
  EXPECT_EQ(found, expected);
}

TEST(BertTensors, GivesEachTensorOfALayerItsOwnRoleAndEachScaleTheRoleAfterItsWeight) {
  const auto specs = BertTensorSpecs(SmallConfig(WeightPrecision::kInt8, true));
  std::map<std::string, BertRole> roles;
  std::set<std::pair<int, int>> seen;
  for (const BertTensorSpec& spec : specs) {
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

TEST(BertTensors, AcceptsTheExactListInAnyOrder) {
  for (const bool smoothed : {false, true}) {
    const auto specs = BertTensorSpecs(SmallConfig(WeightPrecision::kInt8, smoothed));
    SafetensorsHeader header = HeaderOf(specs);
    EXPECT_TRUE(CheckTensors(header, specs).ok());
    std::reverse(header.tensors.begin(), header.tensors.end());
    EXPECT_TRUE(CheckTensors(header, specs).ok());
  }
}

TEST(BertTensors, NamesTheTensorThatIsMissing) {
  const auto specs = BertTensorSpecs(SmallConfig(WeightPrecision::kInt8, true));
  for (size_t i = 0; i < specs.size(); ++i) {
    SafetensorsHeader header = HeaderOf(specs);
    header.tensors.erase(header.tensors.begin() + static_cast<ptrdiff_t>(i));
    const std::string message = CheckTensors(header, specs).message();
    EXPECT_TRUE(message.starts_with("tensor '" + specs[i].name + "': expected ")) << message;
    EXPECT_TRUE(message.ends_with(", file has none of that name")) << message;
  }
}

TEST(BertTensors, NamesTheTensorThatIsForeign) {
  const auto specs = BertTensorSpecs(SmallConfig(WeightPrecision::kInt8, false));
  SafetensorsHeader header = HeaderOf(specs);
  TensorInfo foreign;
  foreign.name = "pooler.dense.weight";
  header.tensors.insert(header.tensors.begin() + 3, foreign);
  const Status status = CheckTensors(header, specs);
  EXPECT_EQ(status.code(), StatusCode::kBadModel);
  EXPECT_EQ(status.message(), "tensor 'pooler.dense.weight': foreign to this architecture");
}

TEST(BertTensors, NamesExpectedAndFoundShapeAndDtype) {
  const auto specs = BertTensorSpecs(SmallConfig(WeightPrecision::kInt8, false));
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

TEST(BertTensors, RefusesAnEmptyVocabulary) {
  const auto specs = BertTensorSpecs(SmallConfig(WeightPrecision::kInt8, false));
  SafetensorsHeader header = HeaderOf(specs);
  TensorOf(&header, "tokenizer.vocab").shape = {0};
  EXPECT_EQ(CheckTensors(header, specs).message(),
            "tensor 'tokenizer.vocab': expected U8 [any], file has U8 [0]");
}

TEST(BertTensors, StaysUnderTheContainersLimitForTheDeepestModel) {
  ModelConfig config = SmallConfig(WeightPrecision::kInt8, true);
  config.bert.layers = 64;
  EXPECT_EQ(BertTensorSpecs(config).size(), 10u + 64 * 24);
  EXPECT_LT(BertTensorSpecs(config).size(), 4096u);
}

}  // namespace
}  // namespace simile

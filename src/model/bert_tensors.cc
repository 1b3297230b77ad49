// SPDX-License-Identifier: Apache-2.0
#include "model/bert_tensors.h"

#include <string_view>
#include <unordered_map>
#include <utility>

namespace simile {
namespace {

// "I8 [384, 312]"; zero: what a 0 in the shape is called.
std::string Describe(DType dtype, const std::vector<uint64_t>& shape, const char* zero) {
  std::string text = std::string(DTypeName(dtype)) + " [";
  for (size_t i = 0; i < shape.size(); ++i) {
    text += (i == 0 ? "" : ", ") + (shape[i] == 0 ? zero : std::to_string(shape[i]));
  }
  return text + "]";
}
std::string Describe(const BertTensorSpec& spec) { return Describe(spec.dtype, spec.shape, "any"); }
std::string Describe(const TensorInfo& info) { return Describe(info.dtype, info.shape, "0"); }

// Collects specs; knows how int8 weights and their scales go together.
class SpecList {
 public:
  explicit SpecList(const ModelConfig& config)
      : is_int8_(config.precision == WeightPrecision::kInt8) {}

  void Add(std::string name, BertRole role, int layer, DType dtype,
           std::vector<uint64_t> shape) {
    specs_.push_back({std::move(name), role, layer, dtype, std::move(shape)});
  }
  void AddF32(std::string name, BertRole role, int layer, uint64_t n) {
    Add(std::move(name), role, layer, DType::kF32, {n});
  }
  // A table or matrix, after its scales where it has them.
  void AddMatrix(const std::string& name, BertRole role, int layer, uint64_t rows,
                 uint64_t columns) {
    if (is_int8_) AddF32(name + "_scale", ScaleOf(role), layer, rows);
    Add(name, role, layer, is_int8_ ? DType::kI8 : DType::kF32, {rows, columns});
  }
  void AddLinear(const std::string& name, BertRole role, int layer, uint64_t rows,
                 uint64_t columns) {
    AddF32(name + ".bias", BiasOf(role), layer, rows);
    AddMatrix(name + ".weight", role, layer, rows, columns);
  }
  void AddNorm(const std::string& name, BertRole gamma, int layer, uint64_t n) {
    AddF32(name + ".weight", gamma, layer, n);
    AddF32(name + ".bias", BetaOf(gamma), layer, n);
  }
  std::vector<BertTensorSpec> Take() { return std::move(specs_); }

 private:
  bool is_int8_;
  std::vector<BertTensorSpec> specs_;
};

void AddLayer(const ModelConfig& config, int layer, SpecList* list) {
  const uint64_t H = config.bert.hidden_size;
  const uint64_t I = config.bert.intermediate_size;
  const std::string p = "encoder.layer." + std::to_string(layer) + ".";
  if (config.smoothed) {
    list->AddF32(p + "attention.self.smoothing", BertRole::kAttentionSmoothing, layer, H);
    list->AddF32(p + "intermediate.smoothing", BertRole::kIntermediateSmoothing, layer, H);
  }
  list->AddLinear(p + "attention.self.query", BertRole::kQuery, layer, H, H);
  list->AddLinear(p + "attention.self.key", BertRole::kKey, layer, H, H);
  list->AddLinear(p + "attention.self.value", BertRole::kValue, layer, H, H);
  list->AddLinear(p + "attention.output.dense", BertRole::kAttentionOutput, layer, H, H);
  list->AddNorm(p + "attention.output.LayerNorm", BertRole::kAttentionNormGamma, layer, H);
  list->AddLinear(p + "intermediate.dense", BertRole::kIntermediate, layer, I, H);
  list->AddLinear(p + "output.dense", BertRole::kOutput, layer, H, I);
  list->AddNorm(p + "output.LayerNorm", BertRole::kOutputNormGamma, layer, H);
}

bool Matches(const BertTensorSpec& spec, const TensorInfo& tensor) {
  if (spec.dtype != tensor.dtype || spec.shape.size() != tensor.shape.size()) return false;
  for (size_t i = 0; i < spec.shape.size(); ++i) {
    const bool any_length = spec.shape[i] == 0;
    if (any_length ? tensor.shape[i] == 0 : spec.shape[i] != tensor.shape[i]) return false;
  }
  return true;
}

}  // namespace

std::vector<BertTensorSpec> BertTensorSpecs(const ModelConfig& config) {
  const BertShape& shape = config.bert;
  const uint64_t H = shape.hidden_size;
  SpecList list(config);
  list.Add("tokenizer.vocab", BertRole::kTokenizerVocab, -1, DType::kU8, {0});
  list.AddMatrix("embeddings.word_embeddings.weight", BertRole::kWordEmbeddings, -1,
                 shape.vocab_size, H);
  list.AddMatrix("embeddings.position_embeddings.weight", BertRole::kPositionEmbeddings, -1,
                 shape.max_positions, H);
  list.AddMatrix("embeddings.token_type_embeddings.weight", BertRole::kTypeEmbeddings, -1,
                 shape.type_vocab_size, H);
  list.AddNorm("embeddings.LayerNorm", BertRole::kEmbeddingsNormGamma, -1, H);
  for (uint32_t layer = 0; layer < shape.layers; ++layer) {
    AddLayer(config, static_cast<int>(layer), &list);
  }
  list.Add("golden.vectors", BertRole::kGoldenVectors, -1, DType::kF32,
           {config.golden_texts.size(), H});
  return list.Take();
}

Status CheckTensors(const SafetensorsHeader& header,
                    const std::vector<BertTensorSpec>& specs) {
  std::unordered_map<std::string_view, const TensorInfo*> by_name;
  for (const TensorInfo& tensor : header.tensors) by_name.emplace(tensor.name, &tensor);
  for (const BertTensorSpec& spec : specs) {
    const auto found = by_name.find(spec.name);
    if (found == by_name.end()) {
      return BadModel("tensor '" + spec.name + "': expected " + Describe(spec) +
                      ", file has none of that name");
    }
    if (!Matches(spec, *found->second)) {
      return BadModel("tensor '" + spec.name + "': expected " + Describe(spec) + ", file has " +
                      Describe(*found->second));
    }
    by_name.erase(found);
  }
  for (const TensorInfo& tensor : header.tensors) {
    if (by_name.count(tensor.name) != 0) {
      return BadModel("tensor '" + tensor.name + "': foreign to this architecture");
    }
  }
  return Status();
}

}  // namespace simile

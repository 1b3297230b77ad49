// SPDX-License-Identifier: Apache-2.0
#include "model/model_tensors.h"

#include <string_view>
#include <unordered_map>
#include <utility>

#include "model/tensor_names.h"

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
std::string Describe(const TensorSpec& spec) { return Describe(spec.dtype, spec.shape, "any"); }
std::string Describe(const TensorInfo& info) { return Describe(info.dtype, info.shape, "0"); }

// Collects specs; knows how int8 weights and their scales go together.
class SpecList {
 public:
  explicit SpecList(const ModelConfig& config)
      : is_int8_(config.precision == WeightPrecision::kInt8),
        norm_bias_(config.encoder.norm_bias) {}

  // What is added from here on belongs to this layer, and has this before its names.
  void StartLayer(int layer, std::string prefix) {
    layer_ = layer;
    prefix_ = std::move(prefix);
  }
  void Add(const std::string& name, TensorRole role, DType dtype, std::vector<uint64_t> shape) {
    specs_.push_back({prefix_ + name, role, layer_, dtype, std::move(shape)});
  }
  void AddF32(const std::string& name, TensorRole role, std::vector<uint64_t> shape) {
    Add(name, role, DType::kF32, std::move(shape));
  }
  // A table or matrix, after its scales where it has them.
  void AddMatrix(const std::string& name, TensorRole role, uint64_t rows, uint64_t columns) {
    const std::string weight = name + ".weight";
    if (is_int8_) AddF32(weight + "_scale", ScaleOf(role), {rows});
    Add(weight, role, is_int8_ ? DType::kI8 : DType::kF32, {rows, columns});
  }
  void AddLinear(const std::string& name, TensorRole role, bool has_bias, uint64_t rows,
                 uint64_t columns) {
    if (has_bias) AddF32(name + ".bias", BiasOf(role), {rows});
    AddMatrix(name, role, rows, columns);
  }
  // Of a layer after the encoder.
  void AddF32Linear(const std::string& name, TensorRole weight, TensorRole bias, bool has_bias,
                    uint64_t rows, uint64_t columns) {
    if (has_bias) AddF32(name + ".bias", bias, {rows});
    AddF32(name + ".weight", weight, {rows, columns});
  }
  void AddNorm(const std::string& name, TensorRole gamma, uint64_t n) {
    AddF32(name + ".weight", gamma, {n});
    if (norm_bias_) AddF32(name + ".bias", BetaOf(gamma), {n});
  }
  std::vector<TensorSpec> Take() { return std::move(specs_); }

 private:
  bool is_int8_;
  bool norm_bias_;
  int layer_ = -1;
  std::string prefix_;
  std::vector<TensorSpec> specs_;
};

void AddEmbeddings(const ModelConfig& config, const TensorNames& names, SpecList* list) {
  const EncoderConfig& shape = config.encoder;
  const uint64_t H = shape.embedding_size;
  list->AddMatrix(names.word_embeddings, TensorRole::kWordEmbeddings, shape.vocab_size, H);
  if (shape.has_position_table()) {
    list->AddMatrix(names.position_embeddings, TensorRole::kPositionEmbeddings,
                    uint64_t{shape.position_offset} + shape.max_positions, H);
  }
  if (config.f32_type_embeddings) {
    list->AddF32(std::string(names.type_embeddings) + ".weight", TensorRole::kTypeEmbeddings,
                 {shape.type_vocab_size, H});
  } else if (shape.type_vocab_size != 0) {
    list->AddMatrix(names.type_embeddings, TensorRole::kTypeEmbeddings, shape.type_vocab_size, H);
  }
  if (shape.embeddings_norm) {
    list->AddNorm(names.embeddings_norm, TensorRole::kEmbeddingsNormGamma, H);
  }
  if (shape.has_relative_bias()) {
    list->AddF32(std::string(names.relative_bias) + ".weight", TensorRole::kRelativeBias,
                 {shape.relative_buckets, shape.heads});
  }
}

void AddSmoothing(const ModelConfig& config, const TensorNames& names, uint32_t layer,
                  SpecList* list) {
  if (!config.smoothed) return;
  const EncoderConfig& shape = config.encoder;
  list->AddF32(names.attention_smoothing, TensorRole::kAttentionSmoothing,
               {shape.input_size(layer)});
  list->AddF32(names.intermediate_smoothing, TensorRole::kIntermediateSmoothing,
               {shape.hidden_size});
  if (!config.outputs_smoothed) return;
  list->AddF32(names.attention_output_smoothing, TensorRole::kAttentionOutputSmoothing,
               {shape.layer_query_size(layer)});
  list->AddF32(names.output_smoothing, TensorRole::kOutputSmoothing, {shape.intermediate_size});
}

void AddAttention(const EncoderConfig& shape, const TensorNames& names, uint32_t layer,
                  SpecList* list) {
  const uint64_t Q = shape.layer_query_size(layer), KV = shape.layer_kv_size(layer);
  const uint64_t H = shape.input_size(layer);
  if (names.qkv != nullptr) {
    list->AddLinear(names.qkv, TensorRole::kQkv, shape.qkv_bias, Q + 2 * KV, H);
  } else {
    list->AddLinear(names.query, TensorRole::kQuery, shape.qkv_bias, Q, H);
    list->AddLinear(names.key, TensorRole::kKey, shape.qkv_bias, KV, H);
    list->AddLinear(names.value, TensorRole::kValue, shape.qkv_bias, KV, H);
  }
  if (shape.query_key_norm) {
    list->AddF32(std::string(names.query_norm) + ".weight", TensorRole::kQueryNormGamma,
                 {shape.head_size});
    list->AddF32(std::string(names.key_norm) + ".weight", TensorRole::kKeyNormGamma,
                 {shape.head_size});
  }
  list->AddLinear(names.attention_output, TensorRole::kAttentionOutput,
                  shape.attention_output_bias, shape.hidden_size, Q);
  if (layer == 0 && shape.has_residual_projection()) {
    list->AddLinear(names.residual, TensorRole::kResidual, true, shape.hidden_size, H);
  }
}

void AddMlp(const EncoderConfig& shape, const TensorNames& names, SpecList* list) {
  const uint64_t H = shape.hidden_size, I = shape.intermediate_size;
  const bool bias = shape.mlp_bias;
  if (!shape.gated) {
    list->AddLinear(names.intermediate, TensorRole::kIntermediate, bias, I, H);
  } else if (names.gate_up != nullptr) {
    list->AddLinear(names.gate_up, TensorRole::kGateUp, bias, 2 * I, H);
  } else {
    list->AddLinear(names.gate, TensorRole::kGate, bias, I, H);
    list->AddLinear(names.up, TensorRole::kIntermediate, bias, I, H);
  }
  list->AddLinear(names.output, TensorRole::kOutput, bias, H, I);
}

void AddLayer(const ModelConfig& config, const TensorNames& names, uint32_t layer,
              SpecList* list) {
  const EncoderConfig& shape = config.encoder;
  list->StartLayer(static_cast<int>(layer), names.layers + std::to_string(layer) + ".");
  AddSmoothing(config, names, layer, list);
  AddAttention(shape, names, layer, list);
  if (layer != 0 || shape.first_norm) {
    list->AddNorm(names.attention_norm, TensorRole::kAttentionNormGamma, shape.input_size(layer));
  }
  AddMlp(shape, names, list);
  list->AddNorm(names.mlp_norm, TensorRole::kMlpNormGamma, shape.hidden_size);
}

// The layers after the encoder; their names are the same for all families.
void AddHead(const ModelConfig& config, SpecList* list) {
  const uint64_t H = config.encoder.hidden_size;
  for (size_t i = 0; i < config.dense.size(); ++i) {
    const DenseConfig& dense = config.dense[i];
    list->StartLayer(static_cast<int>(i), "dense." + std::to_string(i));
    list->AddF32Linear("", TensorRole::kDense, TensorRole::kDenseBias, dense.bias, dense.outputs,
                       dense.inputs);
  }
  list->StartLayer(-1, "");
  if (config.classifier.labels == 0) return;
  if (config.classifier.has_dense) {
    list->AddF32Linear("classifier.dense", TensorRole::kClassifierDense,
                       TensorRole::kClassifierDenseBias, true, H, H);
  }
  list->AddF32Linear("classifier.out_proj", TensorRole::kClassifier, TensorRole::kClassifierBias,
                     true, config.classifier.labels, H);
}

bool Matches(const TensorSpec& spec, const TensorInfo& tensor) {
  if (spec.dtype != tensor.dtype || spec.shape.size() != tensor.shape.size()) return false;
  for (size_t i = 0; i < spec.shape.size(); ++i) {
    const bool any_length = spec.shape[i] == 0;
    if (any_length ? tensor.shape[i] == 0 : spec.shape[i] != tensor.shape[i]) return false;
  }
  return true;
}

}  // namespace

std::vector<TensorSpec> ModelTensorSpecs(const ModelConfig& config) {
  const EncoderConfig& shape = config.encoder;
  const TensorNames& names = NamesOf(shape.architecture);
  SpecList list(config);
  const bool is_model = config.tokenizer.kind == TokenizerKind::kSentencepiece;
  list.Add(is_model ? "tokenizer.model" : "tokenizer.vocab", TensorRole::kTokenizer, DType::kU8, {0});
  AddEmbeddings(config, names, &list);
  for (uint32_t layer = 0; layer < shape.layers; ++layer) {
    AddLayer(config, names, layer, &list);
  }
  list.StartLayer(-1, "");
  if (shape.final_norm) {
    list.AddNorm(names.final_norm, TensorRole::kFinalNormGamma, shape.hidden_size);
  }
  AddHead(config, &list);
  list.AddF32("golden.vectors", TensorRole::kGoldenVectors,
              {config.golden_texts.size(), config.golden_dims()});
  return list.Take();
}

Status CheckTensors(const SafetensorsHeader& header,
                    const std::vector<TensorSpec>& specs) {
  std::unordered_map<std::string_view, const TensorInfo*> by_name;
  for (const TensorInfo& tensor : header.tensors) by_name.emplace(tensor.name, &tensor);
  for (const TensorSpec& spec : specs) {
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

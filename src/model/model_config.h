// SPDX-License-Identifier: Apache-2.0
// ModelConfig: what a Simile file says of its model, as one JSON string under
// "simile" in the safetensors __metadata__. It is the whole recipe: nothing
// about how a text becomes a vector is left to the caller or guessed.

#ifndef SIMILE_MODEL_MODEL_CONFIG_H_
#define SIMILE_MODEL_MODEL_CONFIG_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/status.h"
#include "model/encoder_config.h"
#include "text/tokenizer_config.h"

namespace simile {

inline constexpr int kFormatVersion = 1;

// sentence-transformers' names: mean, cls, max, mean_sqrt_len_tokens (sum over the
// root of the count), weightedmean (weights 1, 2, 3 …), lasttoken.
enum class Pooling { kMean, kCls, kMax, kMeanSqrtLen, kWeightedMean, kLast };
enum class WeightPrecision { kInt8, kF32 };

// The four inputs of a layer's products; query, key and value share one.
enum class ProductInput { kAttention, kAttentionOutput, kIntermediate, kOutput };
inline constexpr size_t kProductInputs = 4;

// One of them, in one layer.
struct LayerInput {
  ProductInput input = ProductInput::kAttention;
  uint32_t layer = 0;
};

// One layer after pooling (sentence-transformers' Dense): y = activation(W x + b).
enum class DenseActivation { kIdentity, kTanh, kRelu, kGelu, kSigmoid };
struct DenseConfig {
  uint32_t inputs = 0;
  uint32_t outputs = 0;
  bool bias = true;
  DenseActivation activation = DenseActivation::kIdentity;
};

// What a cross-encoder puts on the first token's hidden state: perhaps a layer from H
// to H, then `labels` scores.
struct ClassifierConfig {
  uint32_t labels = 0;  // 0: no classifier, the model embeds; at most 1024
  // BERT: pooler with tanh; RoBERTa: dense with tanh; DistilBERT: pre_classifier with
  // ReLU.
  bool has_dense = true;
  DenseActivation dense_activation = DenseActivation::kTanh;
  // Of the scores: sigmoid for one label, identity else, unless the checkpoint says.
  DenseActivation score_activation = DenseActivation::kSigmoid;
};

struct ModelConfig {
  std::string name;                     // "all-MiniLM-L6-v2"
  EncoderConfig encoder;
  TokenizerConfig tokenizer;
  Pooling pooling = Pooling::kMean;
  std::vector<DenseConfig> dense;       // after pooling, at most 4
  ClassifierConfig classifier;          // instead of pooling, dense and normalize
  bool normalize = true;
  uint32_t max_tokens = 0;              // with special tokens; <= max_positions
  std::vector<std::pair<std::string, std::string>> prompts;  // name, text
  std::string default_prompt;           // the name of the one used where none is asked for, or ""
  WeightPrecision precision = WeightPrecision::kInt8;
  // In an int8 file: token type embeddings are F32. (Those of the first versions are int8.)
  bool f32_type_embeddings = false;
  bool smoothed = false;                // k{Attention,Intermediate}Smoothing exist
  bool outputs_smoothed = false;        // k{AttentionOutput,Output}Smoothing exist too
  // In an int8 file: inputs that are quantised in two parts, 8 bits and 8 more for what
  // the first leave over. By input, then by layer, each once.
  std::vector<LayerInput> two_part_inputs;
  std::string calibration = "none";     // "none", or what was done: "smoothquant+gptq"
  std::string license;
  std::string source;                   // "sentence-transformers/all-MiniLM-L6-v2"
  std::string source_sha256;            // of the checkpoint's model.safetensors, or ""
  std::string vector_space;             // 16 hex digits, or ""; equal only where vectors compare
  std::vector<std::string> golden_texts;  // at most 16; vectors in "golden.vectors"

  // What a golden text gives: its vector, or with a classifier the scores of the pair
  // of the first golden text and this one.
  uint32_t golden_dims() const { return classifier.labels == 0 ? dims() : classifier.labels; }
  // D, the size of a text's vector.
  uint32_t dims() const { return dense.empty() ? encoder.hidden_size : dense.back().outputs; }
};

Json ModelConfigToJson(const ModelConfig& config);
// Every number checked against the limits above; unknown format versions,
// architectures, poolings … are refused by name. kBadModel.
Result<ModelConfig> ModelConfigFromJson(const Json& json);

}  // namespace simile

#endif  // SIMILE_MODEL_MODEL_CONFIG_H_

// SPDX-License-Identifier: Apache-2.0
// ModelConfig: what a Simile file says of its model, as one JSON string under
// "simile" in the safetensors __metadata__. It is the whole recipe: nothing
// about how a text becomes a vector is left to the caller or guessed.

#ifndef SIMILE_MODEL_MODEL_CONFIG_H_
#define SIMILE_MODEL_MODEL_CONFIG_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/status.h"
#include "text/wordpiece.h"

namespace simile {

inline constexpr int kFormatVersion = 1;

enum class Pooling { kMean, kCls };
enum class WeightPrecision { kInt8, kF32 };

// Shape letters: H hidden size, V vocabulary, L layers, I intermediate size.
struct BertShape {
  uint32_t hidden_size = 0;        // H, a multiple of heads, at most 4096
  uint32_t layers = 0;             // 1…64
  uint32_t heads = 0;
  uint32_t intermediate_size = 0;  // I, at most 16384
  uint32_t vocab_size = 0;         // V, at most 2^20
  uint32_t max_positions = 0;      // at most 8192
  uint32_t type_vocab_size = 0;    // 1…16
  double layer_norm_eps = 1e-12;   // 1e-14…1e-2
  uint32_t head_size() const { return hidden_size / heads; }
};

struct ModelConfig {
  std::string name;                     // "all-MiniLM-L6-v2"
  std::string architecture = "bert";    // the only one so far
  BertShape bert;
  WordPieceConfig tokenizer;            // "wordpiece", the only kind so far
  Pooling pooling = Pooling::kMean;
  bool normalize = true;
  uint32_t max_tokens = 0;              // with special tokens; <= max_positions
  std::vector<std::pair<std::string, std::string>> prompts;  // name, text
  WeightPrecision precision = WeightPrecision::kInt8;
  bool smoothed = false;                // the *.smoothing tensors exist
  std::string calibration = "none";     // "none", or what was done: "smoothquant+gptq"
  std::string license;
  std::string source;                   // "sentence-transformers/all-MiniLM-L6-v2"
  std::string source_sha256;            // of the checkpoint's model.safetensors, or ""
  std::string vector_space;             // 16 hex digits, or ""; equal only where vectors compare
  std::vector<std::string> golden_texts;  // at most 16; vectors in "golden.vectors"

  uint32_t dims() const { return bert.hidden_size; }
};

Json ModelConfigToJson(const ModelConfig& config);
// Every number checked against the limits above; unknown format versions,
// architectures, poolings … are refused by name. kBadModel.
Result<ModelConfig> ModelConfigFromJson(const Json& json);

}  // namespace simile

#endif  // SIMILE_MODEL_MODEL_CONFIG_H_

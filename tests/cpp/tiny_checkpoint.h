// SPDX-License-Identifier: Apache-2.0
// A BERT checkpoint of a few kilobytes with random weights, as on the Hugging
// Face Hub, for tests of the converter; and the ways to break it.

#ifndef SIMILE_TESTS_CPP_TINY_CHECKPOINT_H_
#define SIMILE_TESTS_CPP_TINY_CHECKPOINT_H_

#include <algorithm>
#include <bit>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "base/buffer.h"
#include "model/model_tensors.h"
#include "model/safetensors.h"
#include "model/safetensors_writer.h"

namespace simile {

struct TinyTensor {
  TensorInfo info;  // begin and end are set by Weights()
  std::vector<float> values;
};

class TinyCheckpoint {
 public:
  static constexpr uint32_t kHidden = 32, kLayers = 2, kHeads = 2, kIntermediate = 64,
                            kPositions = 40;

  TinyCheckpoint() {
    std::mt19937 random(2026);
    std::normal_distribution<float> normal(0, 0.3f);
    ModelConfig config;
    config.precision = WeightPrecision::kF32;
    config.encoder = Shape();
    for (const TensorSpec& spec : ModelTensorSpecs(config)) {
      if (spec.role == TensorRole::kTokenizer || spec.role == TensorRole::kGoldenVectors) continue;
      TinyTensor tensor;
      tensor.info.name = spec.name;
      tensor.info.shape = spec.shape;
      size_t count = 1;
      for (const uint64_t length : spec.shape) count *= length;
      const bool is_gamma = spec.name.ends_with("LayerNorm.weight");
      for (size_t i = 0; i < count; ++i) {
        // A few channels stand out, as in a trained model.
        const float gamma = i % 13 == 5 ? 6.0f : 1.0f;
        tensor.values.push_back(is_gamma ? gamma : normal(random));
      }
      tensors.push_back(std::move(tensor));
    }
    // What a real checkpoint has besides, in no order of ours.
    TinyTensor pooler;
    pooler.info.name = "pooler.dense.bias";
    pooler.info.shape = {kHidden};
    pooler.values.assign(kHidden, 0.5f);
    tensors.push_back(pooler);
    std::reverse(tensors.begin(), tensors.end());
  }

  static EncoderConfig Shape() {
    EncoderConfig shape;
    shape.hidden_size = shape.embedding_size = kHidden;
    shape.layers = kLayers;
    shape.heads = shape.kv_heads = kHeads;
    shape.head_size = kHidden / kHeads;
    shape.intermediate_size = kIntermediate;
    shape.vocab_size = static_cast<uint32_t>(Vocab().size());
    shape.max_positions = kPositions;
    shape.type_vocab_size = 2;
    return shape;
  }

  static std::vector<std::string> Vocab() {
    std::vector<std::string> vocab = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"};
    for (char c = 'a'; c <= 'z'; ++c) {
      vocab.push_back(std::string(1, c));
      vocab.push_back("##" + std::string(1, c));
    }
    for (const char* token : {"the", "##ing", "?", "!", "."}) vocab.push_back(token);
    return vocab;
  }

  static std::string Config() {
    return R"({"model_type": "bert", "hidden_act": "gelu", "hidden_size": 32,
      "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64,
      "max_position_embeddings": 40, "type_vocab_size": 2, "_name_or_path": "tiny",
      "vocab_size": )" +
           std::to_string(Vocab().size()) + "}";
  }

  // Lines of random words, enough for `count` texts.
  static std::string CalibrationTexts(size_t count) {
    std::mt19937 random(7);
    std::string texts;
    for (size_t i = 0; i < count; ++i) {
      for (size_t word = 0; word < 2 + i % 5; ++word) {
        for (size_t letter = 0; letter < 2 + random() % 4; ++letter) {
          texts += static_cast<char>('a' + random() % 26);
        }
        texts += ' ';
      }
      texts += '\n';
    }
    return texts;
  }

  TinyTensor& Find(const std::string& name) {
    return *std::find_if(tensors.begin(), tensors.end(),
                         [&](const TinyTensor& tensor) { return tensor.info.name == name; });
  }

  // The bytes of model.safetensors. All tensors get this dtype.
  std::string Weights(DType dtype = DType::kF32) const {
    std::vector<TensorInfo> infos;
    std::string data;
    for (const TinyTensor& tensor : tensors) {
      TensorInfo info = tensor.info;
      info.dtype = dtype;
      info.begin = data.size();
      for (const float value : tensor.values) AppendValue(value, dtype, &data);
      info.end = data.size();
      infos.push_back(info);
    }
    return SafetensorsHeaderBytes({{"format", "pt"}}, infos) + data;
  }

  std::vector<TinyTensor> tensors;

 private:
  static void AppendValue(float value, DType dtype, std::string* out) {
    uint32_t bits = std::bit_cast<uint32_t>(value);
    size_t bytes = 4;
    if (dtype == DType::kBF16) {
      bits >>= 16;
      bytes = 2;
    } else if (dtype == DType::kF16) {
      bits = ToF16(bits);
      bytes = 2;
    }
    for (size_t i = 0; i < bytes; ++i) out->push_back(static_cast<char>(bits >> (8 * i) & 0xff));
  }
  // Normal numbers, cut off; what is smaller becomes 0.
  static uint32_t ToF16(uint32_t bits) {
    const uint32_t sign = bits >> 16 & 0x8000;
    const int exponent = static_cast<int>(bits >> 23 & 0xff) - 112;
    return exponent <= 0 ? sign
                         : sign | static_cast<uint32_t>(exponent) << 10 | (bits >> 13 & 0x3ff);
  }
};

inline Buffer<uint8_t> Bytes(const std::string& text) {
  Buffer<uint8_t> bytes;
  const Status status =
      bytes.Append(reinterpret_cast<const uint8_t*>(text.data()), text.size());
  return status.ok() ? std::move(bytes) : Buffer<uint8_t>();
}

}  // namespace simile

#endif  // SIMILE_TESTS_CPP_TINY_CHECKPOINT_H_

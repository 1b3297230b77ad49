// SPDX-License-Identifier: Apache-2.0
// The exact list of tensors of a Simile file. Writer and reader share it: a file
// that lacks one, has a foreign one, or another shape or dtype is refused by name.
// Names are the checkpoint's own (Hugging Face transformers', without the prefix of
// the model class), fused where it fuses; int8 adds "<name>_scale" (F32, one a row),
// and smoothing adds F32 rows that a product's input is multiplied by before it is
// quantised.

#ifndef SIMILE_MODEL_MODEL_TENSORS_H_
#define SIMILE_MODEL_MODEL_TENSORS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "model/model_config.h"
#include "model/safetensors.h"

namespace simile {

// What a tensor is for. kX, kXScale and kXBias stand in a row (see ScaleOf), and a
// norm's gamma and beta.
enum class TensorRole {
  kTokenizer,       // U8 [bytes], any length >= 1; "tokenizer.vocab" or "tokenizer.model"
  kGoldenVectors,   // F32 [golden_texts, D]
  kWordEmbeddings, kWordEmbeddingsScale,
  kPositionEmbeddings, kPositionEmbeddingsScale,
  kTypeEmbeddings, kTypeEmbeddingsScale,
  kEmbeddingsNormGamma, kEmbeddingsNormBeta,
  kFinalNormGamma, kFinalNormBeta,
  kRelativeBias,    // F32 [relative_buckets, heads]
  // per layer:
  kQuery, kQueryScale, kQueryBias,
  kKey, kKeyScale, kKeyBias,
  kValue, kValueScale, kValueBias,
  kQkv, kQkvScale, kQkvBias,  // the three in one, where the checkpoint has them so
  kAttentionOutput, kAttentionOutputScale, kAttentionOutputBias,
  kGate, kGateScale, kGateBias,
  kIntermediate, kIntermediateScale, kIntermediateBias,  // "up" where there is a gate
  kGateUp, kGateUpScale, kGateUpBias,  // gate above up in one, where the checkpoint has them so
  kOutput, kOutputScale, kOutputBias,
  kResidual, kResidualScale, kResidualBias,  // layer 0, where embedding_size is not H
  kAttentionNormGamma, kAttentionNormBeta,  // of the attention's sublayer
  kMlpNormGamma, kMlpNormBeta,
  kQueryNormGamma, kKeyNormGamma,
  // In the order of ProductInput (see SmoothingOf):
  kAttentionSmoothing,        // [H], layer 0: [embedding_size]
  kAttentionOutputSmoothing,  // [heads * d]
  kIntermediateSmoothing,     // [H]
  kOutputSmoothing,           // [I]
  // after the encoder, F32 in every file:
  kDense, kDenseBias,  // layer is the index of ModelConfig::dense
  kClassifierDense, kClassifierDenseBias,
  kClassifier, kClassifierBias,
};

// The role of a weight's scales, of its bias, and of a LayerNorm's beta (from its
// gamma).
inline TensorRole ScaleOf(TensorRole weight) {
  return static_cast<TensorRole>(static_cast<int>(weight) + 1);
}
inline TensorRole BiasOf(TensorRole weight) {
  return static_cast<TensorRole>(static_cast<int>(weight) + 2);
}
inline TensorRole BetaOf(TensorRole gamma) {
  return static_cast<TensorRole>(static_cast<int>(gamma) + 1);
}

// What the input of a product is multiplied by.
inline TensorRole SmoothingOf(ProductInput input) {
  return static_cast<TensorRole>(static_cast<int>(TensorRole::kAttentionSmoothing) +
                                 static_cast<int>(input));
}

// What the encoder takes: not the tokenizer, the golden vectors, or what stands after
// the encoder.
inline bool IsEncoderTensor(TensorRole role) {
  return role > TensorRole::kGoldenVectors && role < TensorRole::kDense;
}

struct TensorSpec {
  std::string name;
  TensorRole role;
  int layer;  // -1 outside the layers
  DType dtype;
  std::vector<uint64_t> shape;  // a 0 stands for any length
};

// In the order in which the writer writes them: scales, biases and smoothing
// before the weights they belong to, so that a reader can pack each weight as it
// arrives; "golden.vectors" last.
std::vector<TensorSpec> ModelTensorSpecs(const ModelConfig& config);

// Every tensor of the header is in the list and the other way round, each with
// its dtype and shape. kBadModel names the first that is not:
// "tensor 'encoder.layer.0.…weight': expected I8 [384, 384], file has I8 [384, 312]".
Status CheckTensors(const SafetensorsHeader& header,
                    const std::vector<TensorSpec>& specs);

}  // namespace simile

#endif  // SIMILE_MODEL_MODEL_TENSORS_H_

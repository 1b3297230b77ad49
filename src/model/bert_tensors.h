// SPDX-License-Identifier: Apache-2.0
// The exact list of tensors of a Simile BERT file. Writer and reader share it:
// a file that lacks one, has a foreign one, or another shape or dtype is refused
// by name. Names are Hugging Face's own; int8 adds "<name>_scale" (F32, one a
// row), and smoothing adds "<layer>.attention.self.smoothing" and
// "<layer>.intermediate.smoothing" (F32 [H], what the input is multiplied by
// before it is quantised).

#ifndef SIMILE_MODEL_BERT_TENSORS_H_
#define SIMILE_MODEL_BERT_TENSORS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "model/model_config.h"
#include "model/safetensors.h"

namespace simile {

// What a tensor is for. kX, kXScale and kXBias stand in a row (see ScaleOf).
enum class BertRole {
  kTokenizerVocab,  // U8 [bytes], any length >= 1
  kGoldenVectors,   // F32 [golden_texts, H]
  kWordEmbeddings, kWordEmbeddingsScale,
  kPositionEmbeddings, kPositionEmbeddingsScale,
  kTypeEmbeddings, kTypeEmbeddingsScale,
  kEmbeddingsNormGamma, kEmbeddingsNormBeta,
  // per layer:
  kQuery, kQueryScale, kQueryBias,
  kKey, kKeyScale, kKeyBias,
  kValue, kValueScale, kValueBias,
  kAttentionOutput, kAttentionOutputScale, kAttentionOutputBias,
  kIntermediate, kIntermediateScale, kIntermediateBias,
  kOutput, kOutputScale, kOutputBias,
  kAttentionNormGamma, kAttentionNormBeta,
  kOutputNormGamma, kOutputNormBeta,
  kAttentionSmoothing, kIntermediateSmoothing,
};

// The role of a weight's scales, of its bias, and of a LayerNorm's beta (from its
// gamma).
inline BertRole ScaleOf(BertRole weight) {
  return static_cast<BertRole>(static_cast<int>(weight) + 1);
}
inline BertRole BiasOf(BertRole weight) {
  return static_cast<BertRole>(static_cast<int>(weight) + 2);
}
inline BertRole BetaOf(BertRole gamma) {
  return static_cast<BertRole>(static_cast<int>(gamma) + 1);
}

struct BertTensorSpec {
  std::string name;
  BertRole role;
  int layer;  // -1 outside the layers
  DType dtype;
  std::vector<uint64_t> shape;  // a 0 stands for any length
};

// In the order in which the writer writes them: scales, biases and smoothing
// before the weights they belong to, so that a reader can pack each weight as it
// arrives; "golden.vectors" last.
std::vector<BertTensorSpec> BertTensorSpecs(const ModelConfig& config);

// Every tensor of the header is in the list and the other way round, each with
// its dtype and shape. kBadModel names the first that is not:
// "tensor 'encoder.layer.0.…weight': expected I8 [384, 384], file has I8 [384, 312]".
Status CheckTensors(const SafetensorsHeader& header,
                    const std::vector<BertTensorSpec>& specs);

}  // namespace simile

#endif  // SIMILE_MODEL_BERT_TENSORS_H_

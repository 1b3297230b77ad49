// SPDX-License-Identifier: Apache-2.0
// What each family of checkpoints calls its tensors. Names alone: which of them a
// model has, and their shapes, are said by its EncoderConfig.

#ifndef SIMILE_MODEL_TENSOR_NAMES_H_
#define SIMILE_MODEL_TENSOR_NAMES_H_

#include "model/encoder_config.h"

namespace simile {

// Without ".weight" and ".bias"; those of a layer stand behind its prefix. nullptr:
// the family never has it.
struct TensorNames {
  const char* word_embeddings = nullptr;
  const char* position_embeddings = nullptr;
  const char* type_embeddings = nullptr;
  const char* embeddings_norm = nullptr;
  const char* final_norm = nullptr;
  const char* relative_bias = nullptr;
  const char* layers = nullptr;            // before a layer's number
  const char* query = nullptr;
  const char* key = nullptr;
  const char* value = nullptr;
  const char* qkv = nullptr;               // the three in one; then query, key and value are nullptr
  const char* attention_output = nullptr;
  const char* residual = nullptr;          // layer 0's
  const char* attention_norm = nullptr;
  const char* query_norm = nullptr;
  const char* key_norm = nullptr;
  const char* intermediate = nullptr;      // of an MLP without a gate
  const char* gate = nullptr;
  const char* up = nullptr;
  const char* gate_up = nullptr;           // gate above up in one; then both are nullptr
  const char* output = nullptr;
  const char* mlp_norm = nullptr;
  // Of Simile's own files, whole:
  const char* attention_smoothing = nullptr;
  const char* attention_output_smoothing = nullptr;
  const char* intermediate_smoothing = nullptr;
  const char* output_smoothing = nullptr;
};

const TensorNames& NamesOf(Architecture architecture);

}  // namespace simile

#endif  // SIMILE_MODEL_TENSOR_NAMES_H_

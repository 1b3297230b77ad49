// SPDX-License-Identifier: Apache-2.0
// EncoderConfig: the parts that a transformer encoder is built from. One engine
// runs them all (encoder/encoder.h); what distinguishes a BERT from an MPNet or a
// Qwen3 is said here, part by part, and never inferred from a name. The defaults
// are BERT's.

#ifndef SIMILE_MODEL_ENCODER_CONFIG_H_
#define SIMILE_MODEL_ENCODER_CONFIG_H_

#include <cstdint>

#include "base/json.h"
#include "base/status.h"

namespace simile {

// Whose names the tensors have, and which of them are fused (model_tensors.h).
enum class Architecture {
  kBert, kMpnet, kDistilBert, kNomicBert, kModernBert, kT5, kLlama, kQwen3, kUseLite
};

enum class Norm { kLayerNorm, kRmsNorm };

// Where a sublayer is normalised: its sum with the residual (BERT), or what goes
// into it (T5, Llama, ModernBERT).
enum class NormPlacement { kAfter, kBefore };

enum class Activation { kGelu, kGeluTanh, kRelu, kSilu };

// How a token's place enters.
enum class Positions {
  kTable,            // a row of a table is added to the embedding; with relative buckets
                     // besides where relative_buckets is not 0 (MPNet)
  kRelativeBuckets,  // a number for each head and distance is added to the scores (T5)
  kRotary,           // queries and keys are turned (Su et al. 2021, halves as in Llama)
};

// Shape letters: H hidden size, V vocabulary, L layers, I intermediate size, d head
// size.
struct EncoderConfig {
  Architecture architecture = Architecture::kBert;
  uint32_t hidden_size = 0;        // H, at most 8192
  uint32_t layers = 0;             // 1…64
  uint32_t heads = 0;              // at most 256
  uint32_t kv_heads = 0;           // heads of keys and values; divides heads; at most 256
  uint32_t head_size = 0;          // d, at most 1024; heads * d need not be H
  uint32_t intermediate_size = 0;  // I, at most 32768
  uint32_t vocab_size = 0;         // V, at most 2^20
  uint32_t max_positions = 0;      // tokens of the longest text, at most 32768
  uint32_t type_vocab_size = 0;    // 0: no token types; at most 16

  Norm norm = Norm::kLayerNorm;
  NormPlacement norm_placement = NormPlacement::kAfter;
  double layer_norm_eps = 1e-12;   // 1e-14…1e-2
  bool norm_bias = true;           // LayerNorms have a beta
  bool embeddings_norm = true;     // after the sum of the embeddings
  bool final_norm = false;         // after the last layer
  bool first_norm = true;          // false: layer 0's attention is not normalised (ModernBERT)
  bool query_key_norm = false;     // RMSNorm of each head's query and key (Qwen3)

  bool qkv_bias = true;
  bool attention_output_bias = true;
  bool mlp_bias = true;

  Activation activation = Activation::kGelu;
  bool gated = false;              // activation(gate x) * (up x); else activation(up x)

  Positions positions = Positions::kTable;
  uint32_t position_offset = 0;    // the table's row of the first token; the table has
                                   // position_offset + max_positions rows
  uint32_t relative_buckets = 0;   // even, 4…1024; half of them look ahead, half back
  uint32_t relative_max_distance = 0;  // more than half the buckets
  double rotary_base = 0;
  double local_rotary_base = 0;    // of local layers; 0: rotary_base

  bool causal = false;             // a token sees those before it and itself
  uint32_t local_window = 0;       // in local layers a token sees those at most so far away
  uint32_t global_every = 0;       // every so many layers, from layer 0 on, is not local
  double attention_scale = 0;      // of the scores; 0: 1 / sqrt(d)
  double embedding_scale = 1;      // of the word embeddings
  // Width of the embeddings and of layer 0's input and attention, whose heads are
  // narrower; a matrix brings the residual to H there (USE-lite). H for all others.
  uint32_t embedding_size = 0;

  bool IsLocal(uint32_t layer) const { return local_window != 0 && layer % global_every != 0; }
  bool has_position_table() const { return positions == Positions::kTable; }
  bool has_relative_bias() const { return relative_buckets != 0; }
  uint32_t query_size() const { return heads * head_size; }
  uint32_t kv_size() const { return kv_heads * head_size; }

  bool has_residual_projection() const { return embedding_size != hidden_size; }
  uint32_t input_size(uint32_t layer) const { return layer == 0 ? embedding_size : hidden_size; }
  uint32_t layer_head_size(uint32_t layer) const {
    return layer == 0 && has_residual_projection() ? embedding_size / heads : head_size;
  }
  uint32_t layer_query_size(uint32_t layer) const { return heads * layer_head_size(layer); }
  uint32_t layer_kv_size(uint32_t layer) const { return kv_heads * layer_head_size(layer); }
};

// Members at their default are left out, so that a BERT's JSON, and with it its vector
// space, is what it was when there were no others.
Json EncoderConfigToJson(const EncoderConfig& config);
// Every number checked against the limits above, and one against the other.
// kBadModel.
Status EncoderConfigFromJson(const JsonReader& reader, EncoderConfig* config);

}  // namespace simile

#endif  // SIMILE_MODEL_ENCODER_CONFIG_H_

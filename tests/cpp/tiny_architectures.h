// SPDX-License-Identifier: Apache-2.0
// The architectures of tests/golden/tiny_models as the parts of an encoder.

#ifndef SIMILE_TESTS_CPP_TINY_ARCHITECTURES_H_
#define SIMILE_TESTS_CPP_TINY_ARCHITECTURES_H_

#include <ostream>
#include <vector>

#include "model/encoder_config.h"

namespace simile {

inline EncoderConfig TinyBase(Architecture architecture, double eps) {
  EncoderConfig config;
  config.architecture = architecture;
  config.hidden_size = config.embedding_size = 32;
  config.layers = 3;
  config.heads = config.kv_heads = 4;
  config.head_size = 8;
  config.intermediate_size = 64;
  config.vocab_size = 160;
  config.max_positions = 48;
  config.layer_norm_eps = eps;
  return config;
}

inline EncoderConfig Bert(Activation activation) {
  EncoderConfig config = TinyBase(Architecture::kBert, 1e-12);
  config.type_vocab_size = 2;
  config.activation = activation;
  return config;
}

inline EncoderConfig XlmRoberta() {
  EncoderConfig config = TinyBase(Architecture::kBert, 1e-5);
  config.type_vocab_size = 1;
  config.position_offset = 2;
  return config;
}

inline EncoderConfig Mpnet() {
  EncoderConfig config = TinyBase(Architecture::kMpnet, 1e-5);
  config.position_offset = 2;
  config.relative_buckets = 32;
  config.relative_max_distance = 128;
  return config;
}

inline EncoderConfig NomicBert() {
  EncoderConfig config = TinyBase(Architecture::kNomicBert, 1e-12);
  config.heads = config.kv_heads = 2;
  config.head_size = 16;
  config.type_vocab_size = 2;
  config.qkv_bias = config.attention_output_bias = config.mlp_bias = false;
  config.activation = Activation::kSilu;
  config.gated = true;
  config.positions = Positions::kRotary;
  config.rotary_base = 1000;
  return config;
}

inline EncoderConfig ModernBert() {
  EncoderConfig config = TinyBase(Architecture::kModernBert, 1e-5);
  config.layers = 4;
  config.heads = config.kv_heads = 2;
  config.head_size = 16;
  config.intermediate_size = 48;
  config.norm_placement = NormPlacement::kBefore;
  config.norm_bias = config.first_norm = false;
  config.final_norm = true;
  config.qkv_bias = config.attention_output_bias = config.mlp_bias = false;
  config.gated = true;
  config.positions = Positions::kRotary;
  config.rotary_base = 160000;
  config.local_rotary_base = 10000;
  config.local_window = 4;
  config.global_every = 3;
  return config;
}

inline EncoderConfig T5(bool gated) {
  EncoderConfig config = TinyBase(Architecture::kT5, 1e-6);
  config.head_size = 16;
  config.intermediate_size = 48;
  config.norm = Norm::kRmsNorm;
  config.norm_placement = NormPlacement::kBefore;
  config.norm_bias = config.embeddings_norm = false;
  config.final_norm = true;
  config.qkv_bias = config.attention_output_bias = config.mlp_bias = false;
  config.gated = gated;
  config.activation = gated ? Activation::kGeluTanh : Activation::kRelu;
  config.positions = Positions::kRelativeBuckets;
  config.relative_buckets = 8;
  config.relative_max_distance = 16;
  config.attention_scale = 1;
  return config;
}

inline EncoderConfig Decoder(Architecture architecture) {
  EncoderConfig config = TinyBase(architecture, 1e-6);
  const bool is_qwen = architecture == Architecture::kQwen3;
  config.kv_heads = 2;
  config.head_size = is_qwen ? 16 : 8;
  config.query_key_norm = is_qwen;
  config.norm = Norm::kRmsNorm;
  config.norm_placement = NormPlacement::kBefore;
  config.norm_bias = config.embeddings_norm = false;
  config.final_norm = true;
  config.qkv_bias = config.attention_output_bias = config.mlp_bias = false;
  config.gated = true;
  config.activation = Activation::kSilu;
  config.positions = Positions::kRotary;
  config.rotary_base = 10000;
  config.causal = true;
  return config;
}

struct TinyArchitecture {
  const char* name;  // of tests/golden/tiny_models/
  EncoderConfig config;
};

inline void PrintTo(const TinyArchitecture& c, std::ostream* out) { *out << c.name; }

inline std::vector<TinyArchitecture> TinyArchitectures() {
  return {{"bert-gelu-new", Bert(Activation::kGeluTanh)},
          {"bert-relu", Bert(Activation::kRelu)},
          {"distilbert", TinyBase(Architecture::kDistilBert, 1e-12)},
          {"llama", Decoder(Architecture::kLlama)},
          {"modernbert", ModernBert()},
          {"mpnet", Mpnet()},
          {"nomic-bert", NomicBert()},
          {"qwen3", Decoder(Architecture::kQwen3)},
          {"t5-gated-gelu", T5(true)},
          {"t5-relu", T5(false)},
          {"xlm-roberta", XlmRoberta()}};
}

}  // namespace simile

#endif  // SIMILE_TESTS_CPP_TINY_ARCHITECTURES_H_

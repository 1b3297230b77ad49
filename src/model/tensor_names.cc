// SPDX-License-Identifier: Apache-2.0
#include "model/tensor_names.h"

namespace simile {
namespace {

// BERT, RoBERTa, XLM-RoBERTa
constexpr TensorNames kBertNames = {
    .word_embeddings = "embeddings.word_embeddings",
    .position_embeddings = "embeddings.position_embeddings",
    .type_embeddings = "embeddings.token_type_embeddings",
    .embeddings_norm = "embeddings.LayerNorm",
    .layers = "encoder.layer.",
    .query = "attention.self.query",
    .key = "attention.self.key",
    .value = "attention.self.value",
    .attention_output = "attention.output.dense",
    .attention_norm = "attention.output.LayerNorm",
    .intermediate = "intermediate.dense",
    .output = "output.dense",
    .mlp_norm = "output.LayerNorm",
    .attention_smoothing = "attention.self.smoothing",
    .attention_output_smoothing = "attention.output.smoothing",
    .intermediate_smoothing = "intermediate.smoothing",
    .output_smoothing = "output.smoothing",
};

constexpr TensorNames kMpnetNames = {
    .word_embeddings = "embeddings.word_embeddings",
    .position_embeddings = "embeddings.position_embeddings",
    .embeddings_norm = "embeddings.LayerNorm",
    .relative_bias = "encoder.relative_attention_bias",
    .layers = "encoder.layer.",
    .query = "attention.attn.q",
    .key = "attention.attn.k",
    .value = "attention.attn.v",
    .attention_output = "attention.attn.o",
    .attention_norm = "attention.LayerNorm",
    .intermediate = "intermediate.dense",
    .output = "output.dense",
    .mlp_norm = "output.LayerNorm",
    .attention_smoothing = "attention.attn.smoothing",
    .attention_output_smoothing = "attention.attn.o.smoothing",
    .intermediate_smoothing = "intermediate.smoothing",
    .output_smoothing = "output.smoothing",
};

constexpr TensorNames kDistilBertNames = {
    .word_embeddings = "embeddings.word_embeddings",
    .position_embeddings = "embeddings.position_embeddings",
    .embeddings_norm = "embeddings.LayerNorm",
    .layers = "transformer.layer.",
    .query = "attention.q_lin",
    .key = "attention.k_lin",
    .value = "attention.v_lin",
    .attention_output = "attention.out_lin",
    .attention_norm = "sa_layer_norm",
    .intermediate = "ffn.lin1",
    .output = "ffn.lin2",
    .mlp_norm = "output_layer_norm",
    .attention_smoothing = "attention.smoothing",
    .attention_output_smoothing = "attention.out_lin.smoothing",
    .intermediate_smoothing = "ffn.smoothing",
    .output_smoothing = "ffn.lin2.smoothing",
};

// As published; fc12 is what the activation is of.
constexpr TensorNames kNomicBertNames = {
    .word_embeddings = "embeddings.word_embeddings",
    .type_embeddings = "embeddings.token_type_embeddings",
    .embeddings_norm = "emb_ln",
    .layers = "encoder.layers.",
    .qkv = "attn.Wqkv",
    .attention_output = "attn.out_proj",
    .attention_norm = "norm1",
    .intermediate = "mlp.fc1",
    .gate = "mlp.fc12",
    .up = "mlp.fc11",
    .output = "mlp.fc2",
    .mlp_norm = "norm2",
    .attention_smoothing = "attn.smoothing",
    .attention_output_smoothing = "attn.out_proj.smoothing",
    .intermediate_smoothing = "mlp.smoothing",
    .output_smoothing = "mlp.fc2.smoothing",
};

constexpr TensorNames kModernBertNames = {
    .word_embeddings = "embeddings.tok_embeddings",
    .embeddings_norm = "embeddings.norm",
    .final_norm = "final_norm",
    .layers = "layers.",
    .qkv = "attn.Wqkv",
    .attention_output = "attn.Wo",
    .attention_norm = "attn_norm",
    .gate_up = "mlp.Wi",
    .output = "mlp.Wo",
    .mlp_norm = "mlp_norm",
    .attention_smoothing = "attn.smoothing",
    .attention_output_smoothing = "attn.Wo.smoothing",
    .intermediate_smoothing = "mlp.smoothing",
    .output_smoothing = "mlp.Wo.smoothing",
};

constexpr TensorNames kT5Names = {
    .word_embeddings = "shared",
    .final_norm = "encoder.final_layer_norm",
    .relative_bias = "encoder.block.0.layer.0.SelfAttention.relative_attention_bias",
    .layers = "encoder.block.",
    .query = "layer.0.SelfAttention.q",
    .key = "layer.0.SelfAttention.k",
    .value = "layer.0.SelfAttention.v",
    .attention_output = "layer.0.SelfAttention.o",
    .attention_norm = "layer.0.layer_norm",
    .intermediate = "layer.1.DenseReluDense.wi",
    .gate = "layer.1.DenseReluDense.wi_0",
    .up = "layer.1.DenseReluDense.wi_1",
    .output = "layer.1.DenseReluDense.wo",
    .mlp_norm = "layer.1.layer_norm",
    .attention_smoothing = "layer.0.SelfAttention.smoothing",
    .attention_output_smoothing = "layer.0.SelfAttention.o.smoothing",
    .intermediate_smoothing = "layer.1.DenseReluDense.smoothing",
    .output_smoothing = "layer.1.DenseReluDense.wo.smoothing",
};

// Llama and Qwen3
constexpr TensorNames kLlamaNames = {
    .word_embeddings = "embed_tokens",
    .final_norm = "norm",
    .layers = "layers.",
    .query = "self_attn.q_proj",
    .key = "self_attn.k_proj",
    .value = "self_attn.v_proj",
    .attention_output = "self_attn.o_proj",
    .attention_norm = "input_layernorm",
    .query_norm = "self_attn.q_norm",
    .key_norm = "self_attn.k_norm",
    .gate = "mlp.gate_proj",
    .up = "mlp.up_proj",
    .output = "mlp.down_proj",
    .mlp_norm = "post_attention_layernorm",
    .attention_smoothing = "self_attn.smoothing",
    .attention_output_smoothing = "self_attn.o_proj.smoothing",
    .intermediate_smoothing = "mlp.smoothing",
    .output_smoothing = "mlp.down_proj.smoothing",
};

// Universal Sentence Encoder lite, as tools/weights names it
constexpr TensorNames kUseLiteNames = {
    .word_embeddings = "embeddings.word_embeddings",
    .position_embeddings = "embeddings.position_embeddings",
    .layers = "encoder.layer.",
    .query = "attention.self.query",
    .key = "attention.self.key",
    .value = "attention.self.value",
    .attention_output = "attention.output.dense",
    .residual = "attention.residual",
    .attention_norm = "attention.LayerNorm",
    .intermediate = "intermediate.dense",
    .output = "output.dense",
    .mlp_norm = "intermediate.LayerNorm",
    .attention_smoothing = "attention.self.smoothing",
    .attention_output_smoothing = "attention.output.smoothing",
    .intermediate_smoothing = "intermediate.smoothing",
    .output_smoothing = "output.smoothing",
};

}  // namespace

const TensorNames& NamesOf(Architecture architecture) {
  switch (architecture) {
    case Architecture::kBert: return kBertNames;
    case Architecture::kMpnet: return kMpnetNames;
    case Architecture::kDistilBert: return kDistilBertNames;
    case Architecture::kNomicBert: return kNomicBertNames;
    case Architecture::kModernBert: return kModernBertNames;
    case Architecture::kT5: return kT5Names;
    case Architecture::kLlama:
    case Architecture::kQwen3: return kLlamaNames;
    case Architecture::kUseLite: return kUseLiteNames;
  }
  return kBertNames;
}

}  // namespace simile

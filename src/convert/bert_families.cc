// SPDX-License-Identifier: Apache-2.0
// The families that keep BERT's plan: norms after each sublayer, biases everywhere.
#include <string>

#include "convert/architectures.h"
#include "convert/hub_config.h"

namespace simile {
namespace {

// Members that BERT, RoBERTa and MPNet share.
Status ReadCommon(const JsonReader& reader, EncoderConfig* config) {
  SIMILE_RETURN_IF_ERROR(CheckFixed(reader, {{"position_embedding_type", "\"absolute\""},
                                             {"is_decoder", "false"},
                                             {"add_cross_attention", "false"}}));
  SIMILE_RETURN_IF_ERROR(ReadActivation(reader, "hidden_act", "gelu", &config->activation));
  SIMILE_RETURN_IF_ERROR(ReadUsualSizes(reader, config));
  SIMILE_RETURN_IF_ERROR(reader.ReadOptional("layer_norm_eps", &config->layer_norm_eps));
  return SplitIntoHeads(reader, "num_attention_heads", config);
}

// The first rows of the position table belong to padding.
Status SkipPositions(const JsonReader& reader, uint32_t offset, EncoderConfig* config) {
  config->position_offset = offset;
  if (config->max_positions <= offset) {
    return reader.Fail("max_position_embeddings",
                       "expected more than " + std::to_string(offset) + ", found " +
                           std::to_string(config->max_positions));
  }
  config->max_positions -= offset;
  return Status();
}

// Nomic's own form of its config, as published.
Status ReadPublishedNomicBert(const JsonReader& reader, EncoderConfig* config) {
  SIMILE_RETURN_IF_ERROR(CheckFixed(reader, {{"causal", "false"},
                                             {"prenorm", "false"},
                                             {"parallel_block", "false"},
                                             {"use_rms_norm", "false"},
                                             {"rotary_emb_fraction", "1"},
                                             {"rotary_emb_interleaved", "false"},
                                             {"scale_attn_weights", "true"},
                                             {"scale_attn_by_inverse_layer_idx", "false"}}));
  if (HasMember(reader, "rotary_emb_scale_base")) {
    return reader.Fail("rotary_emb_scale_base", "is not supported");
  }
  SIMILE_RETURN_IF_ERROR(ReadSizes(reader,
                                   {{"n_embd", &EncoderConfig::hidden_size},
                                    {"n_layer", &EncoderConfig::layers},
                                    {"n_head", &EncoderConfig::heads},
                                    {"n_inner", &EncoderConfig::intermediate_size},
                                    {"n_positions", &EncoderConfig::max_positions}},
                                   config));
  // Beyond these the frequencies are stretched.
  if (HasMember(reader, "rotary_scaling_factor")) {
    SIMILE_RETURN_IF_ERROR(ReadSize(reader, "max_trained_positions", &config->max_positions));
  }
  SIMILE_RETURN_IF_ERROR(reader.ReadOptional("layer_norm_epsilon", &config->layer_norm_eps));
  bool up_bias = true, down_bias = true;
  SIMILE_RETURN_IF_ERROR(reader.ReadOptional("mlp_fc1_bias", &up_bias));
  SIMILE_RETURN_IF_ERROR(reader.ReadOptional("mlp_fc2_bias", &down_bias));
  if (up_bias != down_bias) {
    return reader.Fail("mlp_fc2_bias", "another value than mlp_fc1_bias is not supported");
  }
  SIMILE_RETURN_IF_ERROR(reader.ReadOptional("qkv_proj_bias", &config->qkv_bias));
  config->attention_output_bias = config->qkv_bias;
  config->mlp_bias = up_bias;
  std::string function;
  SIMILE_RETURN_IF_ERROR(reader.Read("activation_function", &function));
  config->gated = function == "swiglu" || function == "geglu";
  if (!config->gated && function != "gelu") {
    return reader.Fail("activation_function", "\"" + function +
                                                  "\" is not supported; this version reads "
                                                  "\"swiglu\", \"geglu\", \"gelu\"");
  }
  config->activation = function == "swiglu" ? Activation::kSilu : Activation::kGelu;
  return Status();
}

// As transformers 5 writes it.
Status ReadNewNomicBert(const JsonReader& reader, EncoderConfig* config) {
  config->qkv_bias = config->attention_output_bias = config->mlp_bias = false;
  config->gated = true;
  SIMILE_RETURN_IF_ERROR(ReadCommon(reader, config));
  return ReadActivation(reader, "hidden_act", "silu", &config->activation);
}

}  // namespace

Status ReadBert(const JsonReader& reader, EncoderConfig* config) {
  config->architecture = Architecture::kBert;
  SIMILE_RETURN_IF_ERROR(ReadSize(reader, "type_vocab_size", &config->type_vocab_size));
  return ReadCommon(reader, config);
}

Status ReadRoberta(const JsonReader& reader, EncoderConfig* config) {
  SIMILE_RETURN_IF_ERROR(ReadBert(reader, config));
  int64_t pad = 1;
  SIMILE_RETURN_IF_ERROR(reader.ReadOptional("pad_token_id", 0, 1000, &pad));
  return SkipPositions(reader, static_cast<uint32_t>(pad) + 1, config);
}

Status ReadMpnet(const JsonReader& reader, EncoderConfig* config) {
  // Its code knows no other number of buckets, distance or padding token.
  SIMILE_RETURN_IF_ERROR(CheckFixed(reader, {{"relative_attention_num_buckets", "32"}}));
  config->architecture = Architecture::kMpnet;
  config->relative_buckets = 32;
  config->relative_max_distance = 128;
  SIMILE_RETURN_IF_ERROR(ReadCommon(reader, config));
  return SkipPositions(reader, 2, config);
}

Status ReadDistilBert(const JsonReader& reader, EncoderConfig* config) {
  config->architecture = Architecture::kDistilBert;
  config->layer_norm_eps = 1e-12;
  SIMILE_RETURN_IF_ERROR(ReadActivation(reader, "activation", "gelu", &config->activation));
  SIMILE_RETURN_IF_ERROR(
      ReadSizes(reader,
                {{"dim", &EncoderConfig::hidden_size},
                 {"n_layers", &EncoderConfig::layers},
                 {"n_heads", &EncoderConfig::heads},
                 {"hidden_dim", &EncoderConfig::intermediate_size},
                 {"vocab_size", &EncoderConfig::vocab_size},
                 {"max_position_embeddings", &EncoderConfig::max_positions}},
                config));
  return SplitIntoHeads(reader, "n_heads", config);
}

Status ReadNomicBert(const JsonReader& reader, EncoderConfig* config) {
  config->architecture = Architecture::kNomicBert;
  config->positions = Positions::kRotary;
  config->rotary_base = 1000;
  const bool published = HasMember(reader, "n_embd");
  SIMILE_RETURN_IF_ERROR(published ? ReadPublishedNomicBert(reader, config)
                                   : ReadNewNomicBert(reader, config));
  SIMILE_RETURN_IF_ERROR(ReadRotaryBase(reader, "rotary_emb_base", &config->rotary_base));
  SIMILE_RETURN_IF_ERROR(ReadSizes(reader, {{"vocab_size", &EncoderConfig::vocab_size}}, config));
  SIMILE_RETURN_IF_ERROR(ReadOptionalSize(reader, "type_vocab_size", &config->type_vocab_size));
  return SplitIntoHeads(reader, published ? "n_head" : "num_attention_heads", config);
}

}  // namespace simile

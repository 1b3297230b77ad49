// SPDX-License-Identifier: Apache-2.0
// The families that normalise what goes into a sublayer: ModernBERT, T5, the decoders
// Llama and Qwen3, and Universal Sentence Encoder lite.
#include <algorithm>
#include <string>

#include "convert/architectures.h"
#include "convert/hub_config.h"

namespace simile {
namespace {

// Decoders state lengths that no page will ever embed; longer texts come in pieces.
constexpr uint32_t kMaxPositions = 32768;

// "layer_types": which layers see all tokens. ModernBERT's period, 1 if all do.
Status ReadPeriod(const JsonReader& reader, uint32_t layers, uint32_t* period) {
  *period = 3;
  SIMILE_RETURN_IF_ERROR(ReadOptionalSize(reader, "global_attn_every_n_layers", period));
  if (!HasMember(reader, "layer_types")) return Status();
  const Json::Array* types = reader.json().Find("layer_types")->array();
  if (types == nullptr || types->size() != layers) {
    return reader.Fail("layer_types", "expected one for each of the " + std::to_string(layers) +
                                          " layers");
  }
  const auto is_global = [&](size_t i) { return (*types)[i].Dump() == "\"full_attention\""; };
  *period = layers;
  for (uint32_t i = layers; i-- > 1;) {
    if (is_global(i)) *period = i;
  }
  for (uint32_t i = 0; i < layers; ++i) {
    const bool is_local = (*types)[i].Dump() == "\"sliding_attention\"";
    if (i % *period == 0 ? is_global(i) : is_local) continue;
    return reader.Fail("layer_types", "expected \"full_attention\" in layer 0 and every so many "
                                      "layers, else \"sliding_attention\"; layer " +
                                          std::to_string(i) + " has " + (*types)[i].Dump());
  }
  return Status();
}

Status ReadModernBertRotary(const JsonReader& reader, EncoderConfig* config) {
  config->rotary_base = 160000;
  config->local_rotary_base = 10000;
  SIMILE_RETURN_IF_ERROR(reader.ReadOptional("global_rope_theta", &config->rotary_base));
  SIMILE_RETURN_IF_ERROR(reader.ReadOptional("local_rope_theta", &config->local_rotary_base));
  if (!HasMember(reader, "rope_parameters")) return Status();
  const JsonReader both(*reader.json().Find("rope_parameters"),
                        reader.what() + ": \"rope_parameters\"");
  for (const auto& [kind, base] : {std::pair("full_attention", &config->rotary_base),
                                   std::pair("sliding_attention", &config->local_rotary_base)}) {
    if (!HasMember(both, kind)) continue;
    Json wrapped;  // as ReadRotaryBase reads it
    wrapped.Set("rope_parameters", *both.json().Find(kind));
    SIMILE_RETURN_IF_ERROR(ReadRotaryBase(JsonReader(wrapped, both.what() + ": \"" + kind + "\""),
                                          "rope_theta", base));
  }
  return Status();
}

// What RMSNorm models of a decoder's plan share.
void SetDecoderParts(EncoderConfig* config) {
  config->norm = Norm::kRmsNorm;
  config->norm_bias = false;
  config->norm_placement = NormPlacement::kBefore;
  config->embeddings_norm = false;
  config->final_norm = true;
  config->type_vocab_size = 0;
}

Status ReadT5Activation(const JsonReader& reader, EncoderConfig* config) {
  struct Projection {
    const char* name;
    bool gated;
    Activation activation;
    const char* function;  // what a config may say besides
  };
  constexpr Projection kProjections[] = {
      {"relu", false, Activation::kRelu, "\"relu\""},
      {"gated-gelu", true, Activation::kGeluTanh, "\"gelu_new\""},
      {"gated-silu", true, Activation::kSilu, "\"silu\""},
      {"gated-relu", true, Activation::kRelu, "\"relu\""},
  };
  std::string name = "relu";
  SIMILE_RETURN_IF_ERROR(reader.ReadOptional("feed_forward_proj", &name));
  for (const Projection& projection : kProjections) {
    if (name != projection.name) continue;
    config->gated = projection.gated;
    config->activation = projection.activation;
    return CheckFixed(reader, {{"is_gated_act", projection.gated ? "true" : "false"},
                               {"dense_act_fn", projection.function}});
  }
  return reader.Fail("feed_forward_proj",
                     "\"" + name + "\" is not supported; this version reads \"relu\", "
                     "\"gated-gelu\", \"gated-silu\", \"gated-relu\"");
}

// A decoder's heads of keys and values, and layers that all see everything before them.
Status ReadDecoderAttention(const JsonReader& reader, EncoderConfig* config) {
  SIMILE_RETURN_IF_ERROR(reader.ReadOptional("attention_bias", &config->qkv_bias));
  config->attention_output_bias = config->qkv_bias;
  config->kv_heads = config->heads;
  SIMILE_RETURN_IF_ERROR(ReadOptionalSize(reader, "num_key_value_heads", &config->kv_heads));
  if (config->heads % config->kv_heads != 0) {
    return reader.Fail("num_key_value_heads", std::to_string(config->heads) +
                                                  " heads are no multiple of " +
                                                  std::to_string(config->kv_heads));
  }
  const Json* types = reader.json().Find("layer_types");
  for (const Json& type : types == nullptr || types->array() == nullptr ? Json::Array()
                                                                        : *types->array()) {
    if (type.Dump() == "\"full_attention\"") continue;
    return reader.Fail("layer_types", type.Dump() + " is not supported; \"full_attention\" is");
  }
  return CheckFixed(reader, {{"use_sliding_window", "false"},
                             {"use_bidirectional_attention", "false"}});
}

Status ReadDecoder(const JsonReader& reader, EncoderConfig* config) {
  SetDecoderParts(config);
  config->positions = Positions::kRotary;
  config->causal = true;
  config->gated = true;
  config->layer_norm_eps = 1e-6;
  config->rotary_base = 10000;
  SIMILE_RETURN_IF_ERROR(ReadActivation(reader, "hidden_act", "silu", &config->activation));
  SIMILE_RETURN_IF_ERROR(ReadUsualSizes(reader, config));
  config->max_positions = std::min(config->max_positions, kMaxPositions);
  SIMILE_RETURN_IF_ERROR(ReadRotaryBase(reader, "rope_theta", &config->rotary_base));
  SIMILE_RETURN_IF_ERROR(reader.ReadOptional("rms_norm_eps", &config->layer_norm_eps));
  config->qkv_bias = config->mlp_bias = false;
  SIMILE_RETURN_IF_ERROR(reader.ReadOptional("mlp_bias", &config->mlp_bias));
  config->embedding_size = config->hidden_size;
  return ReadDecoderAttention(reader, config);
}

}  // namespace

Status ReadModernBert(const JsonReader& reader, EncoderConfig* config) {
  config->architecture = Architecture::kModernBert;
  config->norm_placement = NormPlacement::kBefore;
  config->positions = Positions::kRotary;
  config->final_norm = true;
  config->first_norm = false;
  config->gated = true;
  config->layer_norm_eps = 1e-5;
  config->norm_bias = config->qkv_bias = config->mlp_bias = false;
  SIMILE_RETURN_IF_ERROR(
      ReadActivation(reader, "hidden_activation", "gelu", &config->activation));
  SIMILE_RETURN_IF_ERROR(ReadUsualSizes(reader, config));
  SIMILE_RETURN_IF_ERROR(reader.ReadOptional("norm_eps", &config->layer_norm_eps));
  SIMILE_RETURN_IF_ERROR(reader.ReadOptional("norm_bias", &config->norm_bias));
  SIMILE_RETURN_IF_ERROR(reader.ReadOptional("attention_bias", &config->qkv_bias));
  config->attention_output_bias = config->qkv_bias;
  SIMILE_RETURN_IF_ERROR(reader.ReadOptional("mlp_bias", &config->mlp_bias));
  uint32_t window = 128;
  SIMILE_RETURN_IF_ERROR(ReadOptionalSize(reader, "local_attention", &window));
  SIMILE_RETURN_IF_ERROR(ReadPeriod(reader, config->layers, &config->global_every));
  SIMILE_RETURN_IF_ERROR(ReadModernBertRotary(reader, config));
  config->local_window = window / 2;
  if (config->global_every == 1 || config->layers == 1) {
    config->local_window = config->global_every = 0;
    config->local_rotary_base = 0;
  }
  return SplitIntoHeads(reader, "num_attention_heads", config);
}

Status ReadT5(const JsonReader& reader, EncoderConfig* config) {
  SetDecoderParts(config);
  config->architecture = Architecture::kT5;
  config->positions = Positions::kRelativeBuckets;
  config->relative_buckets = 32;
  config->relative_max_distance = 128;
  config->attention_scale = 1;
  config->layer_norm_eps = 1e-6;
  config->qkv_bias = config->attention_output_bias = config->mlp_bias = false;
  SIMILE_RETURN_IF_ERROR(CheckFixed(reader, {{"is_decoder", "false"}}));
  SIMILE_RETURN_IF_ERROR(ReadT5Activation(reader, config));
  SIMILE_RETURN_IF_ERROR(ReadSizes(reader,
                                   {{"d_model", &EncoderConfig::hidden_size},
                                    {"num_layers", &EncoderConfig::layers},
                                    {"num_heads", &EncoderConfig::heads},
                                    {"d_kv", &EncoderConfig::head_size},
                                    {"d_ff", &EncoderConfig::intermediate_size},
                                    {"vocab_size", &EncoderConfig::vocab_size}},
                                   config));
  SIMILE_RETURN_IF_ERROR(reader.ReadOptional("layer_norm_epsilon", &config->layer_norm_eps));
  SIMILE_RETURN_IF_ERROR(
      ReadOptionalSize(reader, "relative_attention_num_buckets", &config->relative_buckets));
  SIMILE_RETURN_IF_ERROR(
      ReadOptionalSize(reader, "relative_attention_max_distance", &config->relative_max_distance));
  config->kv_heads = config->heads;
  config->embedding_size = config->hidden_size;
  config->max_positions = 0;  // distances have no end
  return Status();
}

Status ReadLlama(const JsonReader& reader, EncoderConfig* config) {
  config->architecture = Architecture::kLlama;
  SIMILE_RETURN_IF_ERROR(ReadDecoder(reader, config));
  if (HasMember(reader, "head_dim")) return ReadSize(reader, "head_dim", &config->head_size);
  const uint32_t kv_heads = config->kv_heads;
  SIMILE_RETURN_IF_ERROR(SplitIntoHeads(reader, "num_attention_heads", config));
  config->kv_heads = kv_heads;
  return Status();
}

Status ReadQwen3(const JsonReader& reader, EncoderConfig* config) {
  config->architecture = Architecture::kQwen3;
  config->query_key_norm = true;
  config->head_size = 128;
  SIMILE_RETURN_IF_ERROR(ReadDecoder(reader, config));
  return ReadOptionalSize(reader, "head_dim", &config->head_size);
}

Status ReadUseLite(const JsonReader& reader, EncoderConfig* config) {
  config->architecture = Architecture::kUseLite;
  config->norm_placement = NormPlacement::kBefore;
  config->embeddings_norm = false;
  config->type_vocab_size = 0;
  SIMILE_RETURN_IF_ERROR(ReadActivation(reader, "hidden_act", "relu", &config->activation));
  SIMILE_RETURN_IF_ERROR(ReadUsualSizes(reader, config));
  SIMILE_RETURN_IF_ERROR(SplitIntoHeads(reader, "num_attention_heads", config));
  SIMILE_RETURN_IF_ERROR(reader.ReadOptional("layer_norm_eps", &config->layer_norm_eps));
  SIMILE_RETURN_IF_ERROR(reader.ReadOptional("embedding_scale", &config->embedding_scale));
  return ReadSize(reader, "embedding_size", &config->embedding_size);
}

}  // namespace simile

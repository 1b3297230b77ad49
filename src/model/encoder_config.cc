// SPDX-License-Identifier: Apache-2.0
#include "model/encoder_config.h"

#include <string>

#include "model/config_json.h"
#include "model/tensor_names.h"

namespace simile {
namespace {

constexpr uint32_t kMaxHidden = 8192, kMaxLayers = 64, kMaxHeads = 256, kMaxHeadSize = 1024,
                   kMaxIntermediate = 32768, kMaxVocab = 1 << 20, kMaxPositions = 32768,
                   kMaxTypes = 16, kMaxPositionOffset = 1024, kMaxDistance = 1 << 16;
constexpr double kMinEps = 1e-14, kMaxEps = 1e-2;
constexpr double kMinBase = 1, kMaxBase = 1e9;    // of rotary frequencies
constexpr double kMinScale = 1e-4, kMaxScale = 1e4;

constexpr NameOf<Architecture> kArchitectures[] = {
    {"bert", Architecture::kBert},
    {"mpnet", Architecture::kMpnet},
    {"distilbert", Architecture::kDistilBert},
    {"nomic_bert", Architecture::kNomicBert},
    {"modernbert", Architecture::kModernBert},
    {"t5", Architecture::kT5},
    {"llama", Architecture::kLlama},
    {"qwen3", Architecture::kQwen3},
    {"use_lite", Architecture::kUseLite},
};
constexpr NameOf<Activation> kActivations[] = {
    {"gelu", Activation::kGelu},
    {"gelu_tanh", Activation::kGeluTanh},
    {"relu", Activation::kRelu},
    {"silu", Activation::kSilu},
};
constexpr NameOf<Norm> kNorms[] = {{"layer_norm", Norm::kLayerNorm}, {"rms_norm", Norm::kRmsNorm}};
constexpr NameOf<NormPlacement> kPlacements[] = {{"after", NormPlacement::kAfter},
                                                 {"before", NormPlacement::kBefore}};
constexpr NameOf<Positions> kPositions[] = {
    {"table", Positions::kTable},
    {"relative_buckets", Positions::kRelativeBuckets},
    {"rotary", Positions::kRotary},
};

// What every recipe says.
struct SizeMember {
  const char* name;
  uint32_t EncoderConfig::* member;
  uint32_t low, high;
};
constexpr SizeMember kSizes[] = {
    {"hidden_size", &EncoderConfig::hidden_size, 1, kMaxHidden},
    {"layers", &EncoderConfig::layers, 1, kMaxLayers},
    {"heads", &EncoderConfig::heads, 1, kMaxHeads},
    {"intermediate_size", &EncoderConfig::intermediate_size, 1, kMaxIntermediate},
    {"vocab_size", &EncoderConfig::vocab_size, 1, kMaxVocab},
    {"max_positions", &EncoderConfig::max_positions, 2, kMaxPositions},
    {"type_vocab_size", &EncoderConfig::type_vocab_size, 0, kMaxTypes},
};

// What a recipe says where it is not the default.
constexpr SizeMember kFurtherSizes[] = {
    {"position_offset", &EncoderConfig::position_offset, 0, kMaxPositionOffset},
    {"relative_buckets", &EncoderConfig::relative_buckets, 0, 1024},
    {"relative_max_distance", &EncoderConfig::relative_max_distance, 0, kMaxDistance},
    {"local_window", &EncoderConfig::local_window, 0, kMaxPositions},
    {"global_every", &EncoderConfig::global_every, 0, kMaxLayers},
};
struct FlagMember {
  const char* name;
  bool EncoderConfig::* member;
};
constexpr FlagMember kFlags[] = {
    {"norm_bias", &EncoderConfig::norm_bias},
    {"embeddings_norm", &EncoderConfig::embeddings_norm},
    {"final_norm", &EncoderConfig::final_norm},
    {"first_norm", &EncoderConfig::first_norm},
    {"query_key_norm", &EncoderConfig::query_key_norm},
    {"qkv_bias", &EncoderConfig::qkv_bias},
    {"attention_output_bias", &EncoderConfig::attention_output_bias},
    {"mlp_bias", &EncoderConfig::mlp_bias},
    {"gated", &EncoderConfig::gated},
    {"causal", &EncoderConfig::causal},
};
struct NumberMember {
  const char* name;
  double EncoderConfig::* member;
  double low, high;
};
constexpr NumberMember kNumbers[] = {
    {"rotary_base", &EncoderConfig::rotary_base, kMinBase, kMaxBase},
    {"local_rotary_base", &EncoderConfig::local_rotary_base, kMinBase, kMaxBase},
    {"attention_scale", &EncoderConfig::attention_scale, kMinScale, kMaxScale},
    {"embedding_scale", &EncoderConfig::embedding_scale, kMinScale, kMaxScale},
};

Status ReadRequired(const JsonReader& reader, EncoderConfig* config) {
  SIMILE_RETURN_IF_ERROR(
      ReadName(reader, "type", "architecture", kArchitectures, &config->architecture));
  SIMILE_RETURN_IF_ERROR(
      ReadName(reader, "activation", "activation", kActivations, &config->activation));
  for (const SizeMember& size : kSizes) {
    SIMILE_RETURN_IF_ERROR(
        ReadU32(reader, size.name, size.low, size.high, &(config->*size.member)));
  }
  return ReadNumber(reader, "layer_norm_eps", kMinEps, kMaxEps, &config->layer_norm_eps);
}

Status ReadOptional(const JsonReader& reader, EncoderConfig* config) {
  SIMILE_RETURN_IF_ERROR(ReadOptionalName(reader, "norm", "norm", kNorms, &config->norm));
  SIMILE_RETURN_IF_ERROR(ReadOptionalName(reader, "norm_placement", "norm placement", kPlacements,
                                          &config->norm_placement));
  SIMILE_RETURN_IF_ERROR(
      ReadOptionalName(reader, "positions", "positions", kPositions, &config->positions));
  for (const FlagMember& flag : kFlags) {
    SIMILE_RETURN_IF_ERROR(reader.ReadOptional(flag.name, &(config->*flag.member)));
  }
  for (const SizeMember& size : kFurtherSizes) {
    SIMILE_RETURN_IF_ERROR(
        ReadOptionalU32(reader, size.name, size.low, size.high, &(config->*size.member)));
  }
  for (const NumberMember& number : kNumbers) {
    SIMILE_RETURN_IF_ERROR(ReadOptionalNumber(reader, number.name, number.low, number.high,
                                              &(config->*number.member)));
  }
  return Status();
}

// Unless said otherwise there are as many key heads as heads, the heads make up the
// hidden size, and the embeddings are as wide.
Status ReadWidths(const JsonReader& reader, EncoderConfig* config) {
  config->embedding_size = config->hidden_size;
  SIMILE_RETURN_IF_ERROR(
      ReadOptionalU32(reader, "embedding_size", 1, kMaxHidden, &config->embedding_size));
  config->kv_heads = config->heads;
  SIMILE_RETURN_IF_ERROR(
      ReadOptionalU32(reader, "kv_heads", 1, config->heads, &config->kv_heads));
  if (config->heads % config->kv_heads != 0) {
    return reader.Fail("kv_heads", std::to_string(config->heads) + " heads are no multiple of " +
                                       std::to_string(config->kv_heads));
  }
  SIMILE_RETURN_IF_ERROR(
      ReadOptionalU32(reader, "head_size", 1, kMaxHeadSize, &config->head_size));
  if (config->head_size != 0) return Status();
  if (config->hidden_size % config->heads != 0) {
    return reader.Fail("heads", "hidden_size " + std::to_string(config->hidden_size) +
                                    " is no multiple of " + std::to_string(config->heads));
  }
  config->head_size = config->hidden_size / config->heads;
  return Status();
}

// A combination that no engine of this version runs.
struct Conflict {
  bool found;
  const char* member;
  const char* message;
};

// A part that the family's checkpoints have no tensors for.
Status CheckNames(const JsonReader& reader, const EncoderConfig& c) {
  const TensorNames& names = NamesOf(c.architecture);
  const bool has_gate = names.gate != nullptr || names.gate_up != nullptr;
  const Conflict conflicts[] = {
      {c.has_position_table() && names.position_embeddings == nullptr, "positions", ""},
      {c.type_vocab_size != 0 && names.type_embeddings == nullptr, "type_vocab_size", ""},
      {c.embeddings_norm && names.embeddings_norm == nullptr, "embeddings_norm", ""},
      {c.final_norm && names.final_norm == nullptr, "final_norm", ""},
      {c.has_relative_bias() && names.relative_bias == nullptr, "relative_buckets", ""},
      {c.has_residual_projection() && names.residual == nullptr, "embedding_size", ""},
      {c.query_key_norm && names.query_norm == nullptr, "query_key_norm", ""},
      {c.gated ? !has_gate : names.intermediate == nullptr, "gated", ""},
  };
  for (const Conflict& conflict : conflicts) {
    if (!conflict.found) continue;
    return reader.Fail(conflict.member, std::string("architecture '") +
                                            NameIn(kArchitectures, c.architecture) +
                                            "' has no tensors for this");
  }
  return Status();
}

Status CheckCombinations(const JsonReader& reader, const EncoderConfig& c) {
  const bool rotary = c.positions == Positions::kRotary;
  const bool before = c.norm_placement == NormPlacement::kBefore;
  const Conflict conflicts[] = {
      {c.norm == Norm::kRmsNorm && c.norm_bias, "norm_bias", "an rms_norm has none"},
      {c.final_norm && !before, "final_norm", "goes with norm_placement \"before\" alone"},
      {!c.first_norm && !before, "first_norm", "false goes with norm_placement \"before\" alone"},
      {c.positions == Positions::kRelativeBuckets && !c.has_relative_bias(), "relative_buckets",
       "missing beside positions \"relative_buckets\""},
      {rotary && c.has_relative_bias(), "relative_buckets", "do not go with rotary positions"},
      {c.has_relative_bias() && c.causal, "relative_buckets", "do not go with causal attention"},
      {c.has_relative_bias() && (c.relative_buckets < 4 || c.relative_buckets % 2 != 0),
       "relative_buckets", "expected an even number, 4 or more"},
      {c.has_relative_bias() && c.relative_max_distance <= c.relative_buckets / 2,
       "relative_max_distance", "expected more than half of relative_buckets"},
      {rotary != (c.rotary_base != 0), "rotary_base", "goes with positions \"rotary\" alone"},
      {rotary && c.head_size % 2 != 0, "head_size", "rotary positions need an even one"},
      {c.local_rotary_base != 0 && (!rotary || c.local_window == 0), "local_rotary_base",
       "goes with rotary positions and a local_window alone"},
      {!c.has_position_table() && c.position_offset != 0, "position_offset",
       "goes with positions \"table\" alone"},
      {(c.local_window != 0) != (c.global_every != 0), "global_every",
       "goes with a local_window, and the other way round"},
      {c.local_window != 0 && c.causal, "local_window", "does not go with causal attention"},
      {c.has_residual_projection() && (!before || !c.first_norm), "embedding_size",
       "one that is not hidden_size goes with norm_placement \"before\" alone"},
      {c.has_residual_projection() && c.embedding_size % c.heads != 0, "embedding_size",
       "expected a multiple of heads"},
  };
  for (const Conflict& conflict : conflicts) {
    if (conflict.found) return reader.Fail(conflict.member, conflict.message);
  }
  return Status();
}

}  // namespace

Json EncoderConfigToJson(const EncoderConfig& config) {
  const EncoderConfig plain;
  Json json;
  json.Set("type", NameIn(kArchitectures, config.architecture));
  for (const SizeMember& size : kSizes) json.Set(size.name, config.*size.member);
  json.Set("layer_norm_eps", config.layer_norm_eps);
  json.Set("activation", NameIn(kActivations, config.activation));
  if (config.kv_heads != config.heads) json.Set("kv_heads", config.kv_heads);
  if (config.query_size() != config.hidden_size) json.Set("head_size", config.head_size);
  if (config.embedding_size != config.hidden_size) {
    json.Set("embedding_size", config.embedding_size);
  }
  if (config.norm != plain.norm) json.Set("norm", NameIn(kNorms, config.norm));
  if (config.norm_placement != plain.norm_placement) {
    json.Set("norm_placement", NameIn(kPlacements, config.norm_placement));
  }
  if (config.positions != plain.positions) {
    json.Set("positions", NameIn(kPositions, config.positions));
  }
  for (const FlagMember& flag : kFlags) {
    if (config.*flag.member != plain.*flag.member) json.Set(flag.name, config.*flag.member);
  }
  for (const SizeMember& size : kFurtherSizes) {
    if (config.*size.member != plain.*size.member) json.Set(size.name, config.*size.member);
  }
  for (const NumberMember& number : kNumbers) {
    if (config.*number.member != plain.*number.member) json.Set(number.name, config.*number.member);
  }
  return json;
}

Status EncoderConfigFromJson(const JsonReader& reader, EncoderConfig* config) {
  *config = EncoderConfig();
  SIMILE_RETURN_IF_ERROR(ReadRequired(reader, config));
  SIMILE_RETURN_IF_ERROR(ReadWidths(reader, config));
  SIMILE_RETURN_IF_ERROR(ReadOptional(reader, config));
  SIMILE_RETURN_IF_ERROR(CheckCombinations(reader, *config));
  return CheckNames(reader, *config);
}

}  // namespace simile

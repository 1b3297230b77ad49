// SPDX-License-Identifier: Apache-2.0
#include "convert/hub_config.h"

#include <string>

#include "model/config_json.h"

namespace simile {
namespace {

constexpr int64_t kMaxSize = 1 << 20;

constexpr NameOf<Activation> kActivations[] = {
    {"gelu", Activation::kGelu},
    {"gelu_new", Activation::kGeluTanh},
    {"gelu_pytorch_tanh", Activation::kGeluTanh},
    {"relu", Activation::kRelu},
    {"silu", Activation::kSilu},
    {"swish", Activation::kSilu},
};

std::string Quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

// A rope_parameters or rope_scaling object: only the kind that scales nothing.
Status CheckRope(const JsonReader& reader, std::string_view member) {
  const Json& rope = *reader.json().Find(member);
  if (rope.object() == nullptr) return reader.Fail(member, "expected an object");
  for (const char* key : {"rope_type", "type"}) {
    const Json* type = rope.Find(key);
    if (type == nullptr || type->is_null()) continue;
    if (type->string() != nullptr && *type->string() == "default") continue;
    return reader.Fail(member, std::string("'") + key + "' " + type->Dump() +
                                   " is not supported; \"default\" is");
  }
  const Json* fraction = rope.Find("partial_rotary_factor");
  if (fraction == nullptr || fraction->is_null() || fraction->Dump() == "1") return Status();
  return reader.Fail(member, "'partial_rotary_factor' other than 1 is not supported");
}

}  // namespace

bool HasMember(const JsonReader& reader, std::string_view member) {
  const Json* value = reader.json().Find(member);
  return value != nullptr && !value->is_null();
}

Status CheckFixed(const JsonReader& reader, std::initializer_list<FixedMember> members) {
  for (const FixedMember& fixed : members) {
    if (!HasMember(reader, fixed.member)) continue;
    const std::string found = reader.json().Find(fixed.member)->Dump();
    if (found == fixed.json) continue;
    return reader.Fail(fixed.member, "expected " + std::string(fixed.json) +
                                         ", the only one supported, found " + found);
  }
  return Status();
}

Status ReadSize(const JsonReader& reader, std::string_view member, uint32_t* out) {
  return ReadU32(reader, member, 1, kMaxSize, out);
}

Status ReadOptionalSize(const JsonReader& reader, std::string_view member, uint32_t* out) {
  return ReadOptionalU32(reader, member, 1, kMaxSize, out);
}

Status ReadSizes(const JsonReader& reader, std::initializer_list<SizeMember> members,
                 EncoderConfig* config) {
  for (const SizeMember& size : members) {
    SIMILE_RETURN_IF_ERROR(ReadSize(reader, size.member, &(config->*size.field)));
  }
  return Status();
}

Status ReadUsualSizes(const JsonReader& reader, EncoderConfig* config) {
  return ReadSizes(reader,
                   {{"hidden_size", &EncoderConfig::hidden_size},
                    {"num_hidden_layers", &EncoderConfig::layers},
                    {"num_attention_heads", &EncoderConfig::heads},
                    {"intermediate_size", &EncoderConfig::intermediate_size},
                    {"vocab_size", &EncoderConfig::vocab_size},
                    {"max_position_embeddings", &EncoderConfig::max_positions}},
                   config);
}

Status ReadActivation(const JsonReader& reader, std::string_view member, const char* missing,
                      Activation* out) {
  std::string name = missing;
  SIMILE_RETURN_IF_ERROR(reader.ReadOptional(member, &name));
  const Status known = FindName("activation", name, kActivations, out);
  return known.ok() ? known : reader.Fail(member, known.message());
}

Status SplitIntoHeads(const JsonReader& reader, std::string_view member, EncoderConfig* config) {
  config->kv_heads = config->heads;
  config->embedding_size = config->hidden_size;
  if (config->hidden_size % config->heads != 0) {
    return reader.Fail(member, "hidden_size " + std::to_string(config->hidden_size) +
                                   " is no multiple of " + std::to_string(config->heads));
  }
  config->head_size = config->hidden_size / config->heads;
  return Status();
}

Status ReadRotaryBase(const JsonReader& reader, std::string_view old_member, double* base) {
  SIMILE_RETURN_IF_ERROR(reader.ReadOptional(old_member, base));
  for (const char* member : {"rope_scaling", "rope_parameters"}) {
    if (!HasMember(reader, member)) continue;
    SIMILE_RETURN_IF_ERROR(CheckRope(reader, member));
    const JsonReader rope(*reader.json().Find(member), reader.what() + ": " + Quoted(member));
    SIMILE_RETURN_IF_ERROR(rope.ReadOptional("rope_theta", base));
  }
  return Status();
}

}  // namespace simile

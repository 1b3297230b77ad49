// SPDX-License-Identifier: Apache-2.0
// How members of a checkpoint's config files are read. They were written by many
// programs over many years: members may be missing or null, and then have the
// default of the program that reads them; what we do not support is refused, never
// passed over.

#ifndef SIMILE_CONVERT_HUB_CONFIG_H_
#define SIMILE_CONVERT_HUB_CONFIG_H_

#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "base/json.h"
#include "base/status.h"
#include "model/encoder_config.h"

namespace simile {

// Whether the member is there and not null.
bool HasMember(const JsonReader& reader, std::string_view member);

// A member that must have the one value that is supported, in JSON: "false",
// "\"absolute\""; missing and null are taken for that value.
struct FixedMember {
  const char* member;
  const char* json;
};
Status CheckFixed(const JsonReader& reader, std::initializer_list<FixedMember> members);

// Sizes, 1…2^20 (the recipe's own limits come later).
struct SizeMember {
  const char* member;
  uint32_t EncoderConfig::* field;
};
Status ReadSizes(const JsonReader& reader, std::initializer_list<SizeMember> members,
                 EncoderConfig* config);
// Those of a whole encoder, by the names that most families have for them.
Status ReadUsualSizes(const JsonReader& reader, EncoderConfig* config);
Status ReadSize(const JsonReader& reader, std::string_view member, uint32_t* out);
// *out stays as it is where the member is missing.
Status ReadOptionalSize(const JsonReader& reader, std::string_view member, uint32_t* out);

// An activation by the names that transformers has for it.
Status ReadActivation(const JsonReader& reader, std::string_view member, const char* missing,
                      Activation* out);

// Sets kv_heads, head_size and embedding_size of a model whose heads make up its hidden
// size; `member` is what says how many heads there are.
Status SplitIntoHeads(const JsonReader& reader, std::string_view member, EncoderConfig* config);

// The base of rotary frequencies: `rope_parameters` of transformers 5, a member of the
// older form, or the default. Scaled kinds are refused.
Status ReadRotaryBase(const JsonReader& reader, std::string_view old_member, double* base);

}  // namespace simile

#endif  // SIMILE_CONVERT_HUB_CONFIG_H_

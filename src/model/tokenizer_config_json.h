// SPDX-License-Identifier: Apache-2.0
// A tokenizer's part of the recipe as JSON.

#ifndef SIMILE_MODEL_TOKENIZER_CONFIG_JSON_H_
#define SIMILE_MODEL_TOKENIZER_CONFIG_JSON_H_

#include "base/json.h"
#include "base/status.h"
#include "text/tokenizer_config.h"

namespace simile {

Json TokenizerToJson(const TokenizerConfig& config);
// kBadModel names the member.
Status TokenizerFromJson(const JsonReader& reader, TokenizerConfig* config);

}  // namespace simile

#endif  // SIMILE_MODEL_TOKENIZER_CONFIG_JSON_H_

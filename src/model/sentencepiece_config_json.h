// SPDX-License-Identifier: Apache-2.0
// A sentencepiece tokenizer's members of the recipe, beside its "type".

#ifndef SIMILE_MODEL_SENTENCEPIECE_CONFIG_JSON_H_
#define SIMILE_MODEL_SENTENCEPIECE_CONFIG_JSON_H_

#include "base/json.h"
#include "base/status.h"
#include "text/sentencepiece.h"

namespace simile {

void SentencepieceToJson(const SentencepieceConfig& config, Json* json);
// kBadModel names the member.
Status SentencepieceFromJson(const JsonReader& reader, SentencepieceConfig* config);

}  // namespace simile

#endif  // SIMILE_MODEL_SENTENCEPIECE_CONFIG_JSON_H_

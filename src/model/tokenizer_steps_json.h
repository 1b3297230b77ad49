// SPDX-License-Identifier: Apache-2.0
// The steps of a tokenizer.json's kind of tokenizer in the recipe. Members that have
// their default are left out.

#ifndef SIMILE_MODEL_TOKENIZER_STEPS_JSON_H_
#define SIMILE_MODEL_TOKENIZER_STEPS_JSON_H_

#include "base/json.h"
#include "base/status.h"
#include "text/tokenizer_config.h"

namespace simile {

Json StepsToJson(const TokenizerSteps& steps);
// kBadModel names the member.
Status StepsFromJson(const JsonReader& reader, TokenizerSteps* steps);

}  // namespace simile

#endif  // SIMILE_MODEL_TOKENIZER_STEPS_JSON_H_

// SPDX-License-Identifier: Apache-2.0
// Reads what a tokenizer.json does around its model: normalizer, pre_tokenizer,
// post_processor. What the engine does not have is refused by its name.

#ifndef SIMILE_CONVERT_TOKENIZER_STEPS_H_
#define SIMILE_CONVERT_TOKENIZER_STEPS_H_

#include <cstdint>

#include "base/buffer.h"
#include "base/json.h"
#include "base/status.h"
#include "text/tokenizer_config.h"

namespace simile {

// charsmap: what a 'Precompiled' carries; at most one of them may stand there.
Status ReadTokenizerSteps(const Json& tokenizer, TokenizerSteps* steps,
                          Buffer<uint8_t>* charsmap);

}  // namespace simile

#endif  // SIMILE_CONVERT_TOKENIZER_STEPS_H_

// SPDX-License-Identifier: Apache-2.0
// Reads the model of a tokenizer.json (Unigram, BPE, WordPiece) and its added
// tokens, and makes of the vocabulary the table that a Simile file carries
// (text/piece_table.h).

#ifndef SIMILE_CONVERT_TOKENIZER_MODEL_H_
#define SIMILE_CONVERT_TOKENIZER_MODEL_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/buffer.h"
#include "base/json.h"
#include "base/status.h"
#include "text/piece_table.h"
#include "text/tokenizer_config.h"

namespace simile {

// Fills in config->kind, what config->steps and config->wordpiece say of the model,
// and config->steps.added_tokens. vocab_size: the highest id and one.
Status ReadTokenizerModel(const Json& tokenizer, std::string_view charsmap,
                          TokenizerConfig* config, Buffer<uint8_t>* vocab, size_t* vocab_size);

}  // namespace simile

#endif  // SIMILE_CONVERT_TOKENIZER_MODEL_H_

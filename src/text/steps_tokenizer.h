// SPDX-License-Identifier: Apache-2.0
// The tokenizer of a tokenizer.json: added tokens are cut out, the rest goes through
// normalisers, pre-tokenizers and a model, and special tokens are set around it.
// Equal, id for id and offset for offset, to Hugging Face tokenizers 0.23.3 with that
// file (tests/golden shows it).

#ifndef SIMILE_TEXT_STEPS_TOKENIZER_H_
#define SIMILE_TEXT_STEPS_TOKENIZER_H_

#include <cstdint>
#include <memory>

#include "base/buffer.h"
#include "base/status.h"
#include "text/tokenizer.h"
#include "text/tokenizer_config.h"

namespace simile {

// config: of kind kUnigram, kBpe, or kWordPiece with steps. vocab: text/piece_table.h.
Result<std::unique_ptr<Tokenizer>> MakeStepsTokenizer(Buffer<uint8_t> vocab,
                                                      const TokenizerConfig& config);

}  // namespace simile

#endif  // SIMILE_TEXT_STEPS_TOKENIZER_H_

// SPDX-License-Identifier: Apache-2.0
// MakeTokenizer: a tokenizer of any kind from what a model file says of it.

#ifndef SIMILE_TEXT_MAKE_TOKENIZER_H_
#define SIMILE_TEXT_MAKE_TOKENIZER_H_

#include <cstdint>
#include <memory>

#include "base/buffer.h"
#include "base/status.h"
#include "text/tokenizer.h"
#include "text/tokenizer_config.h"

namespace simile {

// vocab: the bytes of "tokenizer.vocab" (kWordPiece without steps: the lines of a
// vocab.txt; with steps, kUnigram and kBpe: text/piece_table.h) or, for
// kSentencepiece, of "tokenizer.model". They are kept and used in place.
// kBadModel for what does not fit together; kOutOfMemory.
Result<std::unique_ptr<Tokenizer>> MakeTokenizer(const TokenizerConfig& config,
                                                 Buffer<uint8_t> vocab);

}  // namespace simile

#endif  // SIMILE_TEXT_MAKE_TOKENIZER_H_

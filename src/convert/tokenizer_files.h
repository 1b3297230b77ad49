// SPDX-License-Identifier: Apache-2.0
// Reads the tokenizer out of a checkpoint: from tokenizer.json where there is one,
// else from vocab.txt (BERT), else from a sentencepiece model. What the engine cannot
// do is refused by name, never dropped. tokenizer.json's truncation and padding are
// no part of the recipe.

#ifndef SIMILE_CONVERT_TOKENIZER_FILES_H_
#define SIMILE_CONVERT_TOKENIZER_FILES_H_

#include <cstddef>
#include <cstdint>

#include "base/buffer.h"
#include "base/status.h"
#include "convert/checkpoint_files.h"
#include "text/tokenizer_config.h"

namespace simile {

struct TokenizerFiles {
  TokenizerConfig config;
  Buffer<uint8_t> vocab;  // as MakeTokenizer wants it
  size_t vocab_size = 0;  // all ids are below it
};

// kBadModel names the file and the member that is unsupported, missing, or in
// contradiction to another file.
Result<TokenizerFiles> ReadTokenizerFiles(const CheckpointFiles& files);

}  // namespace simile

#endif  // SIMILE_CONVERT_TOKENIZER_FILES_H_

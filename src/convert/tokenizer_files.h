// SPDX-License-Identifier: Apache-2.0
// Reads a BERT tokenizer out of a checkpoint: from tokenizer.json where there is
// one, else from vocab.txt and tokenizer_config.json with BertTokenizer's
// defaults. What WordPieceConfig cannot say is refused by name, never dropped.
// tokenizer.json's truncation and padding are no part of the recipe.

#ifndef SIMILE_CONVERT_TOKENIZER_FILES_H_
#define SIMILE_CONVERT_TOKENIZER_FILES_H_

#include <cstdint>

#include "base/buffer.h"
#include "base/status.h"
#include "convert/checkpoint_files.h"
#include "text/wordpiece.h"

namespace simile {

struct TokenizerFiles {
  WordPieceConfig config;
  Buffer<uint8_t> vocab;  // vocab.txt: one token a line, each line ended by \n
  size_t vocab_size = 0;
};

// kBadModel names the file and the member that is unsupported, missing, or in
// contradiction to another file.
Result<TokenizerFiles> ReadTokenizerFiles(const CheckpointFiles& files);

}  // namespace simile

#endif  // SIMILE_CONVERT_TOKENIZER_FILES_H_

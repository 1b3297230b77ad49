// SPDX-License-Identifier: Apache-2.0
// Reads BERT's own WordPiece tokenizer (text/wordpiece.h) out of a checkpoint: from
// tokenizer.json where there is one, else from vocab.txt and tokenizer_config.json
// with BertTokenizer's defaults. What WordPieceConfig cannot say is refused by name.

#ifndef SIMILE_CONVERT_TOKENIZER_WORDPIECE_H_
#define SIMILE_CONVERT_TOKENIZER_WORDPIECE_H_

#include <cstddef>
#include <cstdint>

#include "base/buffer.h"
#include "base/json.h"
#include "base/status.h"
#include "convert/checkpoint_files.h"
#include "text/wordpiece.h"

namespace simile {

// Whether WordPieceConfig can say what this tokenizer.json does; else it is one of
// several steps (convert/tokenizer_steps.h).
bool IsPlainWordPiece(const Json& tokenizer);

// tokenizer: of tokenizer.json, plain; null if there is none, then vocab.txt is there.
// bytes: as of a vocab.txt, each line ended by \n.
Status ReadWordPieceFiles(const CheckpointFiles& files, const Json& tokenizer,
                          WordPieceConfig* config, Buffer<uint8_t>* bytes, size_t* vocab_size);

}  // namespace simile

#endif  // SIMILE_CONVERT_TOKENIZER_WORDPIECE_H_

// SPDX-License-Identifier: Apache-2.0
// Reads a sentencepiece tokenizer out of a checkpoint that has no tokenizer.json: the
// model file, and around it what the class that tokenizer_config.json names does in the
// reference (transformers' XLMRobertaTokenizer, T5Tokenizer, LlamaTokenizer).

#ifndef SIMILE_CONVERT_SENTENCEPIECE_FILES_H_
#define SIMILE_CONVERT_SENTENCEPIECE_FILES_H_

#include <cstdint>
#include <string_view>

#include "base/buffer.h"
#include "base/status.h"
#include "convert/checkpoint_files.h"
#include "text/sentencepiece.h"

namespace simile {

// The names that such a file has on the Hub, one for each class.
inline constexpr std::string_view kSentencepieceNames[] = {
    "sentencepiece.bpe.model", "spiece.model", "tokenizer.model"};

struct SentencepieceFiles {
  SentencepieceConfig config;  // with its vocab_size
  Buffer<uint8_t> model;       // the tensor "tokenizer.model"
};

bool HasSentencepieceFile(const CheckpointFiles& files);

// kBadModel names the file and the member that is unsupported or missing. In the
// module this needs the sentencepiece part, as MakeSentencepiece does.
Result<SentencepieceFiles> ReadSentencepieceFiles(const CheckpointFiles& files);

}  // namespace simile

#endif  // SIMILE_CONVERT_SENTENCEPIECE_FILES_H_

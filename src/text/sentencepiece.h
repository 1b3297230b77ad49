// SPDX-License-Identifier: Apache-2.0
// The tokenizer of a sentencepiece model (unigram or BPE): the model finds the
// pieces (text/piece_model.h), and here they become a checkpoint's token ids,
// which its configuration shifts and surrounds with tokens of its own.

#ifndef SIMILE_TEXT_SENTENCEPIECE_H_
#define SIMILE_TEXT_SENTENCEPIECE_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "base/buffer.h"
#include "base/status.h"
#include "text/literal_tokens.h"
#include "text/tokenizer.h"

namespace simile {

// What a checkpoint says beside its sentencepiece model. All ids are the
// checkpoint's token ids, below vocab_size. What the model file itself says
// (normalisation, dummy prefix, byte fallback) is not repeated here.
struct SentencepieceConfig {
  uint32_t vocab_size = 0;            // 0: as many as the model has pieces, shifted
  uint32_t id_offset = 0;             // token id = piece + id_offset (XLM-R: 1) …
  uint32_t unk_id = 0;                // … but that of the unknown piece (XLM-R: 3)
  std::vector<uint32_t> prefix_ids;   // before each text (XLM-R: 0) …
  std::vector<uint32_t> suffix_ids;   // … and after it (XLM-R: 2), at most 2 together
  // "<s>" and its like (T5: "<extra_id_0>" …), matched in the raw text; the model sees
  // what stands between two of them.
  std::vector<LiteralToken> literals;
};

// model: the bytes of a sentencepiece ModelProto ("sentencepiece.bpe.model",
// "spiece.model"); freed once it has been read. kBadModel if it is none, is larger
// than 32 MiB, has more than 2^20 pieces or one of over 512 bytes, or contradicts the
// configuration. In the module this needs the sentencepiece part (docs/border.md).
Result<std::unique_ptr<Tokenizer>> MakeSentencepiece(Buffer<uint8_t> model,
                                                     const SentencepieceConfig& config);

}  // namespace simile

#endif  // SIMILE_TEXT_SENTENCEPIECE_H_

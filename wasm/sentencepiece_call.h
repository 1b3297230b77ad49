// SPDX-License-Identifier: Apache-2.0
// What the module (sentencepiece_bridge.cc) and the sentencepiece part
// (sentencepiece_part.cc) say to each other. JavaScript stands between them and
// carries the bytes from one memory to the other (js/sentencepiece-part.js, which
// knows the order of these members).

#ifndef SIMILE_WASM_SENTENCEPIECE_CALL_H_
#define SIMILE_WASM_SENTENCEPIECE_CALL_H_

#include <cstdint>

namespace simile {

enum SentencepieceMethod : uint32_t {
  kLoadPieceModel,    // data: the model's file; replies model, piece_count, unk_piece
  kCutIntoPieces,     // data: a text; replies data, the Tokens
  kDeletePieceModel,
};

struct SentencepieceReply {
  uint32_t code = 0;  // a StatusCode; not 0: data is its message, if there was room for it
  uint32_t data = 0;  // address of a block that whoever gets it frees, or 0
  uint32_t data_bytes = 0;
  uint32_t model = 0;
  uint32_t piece_count = 0;
  uint32_t unk_piece = 0;
};

}  // namespace simile

#endif  // SIMILE_WASM_SENTENCEPIECE_CALL_H_

// SPDX-License-Identifier: Apache-2.0
// PieceModel: a sentencepiece model, of which this layer knows no more than that it
// cuts text into pieces. The library stands behind it in two ways: linked in
// (src/sentencepiece/, native builds), or in a module of its own that pages fetch only
// when a model needs it (wasm/sentencepiece_bridge.cc).

#ifndef SIMILE_TEXT_PIECE_MODEL_H_
#define SIMILE_TEXT_PIECE_MODEL_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/buffer.h"
#include "base/status.h"
#include "text/tokenizer.h"

namespace simile {

class PieceModel {
 public:
  virtual ~PieceModel() = default;

  // Appends the pieces of `text`: the id is the piece's index in the model, begin and
  // end are bytes of `text`. Invalid UTF-8 is read as U+FFFD. Thread-safe.
  // kOutOfMemory; kInvalidArgument for a text of over 2^30 bytes once normalised.
  virtual Status Cut(std::string_view text, Buffer<Token>* pieces) const = 0;

  virtual size_t piece_count() const = 0;
  // The index of the piece that stands for what the model does not know.
  virtual uint32_t unk_piece() const = 0;
};

// Keeps nothing of the bytes. kBadModel for bytes that are no such model or break a
// limit (text/sentencepiece.h).
Result<std::unique_ptr<PieceModel>> LoadPieceModel(std::string_view model);

}  // namespace simile

#endif  // SIMILE_TEXT_PIECE_MODEL_H_

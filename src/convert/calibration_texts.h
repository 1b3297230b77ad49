// SPDX-License-Identifier: Apache-2.0
// The calibration texts as token ids, cut into batches for the encoder.

#ifndef SIMILE_CONVERT_CALIBRATION_TEXTS_H_
#define SIMILE_CONVERT_CALIBRATION_TEXTS_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/buffer.h"
#include "base/status.h"
#include "text/tokenizer.h"

namespace simile {

// Fewer texts do not show which channels are large.
inline constexpr size_t kMinCalibrationTexts = 16;

// Takes the next line with anything but white space in it off `rest`; "" when
// there is none.
std::string_view NextCalibrationLine(std::string_view* rest);

class CalibrationTexts {
 public:
  // texts: UTF-8, one a line. kOutOfMemory.
  Status Init(const Tokenizer& tokenizer, size_t max_tokens, std::string_view texts);

  size_t tokens() const { return ids_.size(); }
  size_t count() const { return ends_.size(); }

  // The texts from `first` on, up to about `token_budget` tokens, at least one
  // text. offsets: [B + 1] from 0; ids: its first token. Returns B.
  Result<size_t> Batch(size_t first, size_t token_budget, const uint32_t** ids,
                       Buffer<uint32_t>* offsets) const;

 private:
  Buffer<uint32_t> ids_;
  Buffer<uint32_t> ends_;  // [count]: where each text's ids end
};

}  // namespace simile

#endif  // SIMILE_CONVERT_CALIBRATION_TEXTS_H_

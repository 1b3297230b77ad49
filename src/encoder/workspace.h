// SPDX-License-Identifier: Apache-2.0
// Workspace: the working memory of one forward pass, pieces of one arena.

#ifndef SIMILE_ENCODER_WORKSPACE_H_
#define SIMILE_ENCODER_WORKSPACE_H_

#include <cstddef>
#include <cstdint>

#include "base/arena.h"
#include "base/status.h"
#include "encoder/encoder_weights.h"
#include "products/quantized_rows.h"

namespace simile {

// Rows that go through the MLP at once, whose widest rows are not held for more. A
// multiple of every kernel's rows, so that only the last piece has rows left over.
inline constexpr size_t kMlpRows = 256;

// The inputs of an int8 product.
struct QuantizedInput {
  uint8_t* rows;
  RowQuantization* params;  // as many as rows, and kRowParamsSlack
  // The second parts, as many, where the model has inputs in two parts.
  uint8_t* remainder = nullptr;
  RowQuantization* remainder_params = nullptr;

  // From row `first` on; stride: bytes of a row.
  QuantizedInput From(size_t first, size_t stride) const {
    if (remainder == nullptr) return {rows + first * stride, params + first};
    return {rows + first * stride, params + first, remainder + first * stride,
            remainder_params + first};
  }
};

struct Workspace {
  // kOutOfMemory. T: tokens; scratch_bytes: of attention, of all threads; observed: each
  // input of a product is there in f32.
  static Result<Workspace> Plan(const EncoderWeights& weights, size_t T, size_t scratch_bytes,
                                bool observed, Arena* arena);

  uint32_t* positions;  // [T], of each token in its text
  float* hidden;        // [T, H]
  float* projected;     // [T, H]: what a sublayer adds to `hidden`. Where norms come before
                        // sublayers, then what the norm makes of the sum
  float* qkv;           // [T, (heads + 2 kv_heads) d]
  float* context;       // [T, heads d]
  float* wide;          // [rows of the MLP, I or 2I]; takes the place of qkv and context
  float* activated;     // [rows of the MLP, I], with a gate if f32 or observed; else wide
  QuantizedInput quantized;       // T rows of up to max(H, heads d) values
  QuantizedInput wide_quantized;  // of the MLP's rows of I; the same where one piece is all
  uint8_t* attention;             // scratch
};

}  // namespace simile

#endif  // SIMILE_ENCODER_WORKSPACE_H_

// SPDX-License-Identifier: Apache-2.0
// Pooling: the hidden states of one text become one vector.
// Reference: sentence-transformers, models/Pooling.py and Normalize.py.

#ifndef SIMILE_POOL_POOLING_H_
#define SIMILE_POOL_POOLING_H_

#include <cstddef>

#include "model/model_config.h"

namespace simile {

// hidden: [T, H] f32, T >= 1, special tokens included; out: [H]. Sums go from the first
// token to the last.
void Pool(Pooling pooling, const float* hidden, size_t T, size_t H, float* out);

// out /= max(|out|, 1e-12).
void NormalizeL2(size_t n, float* out);

}  // namespace simile

#endif  // SIMILE_POOL_POOLING_H_

// SPDX-License-Identifier: Apache-2.0
// Exact similarity and ranking over vectors in memory, in plain f32 with a fixed
// order of additions: the same scores in every engine and on every variant.

#ifndef SIMILE_SEARCH_SIMILARITY_H_
#define SIMILE_SEARCH_SIMILARITY_H_

#include <cstddef>
#include <cstdint>

#include "base/status.h"

namespace simile {

enum class Metric {
  kCosine = 0,  // dot / (|a| |b|), in [-1, 1]; 0 if either is all zero
  kDot = 1,
};

// scores: [A, B] f32, caller-owned; a: [A, D], b: [B, D], row-major.
// kInvalidArgument if D is 0 or a sum overflows to infinity or NaN.
Status SimilarityMatrix(const float* a, size_t A, const float* b, size_t B, size_t D,
                        Metric metric, float* scores);

struct Hit {
  uint32_t index;
  float score;
};

// The best min(top_k, count of scores >= min_score) of `count` documents, best
// first; ties in the order of the documents. hits: room for min(top_k, count).
// Returns how many. docs: [count, D]. min_score may be -infinity.
// kInvalidArgument as above, or if min_score is NaN.
Result<size_t> Rank(const float* query, const float* docs, size_t count, size_t D,
                    Metric metric, size_t top_k, float min_score, Hit* hits);

}  // namespace simile

#endif  // SIMILE_SEARCH_SIMILARITY_H_

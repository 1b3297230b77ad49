// SPDX-License-Identifier: Apache-2.0
// Exact similarity and ranking over vectors in memory, with a fixed order of
// additions: the same scores in every engine and on every variant.

#ifndef SIMILE_SEARCH_SIMILARITY_H_
#define SIMILE_SEARCH_SIMILARITY_H_

#include <cstddef>
#include <cstdint>

#include "base/status.h"
#include "pool/vector_format.h"

namespace simile {

enum class Metric {
  kCosine = 0,  // dot / (|a| |b|), in [-1, 1]; 0 if either is all zero
  kDot = 1,
};

// Vectors as pool/vector_format.h makes them. Int8 vectors are compared as what
// they stand for, q * scale; the bits of binary ones as -1 and 1, so that their
// cosine is 1 - 2 * hamming / D, and their dot product D - 2 * hamming.
struct Vectors {
  VectorPrecision precision;
  const void* values;   // [count] rows of VectorBytes(precision, D)
  const float* scales;  // [count] for kInt8, else not read
  size_t count;
};

// scores: [a.count, b.count] f32, caller-owned.
// kInvalidArgument if D is 0, the precisions differ or a score is not finite.
Status SimilarityMatrix(const Vectors& a, const Vectors& b, size_t D, Metric metric,
                        float* scores);

struct Hit {
  uint32_t index;
  float score;
};

// The best min(top_k, count of scores >= min_score) of the documents for the first
// vector of `query`, best first; ties in the order of the documents. hits: room for
// min(top_k, docs.count). Returns how many. min_score may be -infinity.
// kInvalidArgument as above, or if min_score is NaN.
Result<size_t> Rank(const Vectors& query, const Vectors& docs, size_t D, Metric metric,
                    size_t top_k, float min_score, Hit* hits);

}  // namespace simile

#endif  // SIMILE_SEARCH_SIMILARITY_H_

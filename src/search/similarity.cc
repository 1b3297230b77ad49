// SPDX-License-Identifier: Apache-2.0
#include "search/similarity.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "base/buffer.h"
#include "simd/row_kernels.h"

namespace simile {
namespace {

// 1 / |v|, or 0 for a vector of zeros, so that its cosines are 0.
float InverseNorm(const float* v, size_t D) {
  const float norm = std::sqrt(Dot(v, v, D));
  return norm > 0.0f ? 1.0f / norm : 0.0f;
}

// What a vector's dot products are multiplied by.
float Factor(Metric metric, const float* v, size_t D) {
  return metric == Metric::kCosine ? InverseNorm(v, D) : 1.0f;
}

float Score(Metric metric, const float* a, float a_factor, const float* b, float b_factor,
            size_t D) {
  const float score = Dot(a, b, D) * a_factor * b_factor;
  if (metric == Metric::kDot || std::isnan(score)) return score;
  return std::clamp(score, -1.0f, 1.0f);
}

Status NotFinite(size_t a, size_t b) {
  return InvalidArgument("the score of vectors " + std::to_string(a) + " and " +
                         std::to_string(b) + " is not finite");
}

// Better score first, ties in the order of the documents.
bool Precedes(const Hit& a, const Hit& b) {
  return a.score != b.score ? a.score > b.score : a.index < b.index;
}

}  // namespace

Status SimilarityMatrix(const float* a, size_t A, const float* b, size_t B, size_t D,
                        Metric metric, float* scores) {
  if (D == 0) return InvalidArgument("dims: expected at least 1, got 0");
  Buffer<float> factors;
  SIMILE_RETURN_IF_ERROR(factors.Resize(B));
  for (size_t j = 0; j < B; ++j) factors[j] = Factor(metric, b + j * D, D);
  for (size_t i = 0; i < A; ++i) {
    const float factor = Factor(metric, a + i * D, D);
    for (size_t j = 0; j < B; ++j) {
      const float score = Score(metric, a + i * D, factor, b + j * D, factors[j], D);
      if (!std::isfinite(score)) return NotFinite(i, j);
      scores[i * B + j] = score;
    }
  }
  return Status();
}

Result<size_t> Rank(const float* query, const float* docs, size_t count, size_t D,
                    Metric metric, size_t top_k, float min_score, Hit* hits) {
  if (D == 0) return InvalidArgument("dims: expected at least 1, got 0");
  if (std::isnan(min_score)) return InvalidArgument("minScore: expected a number, got NaN");
  if (count > UINT32_MAX) return InvalidArgument("more than 2^32 - 1 documents");
  const float factor = Factor(metric, query, D);
  // A heap of the best so far, the worst of them on top.
  size_t held = 0;
  for (size_t i = 0; i < count; ++i) {
    const float* doc = docs + i * D;
    const Hit hit{static_cast<uint32_t>(i),
                  Score(metric, query, factor, doc, Factor(metric, doc, D), D)};
    if (!std::isfinite(hit.score)) return NotFinite(0, i);
    if (hit.score < min_score || top_k == 0) continue;
    if (held == top_k) {
      if (!Precedes(hit, hits[0])) continue;
      std::pop_heap(hits, hits + held, Precedes);
      --held;
    }
    hits[held++] = hit;
    std::push_heap(hits, hits + held, Precedes);
  }
  std::sort_heap(hits, hits + held, Precedes);
  return held;
}

}  // namespace simile

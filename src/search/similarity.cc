// SPDX-License-Identifier: Apache-2.0
#include "search/similarity.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <string>

#include "base/buffer.h"
#include "simd/row_kernels.h"

namespace simile {
namespace {

// Exact: below 2^31 up to 133,000 dimensions, and added up in 64 bits above.
double DotInt8(const int8_t* a, const int8_t* b, size_t D) {
  constexpr size_t kBlock = 1 << 16;
  int64_t total = 0;
  for (size_t begin = 0; begin < D; begin += kBlock) {
    int32_t sum = 0;
    const size_t end = std::min(D, begin + kBlock);
    for (size_t i = begin; i < end; ++i) sum += a[i] * b[i];
    total += sum;
  }
  return static_cast<double>(total);
}

size_t Hamming(const uint8_t* a, const uint8_t* b, size_t size_bytes) {
  size_t different = 0;
  size_t i = 0;
  for (; i + 8 <= size_bytes; i += 8) {
    uint64_t x, y;
    std::memcpy(&x, a + i, 8);
    std::memcpy(&y, b + i, 8);
    different += static_cast<size_t>(std::popcount(x ^ y));
  }
  for (; i < size_bytes; ++i) {
    different += static_cast<size_t>(std::popcount(static_cast<uint8_t>(a[i] ^ b[i])));
  }
  return different;
}

// The vectors of one precision: the dot product of two, and what a vector's dot
// products are multiplied by to be its scores. Dot products that are not exact in
// f32 come as doubles.
class Float32Rows {
 public:
  Float32Rows(const Vectors& vectors, size_t D)
      : values_(static_cast<const float*>(vectors.values)), D_(D) {}
  float Factor(Metric metric, size_t i) const {
    return metric == Metric::kDot ? 1.0f : Inverse(std::sqrt(Dot(i, *this, i)));
  }
  float Dot(size_t i, const Float32Rows& other, size_t j) const {
    return simile::Dot(values_ + i * D_, other.values_ + j * D_, D_);
  }
  static float Score(float dot, float a_factor, float b_factor) {
    return dot * a_factor * b_factor;
  }

 private:
  static float Inverse(float norm) { return norm > 0.0f ? 1.0f / norm : 0.0f; }
  const float* values_;
  size_t D_;
};

class Int8Rows {
 public:
  Int8Rows(const Vectors& vectors, size_t D)
      : values_(static_cast<const int8_t*>(vectors.values)), scales_(vectors.scales), D_(D) {}
  // A scale divides out of a cosine.
  double Factor(Metric metric, size_t i) const {
    if (metric == Metric::kDot) return scales_[i];
    const double square = Dot(i, *this, i);
    return square > 0.0 ? 1.0 / std::sqrt(square) : 0.0;
  }
  double Dot(size_t i, const Int8Rows& other, size_t j) const {
    return DotInt8(values_ + i * D_, other.values_ + j * D_, D_);
  }
  static float Score(double dot, double a_factor, double b_factor) {
    return static_cast<float>(dot * a_factor * b_factor);
  }

 private:
  const int8_t* values_;
  const float* scales_;
  size_t D_;
};

class BinaryRows {
 public:
  BinaryRows(const Vectors& vectors, size_t D)
      : values_(static_cast<const uint8_t*>(vectors.values)),
        row_bytes_(VectorBytes(VectorPrecision::kBinary, D)),
        D_(D) {}
  // Every vector of -1 and 1 is sqrt(D) long.
  double Factor(Metric metric, size_t) const {
    return metric == Metric::kDot ? 1.0 : static_cast<double>(D_);
  }
  double Dot(size_t i, const BinaryRows& other, size_t j) const {
    const size_t different =
        Hamming(values_ + i * row_bytes_, other.values_ + j * row_bytes_, row_bytes_);
    return static_cast<double>(D_) - 2.0 * static_cast<double>(different);
  }
  static float Score(double dot, double a_factor, double) {
    return static_cast<float>(dot / a_factor);
  }

 private:
  const uint8_t* values_;
  size_t row_bytes_;
  size_t D_;
};

float InRange(Metric metric, float score) {
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

// Calls use(a, b) with the rows of both.
template <typename Use>
Status WithRows(const Vectors& a, const Vectors& b, size_t D, const Use& use) {
  if (D == 0) return InvalidArgument("dims: expected at least 1, got 0");
  if (a.precision != b.precision) return InvalidArgument("vectors of two precisions");
  switch (a.precision) {
    case VectorPrecision::kFloat32:
      return use(Float32Rows(a, D), Float32Rows(b, D));
    case VectorPrecision::kInt8:
      return use(Int8Rows(a, D), Int8Rows(b, D));
    case VectorPrecision::kBinary:
      return use(BinaryRows(a, D), BinaryRows(b, D));
  }
  return InvalidArgument("vectors of an unknown precision");
}

// The best documents so far: a heap with the worst of them on top.
class BestHits {
 public:
  BestHits(size_t top_k, Hit* hits) : top_k_(top_k), hits_(hits) {}
  void Add(const Hit& hit) {
    if (top_k_ == 0) return;
    if (held_ == top_k_) {
      if (!Precedes(hit, hits_[0])) return;
      std::pop_heap(hits_, hits_ + held_, Precedes);
      --held_;
    }
    hits_[held_++] = hit;
    std::push_heap(hits_, hits_ + held_, Precedes);
  }
  size_t Sort() {
    std::sort_heap(hits_, hits_ + held_, Precedes);
    return held_;
  }

 private:
  size_t top_k_;
  Hit* hits_;
  size_t held_ = 0;
};

}  // namespace

Status SimilarityMatrix(const Vectors& a, const Vectors& b, size_t D, Metric metric,
                        float* scores) {
  return WithRows(a, b, D, [&](const auto& rows, const auto& columns) -> Status {
    Buffer<decltype(columns.Factor(metric, 0))> factors;
    SIMILE_RETURN_IF_ERROR(factors.Resize(b.count));
    for (size_t j = 0; j < b.count; ++j) factors[j] = columns.Factor(metric, j);
    for (size_t i = 0; i < a.count; ++i) {
      const auto factor = rows.Factor(metric, i);
      for (size_t j = 0; j < b.count; ++j) {
        const float score =
            InRange(metric, rows.Score(rows.Dot(i, columns, j), factor, factors[j]));
        if (!std::isfinite(score)) return NotFinite(i, j);
        scores[i * b.count + j] = score;
      }
    }
    return Status();
  });
}

Result<size_t> Rank(const Vectors& query, const Vectors& docs, size_t D, Metric metric,
                    size_t top_k, float min_score, Hit* hits) {
  if (std::isnan(min_score)) return InvalidArgument("minScore: expected a number, got NaN");
  if (docs.count > UINT32_MAX) return InvalidArgument("more than 2^32 - 1 documents");
  BestHits best(top_k, hits);
  SIMILE_RETURN_IF_ERROR(WithRows(query, docs, D, [&](const auto& q, const auto& rows) -> Status {
    const auto factor = q.Factor(metric, 0);
    for (size_t i = 0; i < docs.count; ++i) {
      const float score = InRange(
          metric, q.Score(q.Dot(0, rows, i), factor, rows.Factor(metric, i)));
      if (!std::isfinite(score)) return NotFinite(0, i);
      if (score >= min_score) best.Add({static_cast<uint32_t>(i), score});
    }
    return Status();
  }));
  return best.Sort();
}

}  // namespace simile

// SPDX-License-Identifier: Apache-2.0
#include "convert/activation_stats.h"

#include <algorithm>
#include <cstring>

#include "convert/product_groups.h"
#include "convert/smooth.h"

namespace simile {
namespace {

// Columns of a block of the gram: wide enough that the rows are read few times,
// narrow enough that little below the diagonal is computed in vain.
constexpr size_t kGramBlock = 128;

Status ZeroFilled(size_t count, Buffer<float>* buffer) {
  SIMILE_RETURN_IF_ERROR(buffer->Resize(count));
  std::memset(buffer->data(), 0, buffer->size_bytes());
  return Status();
}

// The widths of a layer's grams. Layer 1 stands for all: layer 0 is never wider.
std::vector<size_t> GramWidths(const EncoderConfig& shape) {
  std::vector<size_t> widths;
  for (const ProductInput input : {ProductInput::kAttention, ProductInput::kAttentionOutput,
                                   ProductInput::kIntermediate, ProductInput::kOutput}) {
    const size_t K = InputWidth(shape, 1, input);
    if (K <= ActivationStats::kMaxGramWidth) widths.push_back(K);
  }
  return widths;
}

// By squares whose lines stay in the first-level cache on both sides.
void Transpose(const float* rows, size_t T, size_t K, float* out) {
  constexpr size_t kSquare = 16;
  for (size_t k0 = 0; k0 < K; k0 += kSquare) {
    for (size_t t = 0; t < T; ++t) {
      const size_t end = std::min(K, k0 + kSquare);
      for (size_t k = k0; k < end; ++k) out[k * T + t] = rows[t * K + k];
    }
  }
}

}  // namespace

Status GramAccumulator::Add(ThreadPool& pool, const float* rows, size_t T, size_t K,
                            float* gram) {
  SIMILE_RETURN_IF_ERROR(transposed_.Resize(K * T));
  SIMILE_RETURN_IF_ERROR(product_.Resize(K * kGramBlock));
  SIMILE_RETURN_IF_ERROR(ZeroFilled(kGramBlock, &zero_bias_));
  Transpose(rows, T, K, transposed_.data());
  for (size_t begin = 0; begin < K; begin += kGramBlock) {
    const size_t columns = std::min(kGramBlock, K - begin);
    SIMILE_RETURN_IF_ERROR(columns_.InitF32(columns, T));
    columns_.PackF32(0, columns, transposed_.data() + begin * T, zero_bias_.data());
    columns_.Run(pool, transposed_.data(), begin + columns, product_.data());
    for (size_t i = 0; i < begin + columns; ++i) {
      const float* source = product_.data() + i * columns;
      float* target = gram + i * K + begin;
      for (size_t j = 0; j < columns; ++j) target[j] += source[j];
    }
  }
  return Status();
}

Status ActivationStats::Init(ThreadPool* pool, const EncoderConfig& shape, int first, int count,
                             bool with_grams) {
  pool_ = pool;
  first_ = first;
  count_ = count;
  inputs_.clear();
  inputs_.resize(static_cast<size_t>(count) * kInputs);
  for (size_t i = 0; i < inputs_.size(); ++i) {
    const size_t layer = static_cast<size_t>(first) + i / kInputs;
    const size_t K = InputWidth(shape, layer, static_cast<ProductInput>(i % kInputs));
    SIMILE_RETURN_IF_ERROR(ZeroFilled(K, &inputs_[i].max_abs));
    if (!with_grams || K > kMaxGramWidth) continue;
    SIMILE_RETURN_IF_ERROR(ZeroFilled(K * K, &inputs_[i].gram));
  }
  return Status();
}

Status ActivationStats::Observe(int layer, ProductInput input, const float* rows, size_t T,
                                size_t K) {
  if (layer < first_ || layer >= first_ + count_) return Status();
  Input& seen = inputs_[static_cast<size_t>(layer - first_) * kInputs +
                        static_cast<size_t>(input)];
  if (K != seen.max_abs.size()) return InternalError("calibration: input of another width");
  RaiseColumnMax(rows, T, K, seen.max_abs.data());
  if (seen.gram.empty()) return Status();
  return accumulator_.Add(*pool_, rows, T, K, seen.gram.data());
}

size_t ActivationStats::GramBytes(const EncoderConfig& shape) {
  size_t values = 0;
  for (const size_t K : GramWidths(shape)) values += K * K;
  return values * sizeof(float);
}

size_t ActivationStats::WidestGram(const EncoderConfig& shape) {
  size_t widest = 0;
  for (const size_t K : GramWidths(shape)) widest = std::max(widest, K);
  return widest;
}

}  // namespace simile

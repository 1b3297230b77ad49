// SPDX-License-Identifier: Apache-2.0
#include "encoder/bert_encoder.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "base/arena.h"
#include "encoder/bert_weights.h"
#include "products/parallel_plan.h"
#include "simd/attention.h"
#include "simd/integer_attention.h"
#include "simd/row_kernels.h"

namespace simile {
namespace {

// Rows of one task of the passes between products.
constexpr size_t kRowsPerTask = 8;

// The working memory of one forward pass; T rows each.
struct Workspace {
  float* hidden;            // [T, H]
  float* qkv;               // [T, 3H]
  float* context;           // [T, H]
  float* projected;         // [T, H]
  float* wide;              // [T, I]
  uint8_t* quantized;       // the next product's input: T rows of up to max(H, I) values
  RowQuantization* params;  // [T + kRowParamsSlack]
  uint8_t* attention;       // scratch of every thread
  size_t attention_bytes;   // of one thread
};

class BertEncoderImpl final : public BertEncoder {
 public:
  Status Init(const ModelConfig& config) {
    SIMILE_ASSIGN_OR_RETURN(serial_, ThreadPool::Create(1));
    return weights_.Init(config);
  }

  Status SetTensor(const BertTensorSpec& spec, Buffer<uint8_t> data) override {
    return weights_.SetTensor(spec, std::move(data));
  }
  Status Finish() override { return weights_.Finish(); }

  Status Encode(ThreadPool& pool, const uint32_t* ids, const uint32_t* offsets, size_t B,
                const float** hidden, ActivationObserver* observer) override;

  size_t weight_bytes() const override { return weights_.size_bytes(); }
  size_t arena_bytes() const override { return arena_.size_bytes(); }

 private:
  // What one call of Encode works on.
  struct Batch {
    ThreadPool& pool;
    const uint32_t* ids;
    const uint32_t* offsets;
    size_t B, T;
    ActivationObserver* observer;
  };

  Status CheckInput(const uint32_t* ids, const uint32_t* offsets, size_t B) const;
  Status PlanMemory(const Batch& batch);
  // Bytes of scratch for attention over one text in one head.
  size_t AttentionBytes(size_t T) const;
  void Embed(const Batch& batch);
  Status RunLayer(const Batch& batch, int layer);
  void Attend(const Batch& batch);
  // y = the product of T rows of x, which were quantised already; shows x to the
  // observer first.
  Status Product(const Batch& batch, const Linear& linear, int layer, ProductInput input,
                 const float* x, float* y);
  // Quantises row t of the next product's input, which whoever made the row calls
  // while it is in the first-level cache.
  void Quantize(size_t t, const float* row, const float* smoothing, size_t K);
  // hidden = LayerNorm(hidden + projected), quantised for a product with `smoothing`.
  void AddAndNormalize(const Batch& batch, int layer, BertRole gamma, BertRole beta,
                       const float* smoothing);
  const float* AttentionSmoothing(size_t layer) const;

  // f32 weights are for reference and attend in f32.
  bool IntegerAttends() const {
    return weights_.is_int8() && weights_.shape().head_size() <= kMaxIntegerHead;
  }

  BertWeights weights_;
  std::unique_ptr<ThreadPool> serial_;
  ParallelPlan plan_;
  Arena arena_;
  Workspace work_ = {};
};

// Calls body(first, end) for blocks of rows, in parallel.
template <typename F>
void ForRows(ThreadPool& pool, size_t T, const F& body) {
  pool.For((T + kRowsPerTask - 1) / kRowsPerTask, [&](size_t task) {
    for (size_t t = task * kRowsPerTask; t < std::min(T, (task + 1) * kRowsPerTask); ++t) body(t);
  });
}

Status BertEncoderImpl::CheckInput(const uint32_t* ids, const uint32_t* offsets,
                                   size_t B) const {
  const BertShape& shape = weights_.shape();
  if (B == 0) return InvalidArgument("a batch without texts");
  for (size_t b = 0; b < B; ++b) {
    if (offsets[b] >= offsets[b + 1] || offsets[b + 1] - offsets[b] > shape.max_positions) {
      return InvalidArgument("text " + std::to_string(b) + ": expected 1 to " +
                             std::to_string(shape.max_positions) + " tokens");
    }
  }
  for (size_t t = 0; t < offsets[B]; ++t) {
    if (ids[t] >= shape.vocab_size) {
      return InvalidArgument("token id " + std::to_string(ids[t]) + ": expected less than " +
                             std::to_string(shape.vocab_size));
    }
  }
  return Status();
}

size_t BertEncoderImpl::AttentionBytes(size_t T) const {
  const size_t d = weights_.shape().head_size();
  return IntegerAttends() ? IntegerAttentionScratch(T, d) : AttentionScratch(T, d) * sizeof(float);
}

Status BertEncoderImpl::PlanMemory(const Batch& batch) {
  const BertShape& shape = weights_.shape();
  const size_t T = batch.T;
  const size_t H = shape.hidden_size;
  const size_t I = shape.intermediate_size;
  const size_t quantized = weights_.is_int8() ? T * QuantizedStride(std::max(H, I), Linear::form()) : 0;
  size_t longest = 0;
  for (size_t b = 0; b < batch.B; ++b) {
    longest = std::max<size_t>(longest, batch.offsets[b + 1] - batch.offsets[b]);
  }
  work_.attention_bytes = AttentionBytes(longest);
  const size_t scratch = batch.pool.threads() * work_.attention_bytes;
  SIMILE_RETURN_IF_ERROR(arena_.Reset(
      3 * Arena::PieceBytes<float>(T * H) + Arena::PieceBytes<float>(T * 3 * H) +
      Arena::PieceBytes<float>(T * I) + Arena::PieceBytes<uint8_t>(quantized) +
      Arena::PieceBytes<RowQuantization>(T + kRowParamsSlack) +
      Arena::PieceBytes<uint8_t>(scratch)));
  work_.hidden = arena_.Take<float>(T * H);
  work_.qkv = arena_.Take<float>(T * 3 * H);
  work_.context = arena_.Take<float>(T * H);
  work_.projected = arena_.Take<float>(T * H);
  work_.wide = arena_.Take<float>(T * I);
  work_.quantized = arena_.Take<uint8_t>(quantized);
  work_.params = arena_.Take<RowQuantization>(T + kRowParamsSlack);
  work_.attention = arena_.Take<uint8_t>(scratch);
  return Status();
}

Status BertEncoderImpl::Encode(ThreadPool& pool, const uint32_t* ids, const uint32_t* offsets,
                               size_t B, const float** hidden, ActivationObserver* observer) {
  SIMILE_RETURN_IF_ERROR(CheckInput(ids, offsets, B));
  const size_t T = offsets[B];
  const bool threads = pool.threads() > 1 && plan_.UsesThreads(T);
  const Batch batch{threads ? pool : *serial_, ids, offsets, B, T, observer};
  SIMILE_RETURN_IF_ERROR(PlanMemory(batch));
  const auto began = std::chrono::steady_clock::now();
  Embed(batch);
  for (uint32_t layer = 0; layer < weights_.shape().layers; ++layer) {
    SIMILE_RETURN_IF_ERROR(RunLayer(batch, static_cast<int>(layer)));
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  plan_.Record(T, threads, took.count());
  *hidden = work_.hidden;
  return Status();
}

void BertEncoderImpl::Embed(const Batch& batch) {
  const size_t H = weights_.shape().hidden_size;
  const float eps = static_cast<float>(weights_.shape().layer_norm_eps);
  const float* gamma = weights_.Floats(BertRole::kEmbeddingsNormGamma, -1);
  const float* beta = weights_.Floats(BertRole::kEmbeddingsNormBeta, -1);
  const float* smoothing = AttentionSmoothing(0);
  batch.pool.For(batch.B, [&](size_t b) {
    for (size_t t = batch.offsets[b]; t < batch.offsets[b + 1]; ++t) {
      float* row = work_.hidden + t * H;
      weights_.EmbedToken(batch.ids[t], t - batch.offsets[b], row);
      LayerNorm(row, gamma, beta, eps, H, row);
      Quantize(t, row, smoothing, H);
    }
  });
}

Status BertEncoderImpl::RunLayer(const Batch& batch, int layer) {
  const BertLayer& w = weights_.layer(static_cast<size_t>(layer));
  const size_t H = weights_.shape().hidden_size;
  const size_t I = weights_.shape().intermediate_size;
  SIMILE_RETURN_IF_ERROR(
      Product(batch, w.qkv, layer, ProductInput::kAttention, work_.hidden, work_.qkv));
  Attend(batch);
  ForRows(batch.pool, batch.T, [&](size_t t) { Quantize(t, work_.context + t * H, nullptr, H); });
  SIMILE_RETURN_IF_ERROR(Product(batch, w.attention_output, layer,
                                 ProductInput::kAttentionOutput, work_.context,
                                 work_.projected));
  AddAndNormalize(batch, layer, BertRole::kAttentionNormGamma, BertRole::kAttentionNormBeta,
                  weights_.Floats(BertRole::kIntermediateSmoothing, layer));
  SIMILE_RETURN_IF_ERROR(Product(batch, w.intermediate, layer, ProductInput::kIntermediate,
                                 work_.hidden, work_.wide));
  ForRows(batch.pool, batch.T, [&](size_t t) {
    float* row = work_.wide + t * I;
    GeluInPlace(I, row);
    Quantize(t, row, nullptr, I);
  });
  SIMILE_RETURN_IF_ERROR(
      Product(batch, w.output, layer, ProductInput::kOutput, work_.wide, work_.projected));
  AddAndNormalize(batch, layer, BertRole::kOutputNormGamma, BertRole::kOutputNormBeta,
                  AttentionSmoothing(static_cast<size_t>(layer) + 1));
  return Status();
}

const float* BertEncoderImpl::AttentionSmoothing(size_t layer) const {
  // What the last layer puts out is the result, not a product's input.
  return layer < weights_.shape().layers
             ? weights_.Floats(BertRole::kAttentionSmoothing, static_cast<int>(layer))
             : nullptr;
}

void BertEncoderImpl::Attend(const Batch& batch) {
  const BertShape& shape = weights_.shape();
  const size_t H = shape.hidden_size;
  const size_t d = shape.head_size();
  batch.pool.For(batch.B * shape.heads, [&](size_t thread, size_t task) {
    const size_t b = task / shape.heads;
    const size_t head = task % shape.heads;
    const size_t first = batch.offsets[b];
    const size_t T = batch.offsets[b + 1] - first;
    const float* q = work_.qkv + first * 3 * H + head * d;
    float* out = work_.context + first * H + head * d;
    void* scratch = work_.attention + thread * work_.attention_bytes;
    if (IntegerAttends()) {
      AttendHeadInInteger(q, q + H, q + 2 * H, 3 * H, T, d, scratch, out, H);
    } else {
      AttendHead(q, q + H, q + 2 * H, 3 * H, T, d, static_cast<float*>(scratch), out, H);
    }
  });
}

void BertEncoderImpl::Quantize(size_t t, const float* row, const float* smoothing, size_t K) {
  if (!weights_.is_int8()) return;
  const QuantizedForm form = Linear::form();
  QuantizeRow(row, smoothing, K, form, work_.quantized + t * QuantizedStride(K, form),
              &work_.params[t].zero_point, &work_.params[t].scale);
}

Status BertEncoderImpl::Product(const Batch& batch, const Linear& linear, int layer,
                                ProductInput input, const float* x, float* y) {
  const size_t K = linear.K();
  if (batch.observer != nullptr) {
    SIMILE_RETURN_IF_ERROR(batch.observer->Observe(layer, input, x, batch.T, K));
  }
  if (weights_.is_int8()) {
    std::fill_n(work_.params + batch.T, kRowParamsSlack, work_.params[batch.T - 1]);
    linear.Run(batch.pool, QuantizedRows{work_.quantized, work_.params, batch.T, K}, y);
  } else {
    linear.Run(batch.pool, x, batch.T, y);
  }
  return Status();
}

void BertEncoderImpl::AddAndNormalize(const Batch& batch, int layer, BertRole gamma,
                                      BertRole beta, const float* smoothing) {
  const size_t H = weights_.shape().hidden_size;
  const float eps = static_cast<float>(weights_.shape().layer_norm_eps);
  const float* gamma_row = weights_.Floats(gamma, layer);
  const float* beta_row = weights_.Floats(beta, layer);
  ForRows(batch.pool, batch.T, [&](size_t t) {
    float* row = work_.hidden + t * H;
    AddTo(work_.projected + t * H, H, row);
    LayerNorm(row, gamma_row, beta_row, eps, H, row);
    Quantize(t, row, smoothing, H);
  });
}

}  // namespace

Result<std::unique_ptr<BertEncoder>> BertEncoder::Create(const ModelConfig& config) {
  auto encoder = std::make_unique<BertEncoderImpl>();
  SIMILE_RETURN_IF_ERROR(encoder->Init(config));
  return std::unique_ptr<BertEncoder>(std::move(encoder));
}

}  // namespace simile

// SPDX-License-Identifier: Apache-2.0
#include "encoder/forward_pass.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "encoder/rows.h"
#include "simd/activations.h"
#include "simd/row_kernels.h"

namespace simile {
namespace {

struct ActivationFunctions {
  void (*plain)(size_t n, float* x);
  void (*gate)(const float* up, size_t n, float* x);
};

ActivationFunctions FunctionsOf(Activation activation) {
  switch (activation) {
    case Activation::kGelu: return {GeluInPlace, GeluGate};
    case Activation::kGeluTanh: return {GeluTanhInPlace, GeluTanhGate};
    case Activation::kRelu: return {ReluInPlace, ReluGate};
    case Activation::kSilu: break;
  }
  return {SiluInPlace, SiluGate};
}

}  // namespace

ForwardPass::ForwardPass(const EncoderWeights& weights, const AttentionBlock& attention,
                         const Workspace& work, size_t scratch_bytes, ThreadPool& pool,
                         const EncoderInput& input, ActivationObserver* observer)
    : weights_(weights),
      shape_(weights.shape()),
      attention_(attention),
      work_(work),
      scratch_bytes_(scratch_bytes),
      pool_(pool),
      input_(input),
      observer_(observer),
      T_(input.offsets[input.B]) {}

Status ForwardPass::Run() {
  SIMILE_RETURN_IF_ERROR(Embed());
  for (uint32_t layer = 0; layer < shape_.layers; ++layer) {
    SIMILE_RETURN_IF_ERROR(RunLayer(layer));
  }
  return ObserveHidden(shape_.layers, shape_.hidden_size);
}

ForwardPass::NormWeights ForwardPass::NormOf(TensorRole gamma, int layer) const {
  return {weights_.Floats(gamma, layer), weights_.Floats(BetaOf(gamma), layer)};
}

ForwardPass::Step ForwardPass::BeforeAttention(uint32_t layer) const {
  Step step;
  const bool after = shape_.norm_placement == NormPlacement::kAfter;
  const bool is_end = layer == shape_.layers;
  if (layer == 0) {
    step.stays = NormOf(TensorRole::kEmbeddingsNormGamma, -1);
  } else if (after) {
    step.stays = NormOf(TensorRole::kMlpNormGamma, static_cast<int>(layer) - 1);
  } else if (is_end) {
    step.stays = NormOf(TensorRole::kFinalNormGamma, -1);
  }
  step.has_product = !is_end;
  if (is_end) return step;
  if (!after) step.passes = NormOf(TensorRole::kAttentionNormGamma, static_cast<int>(layer));
  step.input = weights_.PlanOf(ProductInput::kAttention, layer);
  return step;
}

ForwardPass::Step ForwardPass::BeforeMlp(uint32_t layer) const {
  const int l = static_cast<int>(layer);
  Step step;
  if (shape_.norm_placement == NormPlacement::kAfter) {
    step.stays = NormOf(TensorRole::kAttentionNormGamma, l);
  } else {
    step.passes = NormOf(TensorRole::kMlpNormGamma, l);
  }
  step.input = weights_.PlanOf(ProductInput::kIntermediate, layer);
  return step;
}

Status ForwardPass::Embed() {
  for (size_t b = 0; b < input_.B; ++b) {
    const uint32_t first = input_.offsets[b];
    for (uint32_t t = first; t < input_.offsets[b + 1]; ++t) work_.positions[t] = t - first;
  }
  if (shape_.has_residual_projection()) return ProjectResidual();
  Advance(BeforeAttention(0), [&](size_t t, float* row) { EmbedToken(t, row); });
  return ObserveHidden(0, shape_.hidden_size);
}

void ForwardPass::EmbedToken(size_t t, float* row) const {
  const uint8_t type = input_.types == nullptr ? 0 : input_.types[t];
  weights_.EmbedToken(input_.ids[t], type, work_.positions[t], row);
}

// Embeddings are [T, embedding_size]: a matrix makes hidden states of them, and what
// layer 0's attention gets is their norm.
Status ForwardPass::ProjectResidual() {
  const size_t E = shape_.embedding_size;
  const InputPlan plain;
  ForQuantizedRows(work_.quantized, plain, T_, [&](size_t t) {
    float* row = work_.hidden + t * E;
    EmbedToken(t, row);
    Quantize(work_.quantized, plain, t, row, E);
  });
  SIMILE_RETURN_IF_ERROR(ObserveHidden(0, E));
  Product(weights_.layer(0).residual, work_.hidden, work_.quantized, T_, work_.projected);
  std::swap(work_.hidden, work_.projected);
  const Step step = BeforeAttention(0);
  ForQuantizedRows(work_.quantized, step.input, T_, [&](size_t t) {
    float* row = work_.projected + t * E;
    Normalize(step.passes, row, E, row);
    Quantize(work_.quantized, step.input, t, row, E);
  });
  product_input_ = work_.projected;
  return Status();
}

Status ForwardPass::RunLayer(uint32_t layer) {
  const EncoderLayer& w = weights_.layer(layer);
  const size_t Q = shape_.layer_query_size(layer);
  SIMILE_RETURN_IF_ERROR(Observe(layer, ProductInput::kAttention, product_input_, T_, w.qkv.K()));
  Product(w.qkv, product_input_, work_.quantized, T_, work_.qkv);
  attention_.Run(pool_, input_, layer, work_, scratch_bytes_);
  const InputPlan plan = weights_.PlanOf(ProductInput::kAttentionOutput, layer);
  ForQuantizedRows(work_.quantized, plan, T_, [&](size_t t) {
    Quantize(work_.quantized, plan, t, work_.context + t * Q, Q);
  });
  SIMILE_RETURN_IF_ERROR(Observe(layer, ProductInput::kAttentionOutput, work_.context, T_, Q));
  Product(w.attention_output, work_.context, work_.quantized, T_, work_.projected);
  AddProjected(BeforeMlp(layer));
  SIMILE_RETURN_IF_ERROR(RunMlp(layer));
  AddProjected(BeforeAttention(layer + 1));
  return layer + 1 == shape_.layers ? Status() : ObserveHidden(layer + 1, shape_.hidden_size);
}

Status ForwardPass::RunMlp(uint32_t layer) {
  const EncoderLayer& w = weights_.layer(layer);
  const size_t H = shape_.hidden_size, I = shape_.intermediate_size;
  const InputPlan plan = weights_.PlanOf(ProductInput::kOutput, layer);
  const size_t stride = QuantizedStride(H, Linear::form());
  for (size_t first = 0; first < T_; first += kMlpRows) {
    const size_t rows = std::min(kMlpRows, T_ - first);
    const float* x = product_input_ + first * H;
    const QuantizedInput quantized = work_.quantized.From(first, stride);
    SIMILE_RETURN_IF_ERROR(Observe(layer, ProductInput::kIntermediate, x, rows, H));
    Product(w.intermediate, x, quantized, rows, work_.wide);
    Activate(rows, plan);
    SIMILE_RETURN_IF_ERROR(Observe(layer, ProductInput::kOutput, work_.activated, rows, I));
    Product(w.output, work_.activated, work_.wide_quantized, rows, work_.projected + first * H);
  }
  return Status();
}

void ForwardPass::Activate(size_t rows, const InputPlan& plan) {
  const size_t I = shape_.intermediate_size;
  const size_t width = shape_.gated ? 2 * I : I;
  const ActivationFunctions function = FunctionsOf(shape_.activation);
  ForQuantizedRows(work_.wide_quantized, plan, rows, [&](size_t t) {
    float* row = work_.wide + t * width;
    if (shape_.gated) {
      function.gate(row + I, I, row);
    } else {
      function.plain(I, row);
    }
    if (work_.activated != work_.wide) std::memcpy(work_.activated + t * I, row, I * sizeof *row);
    Quantize(work_.wide_quantized, plan, t, row, I);
  });
}

template <typename F>
void ForwardPass::Advance(const Step& step, const F& begin) {
  const size_t H = shape_.hidden_size;
  const bool passes = step.passes.gamma != nullptr;
  ForQuantizedRows(work_.quantized, step.input, T_, [&](size_t t) {
    float* row = work_.hidden + t * H;
    begin(t, row);
    if (step.stays.gamma != nullptr) Normalize(step.stays, row, H, row);
    float* input = passes ? work_.projected + t * H : row;
    if (passes) Normalize(step.passes, row, H, input);
    if (step.has_product) Quantize(work_.quantized, step.input, t, input, H);
  });
  product_input_ = passes ? work_.projected : work_.hidden;
}

void ForwardPass::AddProjected(const Step& step) {
  const size_t H = shape_.hidden_size;
  Advance(step, [&](size_t t, float* row) { AddTo(work_.projected + t * H, H, row); });
}

void ForwardPass::Normalize(const NormWeights& norm, const float* x, size_t n, float* y) const {
  const float eps = static_cast<float>(shape_.layer_norm_eps);
  if (shape_.norm == Norm::kRmsNorm) {
    RmsNorm(x, norm.gamma, eps, n, y);
  } else {
    LayerNorm(x, norm.gamma, norm.beta, eps, n, y);
  }
}

template <typename F>
void ForwardPass::ForQuantizedRows(const QuantizedInput& to, const InputPlan& plan, size_t rows,
                                   const F& body) const {
  ForRows(pool_, rows, body);
  if (!weights_.is_int8()) return;
  std::fill_n(to.params + rows, kRowParamsSlack, to.params[rows - 1]);
  if (!plan.in_two_parts) return;
  std::fill_n(to.remainder_params + rows, kRowParamsSlack, to.remainder_params[rows - 1]);
}

void ForwardPass::Quantize(const QuantizedInput& to, const InputPlan& plan, size_t t,
                           const float* row, size_t K) const {
  if (!weights_.is_int8()) return;
  const QuantizedForm form = Linear::form();
  const size_t offset = t * QuantizedStride(K, form);
  RowQuantization* params = to.params + t;
  if (!plan.in_two_parts) {
    return QuantizeRow(row, plan.smoothing, K, form, to.rows + offset, &params->zero_point,
                       &params->scale);
  }
  RowQuantization* rest = to.remainder_params + t;
  rest->zero_point = 0;
  QuantizeRowInTwo(row, plan.smoothing, K, form, to.rows + offset, &params->zero_point,
                   &params->scale, to.remainder + offset, &rest->scale);
}

Status ForwardPass::ObserveHidden(uint32_t layer, size_t width) const {
  if (observer_ == nullptr) return Status();
  return observer_->ObserveHidden(static_cast<int>(layer), work_.hidden, T_, width);
}

Status ForwardPass::Observe(uint32_t layer, ProductInput input, const float* x, size_t T,
                            size_t K) const {
  if (observer_ == nullptr) return Status();
  return observer_->Observe(static_cast<int>(layer), input, x, T, K);
}

void ForwardPass::Product(const Linear& linear, const float* x, const QuantizedInput& quantized,
                          size_t T, float* y) const {
  if (weights_.is_int8()) {
    linear.Run(pool_,
               QuantizedRows{quantized.rows, quantized.params, quantized.remainder,
                             quantized.remainder_params, T, linear.K()},
               y);
  } else {
    linear.Run(pool_, x, T, y);
  }
}

}  // namespace simile

// SPDX-License-Identifier: Apache-2.0
#include "convert/calibrator.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "convert/gptq.h"
#include "convert/quantize.h"
#include "convert/smooth.h"
#include "convert/source_tensors.h"

namespace simile {
namespace {

// Multiply-adds of one step, about a second of one thread in a browser.
constexpr double kStepMacs = 4e9;
// Tokens for each input of the widest product from which on GPTQ is done. On
// all-MiniLM-L6-v2 it changed the mean cosine to f32 over 1,000 texts from
// 0.99916 to 0.99913 with 0.2 of them, to 0.99922 with 0.5, to 0.99929 with 1.3
// and to 0.99936 with 12.5: with very few it learns the texts, not the language.
constexpr size_t kGptqTokensPerInput = 1;

// Products that share an input. Roles of a layer's products, in order.
constexpr BertRole kProducts[] = {BertRole::kQuery,        BertRole::kKey,
                                  BertRole::kValue,        BertRole::kAttentionOutput,
                                  BertRole::kIntermediate, BertRole::kOutput};
struct ProductGroup {
  ProductInput input;
  size_t first, count;  // in kProducts
  std::optional<BertRole> smoothing;
};
constexpr ProductGroup kGroups[] = {
    {ProductInput::kAttention, 0, 3, BertRole::kAttentionSmoothing},
    {ProductInput::kAttentionOutput, 3, 1, std::nullopt},
    {ProductInput::kIntermediate, 4, 1, BertRole::kIntermediateSmoothing},
    {ProductInput::kOutput, 5, 1, std::nullopt},
};

double MacsPerToken(const BertShape& shape, bool gptq) {
  const double H = shape.hidden_size, I = shape.intermediate_size;
  const double products = 4 * H * H + 2 * H * I;
  const double grams = gptq ? (3 * H * H + I * I) / 2 : 0;
  return (products + grams) * shape.layers;
}

size_t InputWidth(const BertShape& shape, ProductInput input) {
  return input == ProductInput::kOutput ? shape.intermediate_size : shape.hidden_size;
}

Result<Buffer<uint8_t>> FloatBytes(size_t count) {
  Buffer<uint8_t> bytes;
  SIMILE_RETURN_IF_ERROR(bytes.Resize(count * sizeof(float)));
  return bytes;
}

// Smooths the weights (each [N, K] F32) in place; gives 1/s as F32 bytes.
Result<Buffer<uint8_t>> SmoothWeights(const float* input_max, size_t K, Buffer<uint8_t>* weights,
                                      size_t count) {
  Buffer<float> weight_max, s;
  SIMILE_RETURN_IF_ERROR(weight_max.Resize(K));
  std::fill(weight_max.begin(), weight_max.end(), 0.0f);
  const auto rows = [K](const Buffer<uint8_t>& w) { return w.size() / sizeof(float) / K; };
  for (size_t i = 0; i < count; ++i) {
    RaiseColumnMax(Floats(weights[i]), rows(weights[i]), K, weight_max.data());
  }
  SIMILE_RETURN_IF_ERROR(s.Resize(K));
  SIMILE_ASSIGN_OR_RETURN(Buffer<uint8_t> inverse, FloatBytes(K));
  SmoothingFactors(input_max, weight_max.data(), K, s.data(), Floats(inverse));
  for (size_t i = 0; i < count; ++i) {
    ScaleColumns(s.data(), rows(weights[i]), K, Floats(weights[i]));
  }
  return inverse;
}

// Rounds w by GPTQ and hands weights and scales to the output.
Status RoundWeights(ThreadPool& pool, const Gptq& gptq, BertRole role, int layer, size_t K,
                    const Buffer<uint8_t>& w, OutputFile* output) {
  const size_t N = w.size() / sizeof(float) / K;
  SIMILE_ASSIGN_OR_RETURN(Buffer<uint8_t> scale, FloatBytes(N));
  for (size_t n = 0; n < N; ++n) Floats(scale)[n] = RowScale(Floats(w) + n * K, K);
  Buffer<uint8_t> q;
  SIMILE_RETURN_IF_ERROR(q.Resize(N * K));
  SIMILE_RETURN_IF_ERROR(gptq.Round(pool, Floats(w), Floats(scale), N,
                                    reinterpret_cast<int8_t*>(q.data())));
  SIMILE_RETURN_IF_ERROR(output->Set(ScaleOf(role), layer, std::move(scale)));
  return output->Set(role, layer, std::move(q));
}

}  // namespace

bool Calibrator::Rounds(BertRole role) {
  return std::find(std::begin(kProducts), std::end(kProducts), role) != std::end(kProducts);
}

bool Calibrator::IsEnoughForGptq(const BertShape& shape, size_t tokens) {
  const size_t widest = std::max(shape.hidden_size, shape.intermediate_size);
  return tokens >= kGptqTokensPerInput * widest;
}

Result<std::unique_ptr<Calibrator>> Calibrator::Create(ThreadPool* pool,
                                                       const ModelConfig& config,
                                                       CalibrationTexts texts,
                                                       size_t gram_budget_bytes) {
  std::unique_ptr<Calibrator> calibrator(
      new Calibrator(pool, config, std::move(texts), gram_budget_bytes));
  SIMILE_RETURN_IF_ERROR(calibrator->Init());
  return calibrator;
}

Calibrator::Calibrator(ThreadPool* pool, const ModelConfig& config, CalibrationTexts texts,
                       size_t gram_budget_bytes)
    : pool_(pool),
      config_(config),
      texts_(std::move(texts)),
      gptq_(IsEnoughForGptq(config.bert, texts_.tokens())),
      gram_budget_bytes_(gram_budget_bytes),
      weights_(config.bert.layers * std::size(kProducts)) {
  config_.precision = WeightPrecision::kF32;
  config_.smoothed = false;
}

Status Calibrator::Init() {
  SIMILE_ASSIGN_OR_RETURN(encoder_, BertEncoder::Create(config_));
  return Status();
}

Status Calibrator::SetTensor(const BertTensorSpec& spec, Buffer<uint8_t> data) {
  if (Rounds(spec.role)) {
    const auto* product = std::find(std::begin(kProducts), std::end(kProducts), spec.role);
    const size_t index = static_cast<size_t>(spec.layer) * std::size(kProducts) +
                         static_cast<size_t>(product - std::begin(kProducts));
    SIMILE_RETURN_IF_ERROR(weights_[index].Append(data.data(), data.size()));
  }
  return encoder_->SetTensor(spec, std::move(data));
}

Status Calibrator::Finish() {
  SIMILE_RETURN_IF_ERROR(encoder_->Finish());
  return StartPass();
}

size_t Calibrator::pass_layers() const {
  const size_t fit = gptq_ ? gram_budget_bytes_ / ActivationStats::GramBytes(config_.bert)
                           : config_.bert.layers;
  return std::min(config_.bert.layers - first_layer_, std::max<size_t>(fit, 1));
}

Status Calibrator::StartPass() {
  next_text_ = 0;
  next_group_ = 0;
  return stats_.Init(pool_, config_.bert, static_cast<int>(first_layer_),
                     static_cast<int>(pass_layers()), gptq_);
}

Status Calibrator::RunBatch() {
  const double tokens = kStepMacs / MacsPerToken(config_.bert, gptq_);
  const uint32_t* ids = nullptr;
  SIMILE_ASSIGN_OR_RETURN(
      const size_t B,
      texts_.Batch(next_text_, static_cast<size_t>(tokens), &ids, &offsets_));
  next_text_ += B;
  const float* hidden = nullptr;
  return encoder_->Encode(*pool_, ids, offsets_.data(), B, &hidden, &stats_);
}

Status Calibrator::RoundGroup(int layer, const size_t group_index, OutputFile* output) {
  const ProductGroup& group = kGroups[group_index];
  const size_t K = InputWidth(config_.bert, group.input);
  Buffer<uint8_t>* weights =
      &weights_[static_cast<size_t>(layer) * std::size(kProducts) + group.first];
  Buffer<uint8_t> inverse;  // F32 [K], or empty without smoothing
  if (group.smoothing) {
    SIMILE_ASSIGN_OR_RETURN(
        inverse, SmoothWeights(stats_.max_abs(layer, group.input), K, weights, group.count));
  }
  Gptq gptq;
  if (gptq_) {
    const float* input_scale = group.smoothing ? Floats(inverse) : nullptr;
    SIMILE_RETURN_IF_ERROR(gptq.Init(*pool_, stats_.gram(layer, group.input), input_scale, K));
  }
  for (size_t i = 0; i < group.count; ++i) {
    const BertRole role = kProducts[group.first + i];
    SIMILE_RETURN_IF_ERROR(
        gptq_ ? RoundWeights(*pool_, gptq, role, layer, K, weights[i], output)
              : output->SetF32(role, layer, weights[i]));
    weights[i].Free();
  }
  if (!group.smoothing) return Status();
  return output->Set(*group.smoothing, layer, std::move(inverse));
}

Result<bool> Calibrator::Step(OutputFile* output) {
  if (next_text_ < texts_.count()) {
    SIMILE_RETURN_IF_ERROR(RunBatch());
    return true;
  }
  const size_t layer = first_layer_ + next_group_ / std::size(kGroups);
  SIMILE_RETURN_IF_ERROR(
      RoundGroup(static_cast<int>(layer), next_group_ % std::size(kGroups), output));
  if (++next_group_ < pass_layers() * std::size(kGroups)) return true;
  first_layer_ += pass_layers();
  if (first_layer_ == config_.bert.layers) return false;
  SIMILE_RETURN_IF_ERROR(StartPass());
  return true;
}

double Calibrator::progress() const {
  if (first_layer_ == config_.bert.layers) return 1;
  // Rounding takes about a fifth of the time.
  const double texts = static_cast<double>(next_text_) / static_cast<double>(texts_.count());
  const double groups = static_cast<double>(next_group_) /
                        static_cast<double>(pass_layers() * std::size(kGroups));
  const double pass = 0.8 * texts + 0.2 * groups;
  return (first_layer_ + pass * static_cast<double>(pass_layers())) / config_.bert.layers;
}

}  // namespace simile

// SPDX-License-Identifier: Apache-2.0
#include "convert/calibrator.h"

#include <algorithm>
#include <iterator>
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

// The work of a token in all layers, layer 1 standing for each.
double MacsPerToken(const ModelConfig& config, bool gptq) {
  double macs = 0;
  for (const TensorSpec& spec : ModelTensorSpecs(config)) {
    if (spec.layer != 0 || !Calibrator::Rounds(spec.role)) continue;
    macs += static_cast<double>(spec.shape[0]) * static_cast<double>(spec.shape[1]);
  }
  const double grams =
      static_cast<double>(ActivationStats::GramBytes(config.encoder)) / sizeof(float);
  return (macs + (gptq ? grams / 2 : 0)) * config.encoder.layers;
}

bool IsEnoughForGptq(const EncoderConfig& shape, size_t tokens) {
  return tokens >= kGptqTokensPerInput * ActivationStats::WidestGram(shape);
}

Result<Buffer<uint8_t>> FloatBytes(size_t count) {
  Buffer<uint8_t> bytes;
  SIMILE_RETURN_IF_ERROR(bytes.Resize(count * sizeof(float)));
  return bytes;
}

// Smooths the weights (each [N, K] F32) in place; gives 1/s as F32 bytes.
Result<Buffer<uint8_t>> SmoothWeights(const float* input_max, size_t K, Alpha alpha,
                                      const std::vector<Buffer<uint8_t>*>& weights) {
  Buffer<float> weight_max, s;
  SIMILE_RETURN_IF_ERROR(weight_max.Resize(K));
  std::fill(weight_max.begin(), weight_max.end(), 0.0f);
  const auto rows = [K](const Buffer<uint8_t>* w) { return w->size() / sizeof(float) / K; };
  for (const Buffer<uint8_t>* w : weights) {
    RaiseColumnMax(Floats(*w), rows(w), K, weight_max.data());
  }
  SIMILE_RETURN_IF_ERROR(s.Resize(K));
  SIMILE_ASSIGN_OR_RETURN(Buffer<uint8_t> inverse, FloatBytes(K));
  SmoothingFactors(input_max, weight_max.data(), K, alpha, s.data(), Floats(inverse));
  for (Buffer<uint8_t>* w : weights) ScaleColumns(s.data(), rows(w), K, Floats(*w));
  return inverse;
}

// Rounds w by GPTQ and hands weights and scales to the output.
Status RoundWeights(ThreadPool& pool, const Gptq& gptq, TensorRole role, int layer, size_t K,
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

bool Calibrator::Rounds(TensorRole role) {
  return std::find(std::begin(kProductRoles), std::end(kProductRoles), role) !=
         std::end(kProductRoles);
}

std::string Calibrator::Describe(const EncoderConfig& shape, size_t tokens) {
  if (!IsEnoughForGptq(shape, tokens)) return "smoothquant";
  const std::string limit = std::to_string(ActivationStats::kMaxGramWidth);
  const uint32_t widest =
      std::max({shape.hidden_size, shape.intermediate_size, shape.query_size()});
  return widest <= ActivationStats::kMaxGramWidth
             ? "smoothquant+gptq"
             : "smoothquant+gptq, but no gptq for inputs wider than " + limit;
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
      groups_(ProductGroups(config)),
      texts_(std::move(texts)),
      gptq_(IsEnoughForGptq(config.encoder, texts_.tokens())),
      gram_budget_bytes_(gram_budget_bytes),
      weights_(config.encoder.layers * kProducts) {
  config_.precision = WeightPrecision::kF32;
  config_.f32_type_embeddings = config_.smoothed = config_.outputs_smoothed = false;
}

Buffer<uint8_t>& Calibrator::Weights(TensorRole role, size_t layer) {
  const auto* product = std::find(std::begin(kProductRoles), std::end(kProductRoles), role);
  return weights_[layer * kProducts + static_cast<size_t>(product - std::begin(kProductRoles))];
}

Status Calibrator::Init() {
  SIMILE_ASSIGN_OR_RETURN(encoder_, Encoder::Create(config_));
  return Status();
}

Status Calibrator::SetTensor(const TensorSpec& spec, Buffer<uint8_t> data) {
  if (Rounds(spec.role)) {
    SIMILE_RETURN_IF_ERROR(Weights(spec.role, static_cast<size_t>(spec.layer))
                               .Append(data.data(), data.size()));
  }
  return encoder_->SetTensor(spec, std::move(data));
}

Status Calibrator::Finish() {
  SIMILE_RETURN_IF_ERROR(encoder_->Finish());
  return StartPass();
}

size_t Calibrator::pass_layers() const {
  const size_t fit = gptq_ ? gram_budget_bytes_ / ActivationStats::GramBytes(config_.encoder)
                           : config_.encoder.layers;
  return std::min(config_.encoder.layers - first_layer_, std::max<size_t>(fit, 1));
}

Status Calibrator::StartPass() {
  next_text_ = 0;
  next_group_ = 0;
  return stats_.Init(pool_, config_.encoder, static_cast<int>(first_layer_),
                     static_cast<int>(pass_layers()), gptq_);
}

Status Calibrator::RunBatch() {
  const double tokens = kStepMacs / MacsPerToken(config_, gptq_);
  const uint32_t* ids = nullptr;
  SIMILE_ASSIGN_OR_RETURN(
      const size_t B,
      texts_.Batch(next_text_, static_cast<size_t>(tokens), &ids, &offsets_));
  next_text_ += B;
  const float* hidden = nullptr;
  return encoder_->Encode(*pool_, EncoderInput{ids, offsets_.data(), B}, &hidden, &stats_);
}

Status Calibrator::RoundGroup(int layer, size_t group_index, OutputFile* output) {
  const ProductGroup& group = groups_[group_index];
  const size_t K = InputWidth(config_.encoder, static_cast<size_t>(layer), group.input);
  std::vector<Buffer<uint8_t>*> weights;
  for (const TensorRole role : group.roles) {
    weights.push_back(&Weights(role, static_cast<size_t>(layer)));
  }
  Buffer<uint8_t> inverse;  // F32 [K], or empty without smoothing
  if (group.smoothing) {
    SIMILE_ASSIGN_OR_RETURN(inverse, SmoothWeights(stats_.max_abs(layer, group.input), K,
                                                   SmoothingAlpha(config_.encoder), weights));
  }
  Gptq gptq;
  const float* gram = stats_.gram(layer, group.input);
  if (gram != nullptr) {
    const float* input_scale = group.smoothing ? Floats(inverse) : nullptr;
    SIMILE_RETURN_IF_ERROR(gptq.Init(*pool_, gram, input_scale, K));
  }
  for (size_t i = 0; i < weights.size(); ++i) {
    const TensorRole role = group.roles[i];
    SIMILE_RETURN_IF_ERROR(
        gram != nullptr ? RoundWeights(*pool_, gptq, role, layer, K, *weights[i], output)
                        : output->SetF32(role, layer, *weights[i]));
    weights[i]->Free();
  }
  if (!group.smoothing) return Status();
  return output->Set(*group.smoothing, layer, std::move(inverse));
}

Result<bool> Calibrator::Step(OutputFile* output) {
  if (next_text_ < texts_.count()) {
    SIMILE_RETURN_IF_ERROR(RunBatch());
    return true;
  }
  const size_t layer = first_layer_ + next_group_ / groups_.size();
  SIMILE_RETURN_IF_ERROR(
      RoundGroup(static_cast<int>(layer), next_group_ % groups_.size(), output));
  if (++next_group_ < pass_layers() * groups_.size()) return true;
  first_layer_ += pass_layers();
  if (first_layer_ == config_.encoder.layers) return false;
  SIMILE_RETURN_IF_ERROR(StartPass());
  return true;
}

double Calibrator::progress() const {
  if (first_layer_ == config_.encoder.layers) return 1;
  // Rounding takes about a fifth of the time.
  const double texts = static_cast<double>(next_text_) / static_cast<double>(texts_.count());
  const double groups = static_cast<double>(next_group_) /
                        static_cast<double>(pass_layers() * groups_.size());
  const double pass = 0.8 * texts + 0.2 * groups;
  return (first_layer_ + pass * static_cast<double>(pass_layers())) / config_.encoder.layers;
}

}  // namespace simile

// SPDX-License-Identifier: Apache-2.0
#include "pool/output_layers.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "simd/activations.h"
#include "simd/row_kernels.h"

namespace simile {
namespace {

const float* Floats(const Buffer<uint8_t>& bytes) {
  return reinterpret_cast<const float*>(bytes.data());
}

void Activate(DenseActivation activation, size_t n, float* x) {
  switch (activation) {
    case DenseActivation::kIdentity: return;
    case DenseActivation::kTanh: return TanhInPlace(n, x);
    case DenseActivation::kRelu: return ReluInPlace(n, x);
    case DenseActivation::kGelu: return GeluInPlace(n, x);
    case DenseActivation::kSigmoid: return SigmoidInPlace(n, x);
  }
}

Status KeepFinite(const TensorSpec& spec, Buffer<uint8_t> data, Buffer<uint8_t>* kept) {
  if (!AllFinite(Floats(data), data.size() / sizeof(float))) {
    return BadModel("tensor '" + spec.name + "': a value is not finite");
  }
  *kept = std::move(data);
  return Status();
}

}  // namespace

Status DenseLayer::SetWeight(const TensorSpec& spec, Buffer<uint8_t> data) {
  return KeepFinite(spec, std::move(data), &weight_);
}

Status DenseLayer::SetBias(const TensorSpec& spec, Buffer<uint8_t> data) {
  return KeepFinite(spec, std::move(data), &bias_);
}

void DenseLayer::Apply(const float* x, float* y) const {
  for (size_t i = 0; i < outputs(); ++i) {
    y[i] = Dot(Floats(weight_) + i * inputs(), x, inputs());
  }
  if (config_.bias) AddTo(Floats(bias_), outputs(), y);
  Activate(config_.activation, outputs(), y);
}

Status OutputLayers::Create(const ModelConfig& config) {
  const uint32_t H = config.encoder.hidden_size;
  for (const DenseConfig& dense : config.dense) dense_.emplace_back(dense);
  if (const ClassifierConfig& classifier = config.classifier; classifier.labels > 0) {
    if (classifier.has_dense) {
      classifier_.emplace_back(DenseConfig{H, H, true, classifier.dense_activation});
    }
    classifier_.emplace_back(
        DenseConfig{H, classifier.labels, true, classifier.score_activation});
  }
  size_t widest = H;
  for (const DenseLayer& layer : dense_) widest = std::max(widest, layer.outputs());
  for (const DenseLayer& layer : classifier_) widest = std::max(widest, layer.outputs());
  if (dense_.empty() && classifier_.empty()) return Status();
  for (Buffer<float>& row : scratch_) SIMILE_RETURN_IF_ERROR(row.Resize(widest));
  return Status();
}

bool OutputLayers::Owns(TensorRole role) {
  return role >= TensorRole::kDense && role <= TensorRole::kClassifierBias;
}

Status OutputLayers::SetTensor(const TensorSpec& spec, Buffer<uint8_t> data) {
  const bool is_classifier = spec.role >= TensorRole::kClassifierDense;
  const bool is_scores = spec.role >= TensorRole::kClassifier;
  std::vector<DenseLayer>& layers = is_classifier ? classifier_ : dense_;
  const size_t index = !is_classifier ? static_cast<size_t>(spec.layer)
                       : is_scores    ? layers.size() - 1
                                      : 0;
  if (index >= layers.size()) return InternalError("tensor '" + spec.name + "' has no layer");
  const bool is_bias = spec.role == TensorRole::kDenseBias ||
                       spec.role == TensorRole::kClassifierDenseBias ||
                       spec.role == TensorRole::kClassifierBias;
  return is_bias ? layers[index].SetBias(spec, std::move(data))
                 : layers[index].SetWeight(spec, std::move(data));
}

void OutputLayers::Project(const float* in, float* out) { Run(dense_, in, out); }

void OutputLayers::Classify(const float* hidden, float* scores) {
  Run(classifier_, hidden, scores);
}

void OutputLayers::Run(const std::vector<DenseLayer>& layers, const float* in, float* out) {
  if (layers.empty()) return;
  size_t turn = 0;
  for (const DenseLayer& layer : layers) {
    float* row = scratch_[turn].data();
    layer.Apply(in, row);
    in = row;
    turn = 1 - turn;
  }
  std::memcpy(out, in, layers.back().outputs() * sizeof(float));
}

size_t OutputLayers::memory_bytes() const {
  size_t total = scratch_[0].size_bytes() + scratch_[1].size_bytes();
  for (const DenseLayer& layer : dense_) total += layer.memory_bytes();
  for (const DenseLayer& layer : classifier_) total += layer.memory_bytes();
  return total;
}

}  // namespace simile

// SPDX-License-Identifier: Apache-2.0
#include "encoder/bert_weights.h"

#include <cstring>
#include <string>
#include <utility>

#include "simd/row_kernels.h"

namespace simile {
namespace {

constexpr size_t kRoles = static_cast<size_t>(BertRole::kIntermediateSmoothing) + 1;

bool IsScale(BertRole role) {
  switch (role) {
    case BertRole::kWordEmbeddingsScale:
    case BertRole::kPositionEmbeddingsScale:
    case BertRole::kTypeEmbeddingsScale:
    case BertRole::kQueryScale:
    case BertRole::kKeyScale:
    case BertRole::kValueScale:
    case BertRole::kAttentionOutputScale:
    case BertRole::kIntermediateScale:
    case BertRole::kOutputScale:
      return true;
    default:
      return false;
  }
}

// What no arithmetic repairs: NaN, infinity, scales that are not above 0.
Status CheckValues(const BertTensorSpec& spec, const Buffer<uint8_t>& data) {
  if (spec.dtype != DType::kF32) return Status();
  const float* values = reinterpret_cast<const float*>(data.data());
  const size_t count = data.size() / sizeof(float);
  if (!AllFinite(values, count)) {
    return BadModel("tensor '" + spec.name + "': holds a NaN or an infinity");
  }
  if (!IsScale(spec.role)) return Status();
  for (size_t i = 0; i < count; ++i) {
    if (!(values[i] > 0.0f)) {
      return BadModel("tensor '" + spec.name + "': scale " + std::to_string(i) +
                      " is not above 0");
    }
  }
  return Status();
}

const float* AsFloats(const Buffer<uint8_t>& bytes) {
  return bytes.empty() ? nullptr : reinterpret_cast<const float*>(bytes.data());
}

}  // namespace

Status BertWeights::Init(const ModelConfig& config) {
  shape_ = config.bert;
  precision_ = config.precision;
  const size_t H = shape_.hidden_size;
  const size_t I = shape_.intermediate_size;
  if (H % 8 != 0 || I % 8 != 0 || shape_.head_size() % 8 != 0) {
    return BadModel("hidden size " + std::to_string(H) + ", intermediate size " +
                    std::to_string(I) + ", head size " + std::to_string(shape_.head_size()) +
                    ": each must be a multiple of 8");
  }
  matrices_ = {
      {BertRole::kQuery, &BertLayer::qkv, 0, 3, H, H},
      {BertRole::kKey, &BertLayer::qkv, 1, 3, H, H},
      {BertRole::kValue, &BertLayer::qkv, 2, 3, H, H},
      {BertRole::kAttentionOutput, &BertLayer::attention_output, 0, 1, H, H},
      {BertRole::kIntermediate, &BertLayer::intermediate, 0, 1, I, H},
      {BertRole::kOutput, &BertLayer::output, 0, 1, H, I},
  };
  layers_.resize(shape_.layers);
  slots_.resize((shape_.layers + 1) * kRoles);
  for (const BertTensorSpec& spec : BertTensorSpecs(config)) {
    expected_ += spec.role != BertRole::kTokenizerVocab && spec.role != BertRole::kGoldenVectors;
  }
  return Status();
}

Buffer<uint8_t>& BertWeights::Slot(BertRole role, int layer) {
  return slots_[static_cast<size_t>(layer + 1) * kRoles + static_cast<size_t>(role)];
}

const Buffer<uint8_t>& BertWeights::Slot(BertRole role, int layer) const {
  return slots_[static_cast<size_t>(layer + 1) * kRoles + static_cast<size_t>(role)];
}

Status BertWeights::SetTensor(const BertTensorSpec& spec, Buffer<uint8_t> data) {
  SIMILE_RETURN_IF_ERROR(CheckValues(spec, data));
  Slot(spec.role, spec.layer) = std::move(data);
  ++received_;
  return spec.layer < 0 ? Status() : PackWhatIsReady(spec.layer);
}

Status BertWeights::PackWhatIsReady(int layer) {
  for (const Matrix& matrix : matrices_) {
    const bool has_scale = !is_int8() || !Slot(ScaleOf(matrix.weight), layer).empty();
    if (!Slot(matrix.weight, layer).empty() && !Slot(BiasOf(matrix.weight), layer).empty() &&
        has_scale) {
      SIMILE_RETURN_IF_ERROR(Pack(layer, matrix));
    }
  }
  return Status();
}

Status BertWeights::Pack(int layer, const Matrix& matrix) {
  Linear& linear = layers_[static_cast<size_t>(layer)].*matrix.linear;
  Buffer<uint8_t>& weight = Slot(matrix.weight, layer);
  Buffer<uint8_t>& scale = Slot(ScaleOf(matrix.weight), layer);
  Buffer<uint8_t>& bias = Slot(BiasOf(matrix.weight), layer);
  const size_t outputs = matrix.outputs * matrix.parts;
  const size_t first = matrix.outputs * matrix.part;
  if (linear.N() == 0) {
    SIMILE_RETURN_IF_ERROR(is_int8() ? linear.InitInt8(outputs, matrix.inputs)
                                     : linear.InitF32(outputs, matrix.inputs));
  }
  if (is_int8()) {
    linear.PackInt8(first, matrix.outputs, reinterpret_cast<const int8_t*>(weight.data()),
                    AsFloats(scale), AsFloats(bias));
  } else {
    linear.PackF32(first, matrix.outputs, AsFloats(weight), AsFloats(bias));
  }
  weight.Free();
  scale.Free();
  bias.Free();
  return Status();
}

Status BertWeights::Finish() const {
  if (received_ == expected_) return Status();
  return InternalError("the encoder got " + std::to_string(received_) + " of " +
                       std::to_string(expected_) + " tensors");
}

size_t BertWeights::size_bytes() const {
  size_t total = 0;
  for (const Buffer<uint8_t>& slot : slots_) total += slot.size_bytes();
  for (const BertLayer& layer : layers_) {
    for (const Linear* linear :
         {&layer.qkv, &layer.attention_output, &layer.intermediate, &layer.output}) {
      total += linear->size_bytes();
    }
  }
  return total;
}

const float* BertWeights::Floats(BertRole role, int layer) const {
  return AsFloats(Slot(role, layer));
}

void BertWeights::AddEmbedding(BertRole role, size_t row, bool accumulate, float* out) const {
  const size_t H = shape_.hidden_size;
  const Buffer<uint8_t>& table = Slot(role, -1);
  if (is_int8()) {
    const float scale = AsFloats(Slot(ScaleOf(role), -1))[row];
    Dequantize(reinterpret_cast<const int8_t*>(table.data()) + row * H, scale, H, accumulate,
               out);
  } else {
    const float* values = AsFloats(table) + row * H;
    if (accumulate) {
      AddTo(values, H, out);
    } else {
      std::memcpy(out, values, H * sizeof(float));
    }
  }
}

void BertWeights::EmbedToken(uint32_t id, size_t position, float* out) const {
  // The reference's order of additions: word, type, position.
  AddEmbedding(BertRole::kWordEmbeddings, id, false, out);
  AddEmbedding(BertRole::kTypeEmbeddings, 0, true, out);
  AddEmbedding(BertRole::kPositionEmbeddings, position, true, out);
}

}  // namespace simile

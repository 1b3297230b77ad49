// SPDX-License-Identifier: Apache-2.0
#include "convert/source_tensors.h"

#include <bit>
#include <cstring>

namespace simile {
namespace {

constexpr std::string_view kAnchor = "embeddings.word_embeddings.weight";

std::string ShapeText(const std::vector<uint64_t>& shape) {
  std::string text = "[";
  for (size_t i = 0; i < shape.size(); ++i) {
    if (i != 0) text += ", ";
    text += std::to_string(shape[i]);
  }
  return text + "]";
}

// What stands before the encoder's names in this file.
std::string PrefixOf(const SafetensorsHeader& header) {
  for (const TensorInfo& tensor : header.tensors) {
    if (tensor.name.ends_with(kAnchor)) {
      return tensor.name.substr(0, tensor.name.size() - kAnchor.size());
    }
  }
  return "";
}

// TensorFlow's names, which early checkpoints (bert-base-uncased) still have.
std::string OldNormName(const std::string& name) {
  for (const auto& [now, before] : {std::pair<std::string_view, const char*>(
                                        "LayerNorm.weight", "LayerNorm.gamma"),
                                    {"LayerNorm.bias", "LayerNorm.beta"}}) {
    if (name.ends_with(now)) return name.substr(0, name.size() - now.size()) + before;
  }
  return name;
}

bool IsFloat(DType dtype) {
  return dtype == DType::kF32 || dtype == DType::kF16 || dtype == DType::kBF16;
}

float FromF16(uint16_t half) {
  const uint32_t sign = static_cast<uint32_t>(half & 0x8000) << 16;
  const uint32_t rest = half & 0x7fff;
  if (rest >= 0x7c00) return std::bit_cast<float>(sign | 0x7f800000 | (rest & 0x3ff) << 13);
  if (rest >= 0x0400) return std::bit_cast<float>(sign | ((rest << 13) + (112u << 23)));
  // Subnormal: rest * 2^-24, exact in f32.
  const float value = static_cast<float>(rest) * 0x1p-24f;
  return sign != 0 ? -value : value;
}

float FromBF16(uint16_t half) { return std::bit_cast<float>(static_cast<uint32_t>(half) << 16); }

bool AllFinite(const Buffer<uint8_t>& bytes) {
  bool finite = true;
  for (size_t i = 0; i < bytes.size() / sizeof(float); ++i) {
    finite &= (std::bit_cast<uint32_t>(Floats(bytes)[i]) & 0x7f800000) != 0x7f800000;
  }
  return finite;
}

}  // namespace

Status SourceTensors::Init(const SafetensorsHeader& header,
                           std::vector<BertTensorSpec> wanted) {
  wanted_ = std::move(wanted);
  names_.clear();
  const std::string prefix = PrefixOf(header);
  for (size_t i = 0; i < wanted_.size(); ++i) {
    const BertTensorSpec& spec = wanted_[i];
    const TensorInfo* found = header.FindTensor(prefix + spec.name);
    if (found == nullptr) found = header.FindTensor(prefix + OldNormName(spec.name));
    if (found == nullptr) {
      return BadModel("tensor '" + prefix + spec.name + "': expected F32 " +
                      ShapeText(spec.shape) + ", the checkpoint has none of that name");
    }
    if (found->shape != spec.shape || !IsFloat(found->dtype)) {
      return BadModel("tensor '" + found->name + "': expected F32, F16 or BF16 " +
                      ShapeText(spec.shape) + ", the checkpoint has " +
                      DTypeName(found->dtype) + " " + ShapeText(found->shape));
    }
    names_.emplace_back(found->name, i);
  }
  return Status();
}

const BertTensorSpec* SourceTensors::Find(std::string_view file_name) const {
  for (const auto& [name, index] : names_) {
    if (name == file_name) return &wanted_[index];
  }
  return nullptr;
}

Result<Buffer<uint8_t>> WidenToF32(const TensorInfo& tensor, Buffer<uint8_t> data) {
  if (tensor.dtype != DType::kF32) {
    Buffer<uint8_t> wide;
    SIMILE_RETURN_IF_ERROR(wide.Resize(data.size() * 2));
    for (size_t i = 0; i < data.size() / 2; ++i) {
      uint16_t half;
      std::memcpy(&half, data.data() + 2 * i, sizeof half);
      Floats(wide)[i] = tensor.dtype == DType::kF16 ? FromF16(half) : FromBF16(half);
    }
    data = std::move(wide);
  }
  if (!AllFinite(data)) {
    return BadModel("tensor '" + tensor.name + "': a value is NaN or infinite");
  }
  return data;
}

}  // namespace simile

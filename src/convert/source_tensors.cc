// SPDX-License-Identifier: Apache-2.0
#include "convert/source_tensors.h"

#include <bit>
#include <cstring>
#include <utility>

namespace simile {
namespace {

std::string ShapeText(const std::vector<uint64_t>& shape) {
  std::string text = "[";
  for (size_t i = 0; i < shape.size(); ++i) {
    if (i != 0) text += ", ";
    text += std::to_string(shape[i]);
  }
  return text + "]";
}

// Other names of a wanted tensor, by their ends: `ours` ends its name and is replaced.
struct Alias {
  std::string_view ours;
  const char* theirs;
};
constexpr Alias kAliases[] = {
    // TensorFlow's names, which early checkpoints (bert-base-uncased) still have.
    {"LayerNorm.weight", "LayerNorm.gamma"},
    {"LayerNorm.bias", "LayerNorm.beta"},
    // A T5 encoder that was saved without the table that it shares with the decoder.
    {"shared.weight", "encoder.embed_tokens.weight"},
    // The layers of a classifier: DistilBERT's, BERT's.
    {"classifier.dense.weight", "pre_classifier.weight"},
    {"classifier.dense.bias", "pre_classifier.bias"},
    {"classifier.dense.weight", "pooler.dense.weight"},
    {"classifier.dense.bias", "pooler.dense.bias"},
    {"classifier.out_proj.weight", "classifier.weight"},
    {"classifier.out_proj.bias", "classifier.bias"},
};

// The names that a tensor may have, the first being its own.
std::vector<std::string> NamesFor(const std::string& name) {
  std::vector<std::string> names = {name};
  for (const Alias& alias : kAliases) {
    if (!name.ends_with(alias.ours)) continue;
    names.push_back(name.substr(0, name.size() - alias.ours.size()) + alias.theirs);
  }
  return names;
}

// What stands before the encoder's names: the shortest that stands before the word
// embeddings' name; nothing where the header has none.
std::string PrefixOf(const SafetensorsHeader& header, const std::string& word_embeddings) {
  for (const std::string& anchor : NamesFor(word_embeddings)) {
    const std::string* shortest = nullptr;
    for (const TensorInfo& tensor : header.tensors) {
      const std::string& name = tensor.name;
      const size_t before = name.size() - anchor.size();
      if (!name.ends_with(anchor) || (before != 0 && name[before - 1] != '.')) continue;
      if (shortest == nullptr || name.size() < shortest->size()) shortest = &name;
    }
    if (shortest != nullptr) return shortest->substr(0, shortest->size() - anchor.size());
  }
  return "";
}

// A classifier's layers stand outside the encoder, so names are tried without the prefix
// too.
const TensorInfo* FindIn(const SafetensorsHeader& header, const std::string& prefix,
                         const std::string& wanted) {
  for (const std::string& name : NamesFor(wanted)) {
    if (const TensorInfo* found = header.FindTensor(prefix + name)) return found;
    if (const TensorInfo* found = header.FindTensor(name)) return found;
  }
  return nullptr;
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

SourceTensors::SourceTensors(std::vector<TensorSpec> wanted)
    : wanted_(std::move(wanted)), is_found_(wanted_.size(), false) {}

Status SourceTensors::AddHeader(const SafetensorsHeader& header, bool is_last) {
  for (const TensorSpec& spec : wanted_) {
    if (spec.role != TensorRole::kWordEmbeddings || !prefix_.empty()) continue;
    prefix_ = PrefixOf(header, spec.name);
  }
  for (size_t i = 0; i < wanted_.size(); ++i) {
    const TensorSpec& spec = wanted_[i];
    const TensorInfo* found = is_found_[i] ? nullptr : FindIn(header, prefix_, spec.name);
    if (found != nullptr) {
      if (found->shape != spec.shape || !IsFloat(found->dtype)) {
        return BadModel("tensor '" + found->name + "': expected F32, F16 or BF16 " +
                        ShapeText(spec.shape) + ", the checkpoint has " +
                        DTypeName(found->dtype) + " " + ShapeText(found->shape));
      }
      is_found_[i] = true;
      names_.emplace_back(found->name, i);
    } else if (is_last && !is_found_[i]) {
      return BadModel("tensor '" + prefix_ + spec.name + "': expected F32 " +
                      ShapeText(spec.shape) + ", the checkpoint has none of that name");
    }
  }
  return Status();
}

const TensorSpec* SourceTensors::Find(std::string_view file_name) const {
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

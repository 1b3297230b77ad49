// SPDX-License-Identifier: Apache-2.0
#include "convert/output_file.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/sha256.h"
#include "convert/quantize.h"
#include "convert/source_tensors.h"
#include "model/safetensors_writer.h"

namespace simile {

Status OutputFile::Init(const ModelConfig& config) {
  tensors_.clear();
  for (BertTensorSpec& spec : BertTensorSpecs(config)) {
    tensors_.push_back({std::move(spec), Buffer<uint8_t>()});
  }
  return Status();
}

OutputFile::Tensor* OutputFile::Find(BertRole role, int layer) {
  const auto found = std::find_if(tensors_.begin(), tensors_.end(), [&](const Tensor& tensor) {
    return tensor.spec.role == role && tensor.spec.layer == layer;
  });
  return found == tensors_.end() ? nullptr : &*found;
}

Status OutputFile::Set(BertRole role, int layer, Buffer<uint8_t> data) {
  Tensor* tensor = Find(role, layer);
  if (tensor == nullptr) return InternalError("the model has no such tensor");
  uint64_t expected = DTypeSize(tensor->spec.dtype);
  for (uint64_t& length : tensor->spec.shape) {
    if (length == 0) length = data.size();  // "any length": the vocabulary
    expected *= length;
  }
  if (data.size() != expected) {
    return InternalError("tensor '" + tensor->spec.name + "': expected " +
                         std::to_string(expected) + " bytes, got " +
                         std::to_string(data.size()));
  }
  tensor->data = std::move(data);
  return Status();
}

Status OutputFile::SetF32(BertRole role, int layer, const Buffer<uint8_t>& values) {
  const Tensor* tensor = Find(role, layer);
  if (tensor == nullptr || tensor->spec.dtype != DType::kI8) {
    Buffer<uint8_t> copy;
    SIMILE_RETURN_IF_ERROR(copy.Append(values.data(), values.size()));
    return Set(role, layer, std::move(copy));
  }
  const size_t N = tensor->spec.shape[0];
  const size_t K = tensor->spec.shape[1];
  Buffer<uint8_t> q, scale;
  SIMILE_RETURN_IF_ERROR(q.Resize(N * K));
  SIMILE_RETURN_IF_ERROR(scale.Resize(N * sizeof(float)));
  QuantizeRows(Floats(values), N, K, reinterpret_cast<int8_t*>(q.data()), Floats(scale));
  SIMILE_RETURN_IF_ERROR(Set(ScaleOf(role), layer, std::move(scale)));
  return Set(role, layer, std::move(q));
}

Status OutputFile::Seal(const ModelConfig& config) {
  std::vector<TensorInfo> infos;
  uint64_t begin = 0;
  for (const Tensor& tensor : tensors_) {
    if (tensor.data.empty()) {
      return InternalError("tensor '" + tensor.spec.name + "' was not converted");
    }
    infos.push_back({tensor.spec.name, tensor.spec.dtype, tensor.spec.shape, begin,
                     begin + tensor.data.size()});
    begin += tensor.data.size();
  }
  const std::string header =
      SafetensorsHeaderBytes({{"simile", ModelConfigToJson(config).Dump()}}, infos);
  header_.Clear();
  SIMILE_RETURN_IF_ERROR(
      header_.Append(reinterpret_cast<const uint8_t*>(header.data()), header.size()));
  size_bytes_ = header_.size() + begin;
  return Status();
}

std::string OutputFile::VectorSpace(const ModelConfig& config) const {
  ModelConfig recipe = config;  // without what only tells where the model is from
  recipe.name.clear();
  recipe.license.clear();
  recipe.source.clear();
  recipe.source_sha256.clear();
  recipe.vector_space.clear();
  recipe.calibration.clear();
  recipe.golden_texts.clear();
  const std::string json = ModelConfigToJson(recipe).Dump();
  Sha256 hash;
  hash.Update(json.data(), json.size());
  for (const Tensor& tensor : tensors_) {
    if (tensor.spec.role == BertRole::kGoldenVectors) continue;
    hash.Update(tensor.spec.name.data(), tensor.spec.name.size());
    hash.Update(tensor.data.data(), tensor.data.size());
  }
  return hash.Hex().substr(0, 16);
}

Status OutputFile::Read(uint64_t begin, size_t count, uint8_t* out) const {
  if (begin > size_bytes_ || count > size_bytes_ - begin) {
    return InvalidArgument("bytes " + std::to_string(begin) + " + " + std::to_string(count) +
                           ": the file has " + std::to_string(size_bytes_));
  }
  uint64_t start = 0;  // of the part in the file
  const auto copy_part = [&](const Buffer<uint8_t>& part) {
    if (count != 0 && begin < start + part.size()) {
      const size_t offset = static_cast<size_t>(begin - start);
      const size_t bytes = std::min(count, part.size() - offset);
      std::memcpy(out, part.data() + offset, bytes);
      out += bytes;
      begin += bytes;
      count -= bytes;
    }
    start += part.size();
  };
  copy_part(header_);
  for (const Tensor& tensor : tensors_) copy_part(tensor.data);
  return Status();
}

}  // namespace simile

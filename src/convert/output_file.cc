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
  for (TensorSpec& spec : ModelTensorSpecs(config)) {
    tensors_.push_back({std::move(spec), Buffer<uint8_t>()});
  }
  return Status();
}

const OutputFile::Tensor* OutputFile::Find(TensorRole role, int layer) const {
  const auto found = std::find_if(tensors_.begin(), tensors_.end(), [&](const Tensor& tensor) {
    return tensor.spec.role == role && tensor.spec.layer == layer;
  });
  return found == tensors_.end() ? nullptr : &*found;
}

OutputFile::Tensor* OutputFile::Find(TensorRole role, int layer) {
  return const_cast<Tensor*>(std::as_const(*this).Find(role, layer));
}

bool OutputFile::IsInt8(TensorRole role, int layer) const {
  const Tensor* tensor = Find(role, layer);
  return tensor != nullptr && tensor->spec.dtype == DType::kI8;
}

const float* OutputFile::Floats(TensorRole role, int layer) const {
  const Tensor* tensor = Find(role, layer);
  const bool is_f32 = tensor != nullptr && tensor->spec.dtype == DType::kF32;
  return is_f32 ? simile::Floats(tensor->data) : nullptr;
}

Status OutputFile::Set(TensorRole role, int layer, Buffer<uint8_t> data) {
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

Status OutputFile::SetF32(TensorRole role, int layer, const Buffer<uint8_t>& values) {
  if (IsInt8(role, layer)) return SetRowsF32(role, layer, 0, values);
  Buffer<uint8_t> copy;
  SIMILE_RETURN_IF_ERROR(copy.Append(values.data(), values.size()));
  return Set(role, layer, std::move(copy));
}

Status OutputFile::SetRowsF32(TensorRole role, int layer, size_t first_row,
                              const Buffer<uint8_t>& values) {
  Tensor* tensor = Find(role, layer);
  Tensor* scales = Find(ScaleOf(role), layer);
  if (!IsInt8(role, layer) || scales == nullptr) return InternalError("no such int8 tensor");
  const size_t N = tensor->spec.shape[0];
  const size_t K = tensor->spec.shape[1];
  const size_t rows = values.size() / sizeof(float) / K;
  if (rows * K * sizeof(float) != values.size() || first_row > N || rows > N - first_row) {
    return InternalError("tensor '" + tensor->spec.name + "': rows out of range");
  }
  if (first_row == 0) {
    SIMILE_RETURN_IF_ERROR(tensor->data.Resize(N * K));
    SIMILE_RETURN_IF_ERROR(scales->data.Resize(N * sizeof(float)));
  }
  if (tensor->data.size() != N * K) return InternalError("the first rows did not come first");
  QuantizeRows(simile::Floats(values), rows, K,
               reinterpret_cast<int8_t*>(tensor->data.data()) + first_row * K,
               simile::Floats(scales->data) + first_row);
  return Status();
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
    if (tensor.spec.role == TensorRole::kGoldenVectors) continue;
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

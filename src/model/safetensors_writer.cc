// SPDX-License-Identifier: Apache-2.0
#include "model/safetensors_writer.h"

#include "base/json.h"

namespace simile {
namespace {

constexpr size_t kLengthBytes = 8;
constexpr size_t kDataAlignment = 64;

Json EntryOf(const TensorInfo& tensor) {
  Json::Array shape;
  for (uint64_t n : tensor.shape) shape.push_back(n);
  Json entry;
  entry.Set("dtype", DTypeName(tensor.dtype));
  entry.Set("shape", std::move(shape));
  entry.Set("data_offsets", Json::Array{tensor.begin, tensor.end});
  return entry;
}

}  // namespace

std::string SafetensorsHeaderBytes(
    const std::vector<std::pair<std::string, std::string>>& metadata,
    const std::vector<TensorInfo>& tensors) {
  Json::Object head, values;
  for (const auto& [key, value] : metadata) values.emplace_back(key, value);
  head.emplace_back("__metadata__", std::move(values));
  for (const TensorInfo& tensor : tensors) head.emplace_back(tensor.name, EntryOf(tensor));
  std::string json = Json(std::move(head)).Dump();
  while ((kLengthBytes + json.size()) % kDataAlignment != 0) json += ' ';
  std::string bytes;
  for (size_t i = 0; i < kLengthBytes; ++i) {
    bytes += static_cast<char>(static_cast<uint64_t>(json.size()) >> (8 * i) & 0xff);
  }
  return bytes + json;
}

}  // namespace simile

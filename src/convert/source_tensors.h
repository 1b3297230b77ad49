// SPDX-License-Identifier: Apache-2.0
// The tensors of a checkpoint's weights, by the names and in the type that the model
// wants: a prefix ("bert.", "model.") is found where the word embeddings are and seen
// through, and so are older names; F16 and BF16 are widened to F32; what the model does
// not use (poolers, decoders, heads, position_ids) is passed over.

#ifndef SIMILE_CONVERT_SOURCE_TENSORS_H_
#define SIMILE_CONVERT_SOURCE_TENSORS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/buffer.h"
#include "base/status.h"
#include "model/model_tensors.h"
#include "model/safetensors.h"

namespace simile {

class SourceTensors {
 public:
  // wanted: F32 specs.
  explicit SourceTensors(std::vector<TensorSpec> wanted = {});

  // The header of the next of the files that hold them together. kBadModel names
  // a wanted tensor that has another shape, or a type that is not F32, F16 or BF16; with
  // the last header the first one that is missing.
  Status AddHeader(const SafetensorsHeader& header, bool is_last);

  // The wanted tensor that a file's tensor is, or nullptr.
  const TensorSpec* Find(std::string_view file_name) const;

 private:
  std::vector<TensorSpec> wanted_;
  std::vector<bool> is_found_;                         // [wanted]
  std::string prefix_;
  std::vector<std::pair<std::string, size_t>> names_;  // in the files; into wanted_
};

// The tensor's values as little-endian F32 (the same memory if they are that
// already). kBadModel names the tensor if one is a NaN or infinite; kOutOfMemory.
Result<Buffer<uint8_t>> WidenToF32(const TensorInfo& tensor, Buffer<uint8_t> data);

// The bytes of F32 tensors as values; Buffer aligns them.
inline const float* Floats(const Buffer<uint8_t>& bytes) {
  return reinterpret_cast<const float*>(bytes.data());
}
inline float* Floats(Buffer<uint8_t>& bytes) { return reinterpret_cast<float*>(bytes.data()); }

}  // namespace simile

#endif  // SIMILE_CONVERT_SOURCE_TENSORS_H_

// SPDX-License-Identifier: Apache-2.0
// The tensors of a checkpoint's model.safetensors, by the names and in the type
// that the encoder wants: a prefix ("bert.", "model.") and the old names of a
// LayerNorm's members are seen through, F16 and BF16 are widened to F32, and
// what the encoder does not use (pooler, heads, position_ids) is passed over.

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
#include "model/bert_tensors.h"
#include "model/safetensors.h"

namespace simile {

class SourceTensors {
 public:
  // wanted: F32 specs. kBadModel names the first that is missing, or has another
  // shape or a type that is not F32, F16 or BF16.
  Status Init(const SafetensorsHeader& header, std::vector<BertTensorSpec> wanted);

  // The wanted tensor that the file's tensor is, or nullptr.
  const BertTensorSpec* Find(std::string_view file_name) const;

 private:
  std::vector<BertTensorSpec> wanted_;
  std::vector<std::pair<std::string, size_t>> names_;  // in the file; into wanted_
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

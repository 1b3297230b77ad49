// SPDX-License-Identifier: Apache-2.0
// The head of a safetensors file: everything before the tensors' bytes.

#ifndef SIMILE_MODEL_SAFETENSORS_WRITER_H_
#define SIMILE_MODEL_SAFETENSORS_WRITER_H_

#include <string>
#include <utility>
#include <vector>

#include "model/safetensors.h"

namespace simile {

// The 8-byte length and the JSON header, padded with spaces so that the data
// starts at a multiple of 64. Tensors' begin and end are offsets into the data,
// in order and without holes; their bytes follow in that order.
std::string SafetensorsHeaderBytes(
    const std::vector<std::pair<std::string, std::string>>& metadata,
    const std::vector<TensorInfo>& tensors);

}  // namespace simile

#endif  // SIMILE_MODEL_SAFETENSORS_WRITER_H_

// SPDX-License-Identifier: Apache-2.0
// OutputFile: the Simile file that a conversion makes, held as its tensors and,
// once sealed, its header. It is never joined in one block: a reader copies any
// range of it.

#ifndef SIMILE_CONVERT_OUTPUT_FILE_H_
#define SIMILE_CONVERT_OUTPUT_FILE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/buffer.h"
#include "base/status.h"
#include "model/model_tensors.h"
#include "model/model_config.h"

namespace simile {

class OutputFile {
 public:
  // Lists the tensors of a model of this config.
  Status Init(const ModelConfig& config);

  // kInternal if the model has no such tensor, or of another size.
  Status Set(TensorRole role, int layer, Buffer<uint8_t> data);
  // Sets the tensor to F32 values in the form that it has in the model: of an
  // int8 tensor each row is rounded and its scale set too, others are copied.
  Status SetF32(TensorRole role, int layer, const Buffer<uint8_t>& values);

  // SetF32 by pieces: rows [first_row, …) of an int8 matrix, whose rows come in order.
  Status SetRowsF32(TensorRole role, int layer, size_t first_row, const Buffer<uint8_t>& values);
  // Whether the model has the tensor as int8 rows.
  bool IsInt8(TensorRole role, int layer) const;

  // The values of an F32 tensor; nullptr if the model has none such.
  const float* Floats(TensorRole role, int layer) const;

  // Ends the file: header from the config, all tensors there. May be repeated.
  Status Seal(const ModelConfig& config);

  // 16 hex digits over what decides the vectors: recipe, tokenizer and weights.
  std::string VectorSpace(const ModelConfig& config) const;

  uint64_t size_bytes() const { return size_bytes_; }  // 0 before Seal
  // kInvalidArgument unless begin + count <= size_bytes().
  Status Read(uint64_t begin, size_t count, uint8_t* out) const;

 private:
  struct Tensor {
    TensorSpec spec;
    Buffer<uint8_t> data;
  };
  Tensor* Find(TensorRole role, int layer);
  const Tensor* Find(TensorRole role, int layer) const;

  std::vector<Tensor> tensors_;
  Buffer<uint8_t> header_;
  uint64_t size_bytes_ = 0;
};

}  // namespace simile

#endif  // SIMILE_CONVERT_OUTPUT_FILE_H_

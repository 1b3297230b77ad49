// SPDX-License-Identifier: Apache-2.0
// Converter: a checkpoint laid out as on the Hugging Face Hub in, one Simile
// file out. Weights become int8 per output channel (or stay f32), embeddings
// int8 per row, but those of token types, of which one row is added to every token
// and with it that row's rounding: they stay f32. With calibration texts the weights
// are smoothed (SmoothQuant, Xiao et al. 2022) and rounded by GPTQ (Frantar et al.
// 2022), and the checkpoint is held in f32 meanwhile; without, each tensor is converted
// as it streams in, large tables a few rows at a time. Inputs of products that 8 bits are
// too coarse for are then marked to be quantised in two parts (input_errors.h).

#ifndef SIMILE_CONVERT_CONVERTER_H_
#define SIMILE_CONVERT_CONVERTER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/buffer.h"
#include "base/status.h"
#include "model/model_config.h"
#include "model/safetensors.h"
#include "products/thread_pool.h"

namespace simile {

struct ConvertOptions {
  WeightPrecision precision = WeightPrecision::kInt8;
  std::string name;     // of the model; "" takes the checkpoint's _name_or_path
  std::string source;   // where it came from, for people: a Hub id or a URL
  std::string license;  // "" takes the model card's (README.md front matter)
};

// Options as the border gives them: {"precision": "int8" | "f32", "name": …,
// "source": …, "license": …}, all optional. kInvalidArgument names what is wrong.
Result<ConvertOptions> ParseConvertOptions(std::string_view json);

class Converter {
 public:
  // Borrows the pool. Use: WantedFiles and AddFile until there is no more to look for,
  // SetCalibration (optional), Start, stream each of WeightFiles into sink(), Step until
  // it returns false, read the output.
  static std::unique_ptr<Converter> Create(ThreadPool* pool, ConvertOptions options);
  virtual ~Converter() = default;

  // The small files to look for next, given those that were added: those that there are
  // are to be added; then ask again. Empty when there is no more to look for. Only
  // config.json and a tokenizer's files are required.
  virtual std::vector<std::string> WantedFiles() = 0;
  // Names that WantedFiles never gives are passed over.
  virtual Status AddFile(std::string_view name, Buffer<uint8_t> content) = 0;

  // texts: UTF-8, one text a line. kInvalidArgument if there are fewer than 16.
  virtual Status SetCalibration(Buffer<uint8_t> texts) = 0;

  // Reads the recipe out of the files; kBadModel names what is unsupported,
  // missing or contradictory.
  virtual Status Start() = 0;

  // After Start: the files of the weights, in the order in which they are to be streamed,
  // such as "model.safetensors", "2_Dense/model.safetensors".
  virtual std::vector<std::string> WeightFiles() const = 0;

  // Receives those files, each by a SafetensorsStream of its own (F32, F16 or BF16;
  // tensors that the model does not use, such as the pooler, are passed over; a missing
  // or misshapen one is refused by name, and so are NaN and infinity).
  virtual TensorSink* sink() = 0;
  // The weights' bytes as they pass, all files, for source_sha256; call per chunk.
  virtual void HashSource(const void* data, size_t size_bytes) = 0;

  // One bounded piece of the work that is left after the last tensor (a second
  // at most here): calibration passes, rounding, golden vectors. False when the
  // output is ready.
  virtual Result<bool> Step() = 0;
  virtual double progress() const = 0;  // of the steps, 0…1

  virtual uint64_t output_bytes() const = 0;
  // Copies output bytes [begin, begin + count); kInvalidArgument out of range.
  virtual Status ReadOutput(uint64_t begin, size_t count, uint8_t* out) const = 0;
};

}  // namespace simile

#endif  // SIMILE_CONVERT_CONVERTER_H_

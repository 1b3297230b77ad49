// SPDX-License-Identifier: Apache-2.0
// Converter: a checkpoint laid out as on the Hugging Face Hub in, one Simile
// file out. Weights become int8 per output channel (or stay f32), embeddings
// int8 per row. With calibration texts the weights are smoothed (SmoothQuant,
// Xiao et al. 2022, alpha 0.5, on the LayerNorm outputs) and rounded by GPTQ
// (Frantar et al. 2022); without, each tensor is converted as it streams in and
// the checkpoint is never held whole.

#ifndef SIMILE_CONVERT_CONVERTER_H_
#define SIMILE_CONVERT_CONVERTER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

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
  // Borrows the pool. Use: AddFile for each small file that the checkpoint has,
  // SetCalibration (optional), Start, stream model.safetensors into sink(),
  // Step until it returns false, read the output.
  static std::unique_ptr<Converter> Create(ThreadPool* pool, ConvertOptions options);
  virtual ~Converter() = default;

  // True for the names that AddFile wants: config.json, vocab.txt,
  // tokenizer.json, tokenizer_config.json, special_tokens_map.json,
  // modules.json, 1_Pooling/config.json, 2_Normalize/config.json,
  // sentence_bert_config.json, config_sentence_transformers.json, README.md.
  // Only config.json and one of vocab.txt and tokenizer.json are required.
  static bool WantsFile(std::string_view name);
  virtual Status AddFile(std::string_view name, Buffer<uint8_t> content) = 0;

  // texts: UTF-8, one text a line. kInvalidArgument if there are fewer than 16.
  virtual Status SetCalibration(Buffer<uint8_t> texts) = 0;

  // Reads the recipe out of the files; kBadModel names what is unsupported,
  // missing or contradictory.
  virtual Status Start() = 0;

  // Receives model.safetensors (F32, F16 or BF16; tensors that the encoder does
  // not use, such as the pooler, are passed over; a missing or misshapen one is
  // refused by name, and so are NaN and infinity).
  virtual TensorSink* sink() = 0;
  // The checkpoint's bytes as they pass, for source_sha256; call per chunk.
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

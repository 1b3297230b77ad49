// SPDX-License-Identifier: Apache-2.0
// Calibrator: holds an f32 model and its linear weights, runs the calibration
// texts through it, and gives back the weights smoothed and rounded. Works in
// bounded steps. Layers whose statistics do not fit the budget together are done
// in several passes over the texts.

#ifndef SIMILE_CONVERT_CALIBRATOR_H_
#define SIMILE_CONVERT_CALIBRATOR_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/buffer.h"
#include "base/status.h"
#include "convert/activation_stats.h"
#include "convert/calibration_texts.h"
#include "convert/output_file.h"
#include "convert/product_groups.h"
#include "encoder/encoder.h"
#include "model/model_tensors.h"
#include "model/model_config.h"
#include "products/thread_pool.h"

namespace simile {

class Calibrator {
 public:
  // All grams of a MiniLM (66 MB), two layers of a BERT-large.
  static constexpr size_t kGramBudgetBytes = size_t{256} << 20;

  // config: of the model to be made. texts: as read by the model's tokenizer.
  // What one pass gathers takes gram_budget_bytes, or one layer's if that is
  // more; the result does not depend on it.
  static Result<std::unique_ptr<Calibrator>> Create(ThreadPool* pool, const ModelConfig& config,
                                                    CalibrationTexts texts,
                                                    size_t gram_budget_bytes = kGramBudgetBytes);

  // What calibration with so many tokens does to a model of this shape, for the recipe:
  // "smoothquant", "smoothquant+gptq", or which inputs are too wide for GPTQ.
  static std::string Describe(const EncoderConfig& shape, size_t tokens);

  // Whether the tensor comes out of Step (smoothed and rounded).
  static bool Rounds(TensorRole role);

  // Takes each tensor of the f32 model (F32 bytes, f32 spec), in any order.
  Status SetTensor(const TensorSpec& spec, Buffer<uint8_t> data);
  // After the last tensor.
  Status Finish();

  // One bounded piece of work; results go to `output`. False when all is done.
  Result<bool> Step(OutputFile* output);
  double progress() const;

 private:
  Calibrator(ThreadPool* pool, const ModelConfig& config, CalibrationTexts texts,
             size_t gram_budget_bytes);
  Status Init();
  Status StartPass();
  Status RunBatch();
  Status RoundGroup(int layer, size_t group, OutputFile* output);
  size_t pass_layers() const;
  Buffer<uint8_t>& Weights(TensorRole role, size_t layer);

  ThreadPool* pool_;
  ModelConfig config_;  // of the f32 model
  std::vector<ProductGroup> groups_;
  CalibrationTexts texts_;
  bool gptq_ = false;
  size_t gram_budget_bytes_ = 0;
  std::unique_ptr<Encoder> encoder_;
  std::vector<Buffer<uint8_t>> weights_;  // [layer, product], F32
  ActivationStats stats_;
  Buffer<uint32_t> offsets_;

  size_t first_layer_ = 0; // of this pass
  size_t next_text_ = 0;   // of this pass
  size_t next_group_ = 0;  // of this pass: (layer, group of products)
};

}  // namespace simile

#endif  // SIMILE_CONVERT_CALIBRATOR_H_

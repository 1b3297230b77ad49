// SPDX-License-Identifier: Apache-2.0
// Reads the recipe of a checkpoint (what turns a text into a vector, and who may
// use it) out of its small files, as sentence-transformers 6.2 reads them:
// config.json (architectures.h), modules.json (modules.h), the maximum length, the
// prompts, the tokenizer and the model card. What is unsupported, missing or
// contradictory is refused by name: a recipe guessed wrongly gives plausible, wrong
// vectors.

#ifndef SIMILE_CONVERT_CHECKPOINT_H_
#define SIMILE_CONVERT_CHECKPOINT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "base/buffer.h"
#include "base/status.h"
#include "convert/checkpoint_files.h"
#include "model/model_config.h"

namespace simile {

struct Checkpoint {
  // name is config.json's _name_or_path, license the model card's. What the
  // conversion itself decides (precision, calibration, source …) is left alone.
  ModelConfig config;
  Buffer<uint8_t> vocab;  // the content of the tokenizer's tensor
  std::vector<std::string> transformer_weights;  // files, in order
  std::vector<std::string> dense_weights;        // a file for each of config.dense
};

// kBadModel names the file and the member.
Result<Checkpoint> ReadCheckpoint(const CheckpointFiles& files);

}  // namespace simile

#endif  // SIMILE_CONVERT_CHECKPOINT_H_

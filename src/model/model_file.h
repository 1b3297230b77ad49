// SPDX-License-Identifier: Apache-2.0
// Takes the recipe out of a Simile file's header.

#ifndef SIMILE_MODEL_MODEL_FILE_H_
#define SIMILE_MODEL_MODEL_FILE_H_

#include "base/status.h"
#include "model/model_config.h"
#include "model/safetensors.h"

namespace simile {

// kBadModel, in words of its own for a checkpoint that was never converted.
Result<ModelConfig> ReadModelConfig(const SafetensorsHeader& header);

}  // namespace simile

#endif  // SIMILE_MODEL_MODEL_FILE_H_

// SPDX-License-Identifier: Apache-2.0
#include "model/model_file.h"

namespace simile {
namespace {

// Far more than the longest recipe that ModelConfigFromJson accepts.
constexpr size_t kMaxValues = 4096;

}  // namespace

Result<ModelConfig> ReadModelConfig(const SafetensorsHeader& header) {
  const std::string* recipe = header.FindMetadata("simile");
  if (recipe == nullptr) {
    return BadModel(
        "this is a safetensors file without Simile's recipe; convert it first: "
        "npx simile convert DIR -o FILE");
  }
  SIMILE_ASSIGN_OR_RETURN(const Json json, Json::Parse(*recipe, "recipe", kMaxValues));
  return ModelConfigFromJson(json);
}

}  // namespace simile

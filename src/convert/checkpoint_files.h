// SPDX-License-Identifier: Apache-2.0
// CheckpointFiles: the small files of a checkpoint as on the Hugging Face Hub, by
// name; and which there may be. Some name others: modules.json the configs of its
// modules, model.safetensors.index.json the files of the weights.

#ifndef SIMILE_CONVERT_CHECKPOINT_FILES_H_
#define SIMILE_CONVERT_CHECKPOINT_FILES_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/buffer.h"
#include "base/json.h"
#include "base/status.h"

namespace simile {

// A path within a checkpoint's folder, as a stranger's file gives it: "1_Pooling". Plain
// characters, no way out of the folder.
bool IsPathInFolder(std::string_view path);

class CheckpointFiles {
 public:
  // The names to look for next, given what there is; each name once. Empty when there is
  // no more to look for.
  std::vector<std::string> WantedNext();

  // Keeps the file if WantedNext ever names such; a second one of a name replaces the
  // first.
  void Add(std::string_view name, Buffer<uint8_t> content);

  bool Has(std::string_view name) const { return Find(name) != nullptr; }
  // "" if it is not there.
  std::string_view Text(std::string_view name) const;
  // Null if it is not there; kBadModel if it is no JSON.
  Result<Json> ParseJson(std::string_view name) const;

  // The files of the transformer's weights, in order. kBadModel if the index is none.
  Result<std::vector<std::string>> TransformerWeights() const;

 private:
  const Buffer<uint8_t>* Find(std::string_view name) const;
  std::vector<std::string> ModuleConfigs() const;

  std::vector<std::pair<std::string, Buffer<uint8_t>>> files_;
  std::vector<std::string> named_;  // by WantedNext
};

}  // namespace simile

#endif  // SIMILE_CONVERT_CHECKPOINT_FILES_H_

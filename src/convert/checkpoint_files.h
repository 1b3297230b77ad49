// SPDX-License-Identifier: Apache-2.0
// CheckpointFiles: the small files of a checkpoint as on the Hugging Face Hub,
// by name, parsed when asked for. The weights are not among them.

#ifndef SIMILE_CONVERT_CHECKPOINT_FILES_H_
#define SIMILE_CONVERT_CHECKPOINT_FILES_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/buffer.h"
#include "base/json.h"
#include "base/status.h"

namespace simile {

class CheckpointFiles {
 public:
  // Whether a conversion reads a file of that name (Converter::WantsFile).
  static bool Wants(std::string_view name);

  // Keeps the file if it is wanted; a second one of that name replaces the first.
  void Add(std::string_view name, Buffer<uint8_t> content);

  bool Has(std::string_view name) const { return Find(name) != nullptr; }
  // "" if it is not there.
  std::string_view Text(std::string_view name) const;
  // Null if it is not there; kBadModel if it is no JSON.
  Result<Json> ParseJson(std::string_view name) const;

 private:
  const Buffer<uint8_t>* Find(std::string_view name) const;

  std::vector<std::pair<std::string, Buffer<uint8_t>>> files_;
};

}  // namespace simile

#endif  // SIMILE_CONVERT_CHECKPOINT_FILES_H_

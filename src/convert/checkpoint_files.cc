// SPDX-License-Identifier: Apache-2.0
#include "convert/checkpoint_files.h"

#include <algorithm>
#include <iterator>

namespace simile {
namespace {

constexpr std::string_view kWanted[] = {
    "config.json",
    "vocab.txt",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "modules.json",
    "1_Pooling/config.json",
    "2_Normalize/config.json",
    "sentence_bert_config.json",
    "config_sentence_transformers.json",
    "README.md",
};

}  // namespace

bool CheckpointFiles::Wants(std::string_view name) {
  return std::find(std::begin(kWanted), std::end(kWanted), name) != std::end(kWanted);
}

void CheckpointFiles::Add(std::string_view name, Buffer<uint8_t> content) {
  if (!Wants(name)) return;
  for (auto& [file_name, file] : files_) {
    if (file_name == name) {
      file = std::move(content);
      return;
    }
  }
  files_.emplace_back(std::string(name), std::move(content));
}

std::string_view CheckpointFiles::Text(std::string_view name) const {
  const Buffer<uint8_t>* file = Find(name);
  if (file == nullptr) return {};
  return {reinterpret_cast<const char*>(file->data()), file->size()};
}

Result<Json> CheckpointFiles::ParseJson(std::string_view name) const {
  if (!Has(name)) return Json();
  return Json::Parse(Text(name), name);
}

const Buffer<uint8_t>* CheckpointFiles::Find(std::string_view name) const {
  for (const auto& [file_name, file] : files_) {
    if (file_name == name) return &file;
  }
  return nullptr;
}

}  // namespace simile

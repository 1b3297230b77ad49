// SPDX-License-Identifier: Apache-2.0
#include "convert/checkpoint_files.h"

#include <algorithm>
#include <iterator>

namespace simile {
namespace {

constexpr std::string_view kModules = "modules.json";
constexpr std::string_view kIndex = "model.safetensors.index.json";
constexpr std::string_view kModuleConfig = "/config.json";
constexpr size_t kMaxModules = 16;
constexpr size_t kMaxShards = 256;

constexpr std::string_view kFirst[] = {
    "config.json",
    "modules.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "vocab.txt",
    "sentence_bert_config.json",
    "config_sentence_transformers.json",
    "model.safetensors.index.json",
    "README.md",
};
// Only where there is neither tokenizer.json nor vocab.txt.
constexpr std::string_view kTokenizers[] = {
    "sentencepiece.bpe.model",
    "spiece.model",
    "tokenizer.model",
    "added_tokens.json",
};
// sentence-transformers' usual place, for a folder without modules.json.
constexpr std::string_view kUsualPooling = "1_Pooling/config.json";

template <typename Names>
bool Contains(const Names& names, std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

}  // namespace

bool IsPathInFolder(std::string_view path) {
  constexpr size_t kMaxBytes = 256;
  const bool is_plain = std::all_of(path.begin(), path.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           c == '_' || c == '-' || c == '.' || c == '/';
  });
  return !path.empty() && path.size() <= kMaxBytes && is_plain && path.front() != '/' &&
         path.find("..") == std::string_view::npos;
}

std::vector<std::string> CheckpointFiles::ModuleConfigs() const {
  if (!Has(kModules)) return {std::string(kUsualPooling)};
  const Result<Json> modules = ParseJson(kModules);
  std::vector<std::string> names;
  if (!modules.ok() || modules.value().array() == nullptr) return names;
  for (const Json& module : *modules.value().array()) {
    const Json* path = module.Find("path");
    if (path == nullptr || path->string() == nullptr || !IsPathInFolder(*path->string())) continue;
    if (names.size() < kMaxModules) names.push_back(*path->string() + std::string(kModuleConfig));
  }
  return names;
}

std::vector<std::string> CheckpointFiles::WantedNext() {
  std::vector<std::string> names;
  const auto want = [&](std::string_view name) {
    if (Contains(named_, name) || Has(name)) return;
    named_.emplace_back(name);
    names.emplace_back(name);
  };
  const bool is_first = named_.empty();
  for (const std::string_view name : kFirst) want(name);
  if (is_first && !names.empty()) return names;
  for (const std::string& name : ModuleConfigs()) want(name);
  if (!Has("tokenizer.json") && !Has("vocab.txt")) {
    for (const std::string_view name : kTokenizers) want(name);
  }
  return names;
}

void CheckpointFiles::Add(std::string_view name, Buffer<uint8_t> content) {
  const bool is_module = name.ends_with(kModuleConfig) && IsPathInFolder(name) &&
                         files_.size() < std::size(kFirst) + std::size(kTokenizers) + kMaxModules;
  if (!is_module && !Contains(kFirst, name) && !Contains(kTokenizers, name)) return;
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

Result<std::vector<std::string>> CheckpointFiles::TransformerWeights() const {
  if (!Has(kIndex)) return std::vector<std::string>{"model.safetensors"};
  SIMILE_ASSIGN_OR_RETURN(const Json index, ParseJson(kIndex));
  const JsonReader reader(index, std::string(kIndex));
  const Json* map = index.Find("weight_map");
  if (map == nullptr || map->object() == nullptr || map->object()->empty()) {
    return reader.Fail("weight_map", "expected an object of tensors and their files");
  }
  std::vector<std::string> shards;
  for (const auto& [tensor, file] : *map->object()) {
    if (file.string() == nullptr || !IsPathInFolder(*file.string()) ||
        !file.string()->ends_with(".safetensors")) {
      return reader.Fail("weight_map", "\"" + tensor + "\": expected a .safetensors file");
    }
    if (!Contains(shards, *file.string())) shards.push_back(*file.string());
    if (shards.size() > kMaxShards) return reader.Fail("weight_map", "names too many files");
  }
  std::sort(shards.begin(), shards.end());
  return shards;
}

const Buffer<uint8_t>* CheckpointFiles::Find(std::string_view name) const {
  for (const auto& [file_name, file] : files_) {
    if (file_name == name) return &file;
  }
  return nullptr;
}

}  // namespace simile

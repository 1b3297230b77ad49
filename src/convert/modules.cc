// SPDX-License-Identifier: Apache-2.0
#include "convert/modules.h"

#include <utility>

#include "convert/hub_config.h"
#include "model/config_json.h"

namespace simile {
namespace {

constexpr std::string_view kModules = "modules.json";
constexpr size_t kMaxDense = 4;

// As version 6 calls them and as the older flags do ("pooling_mode_cls_token").
constexpr NameOf<Pooling> kPoolings[] = {
    {"mean", Pooling::kMean},
    {"mean_tokens", Pooling::kMean},
    {"cls", Pooling::kCls},
    {"cls_token", Pooling::kCls},
    {"max", Pooling::kMax},
    {"max_tokens", Pooling::kMax},
    {"mean_sqrt_len_tokens", Pooling::kMeanSqrtLen},
    {"weightedmean", Pooling::kWeightedMean},
    {"weightedmean_tokens", Pooling::kWeightedMean},
    {"lasttoken", Pooling::kLast},
};

constexpr NameOf<DenseActivation> kTorchActivations[] = {
    {"torch.nn.modules.linear.Identity", DenseActivation::kIdentity},
    {"torch.nn.modules.activation.Tanh", DenseActivation::kTanh},
    {"torch.nn.modules.activation.ReLU", DenseActivation::kRelu},
    {"torch.nn.modules.activation.GELU", DenseActivation::kGelu},
    {"torch.nn.modules.activation.Sigmoid", DenseActivation::kSigmoid},
};

struct Module {
  std::string name;  // the last part of its type
  std::string path;
};

Result<std::vector<Module>> ParseModules(const CheckpointFiles& files) {
  SIMILE_ASSIGN_OR_RETURN(const Json json, files.ParseJson(kModules));
  std::vector<Module> modules;
  for (const Json& entry : json.array() == nullptr ? Json::Array() : *json.array()) {
    const JsonReader reader(entry, std::string(kModules));
    Module module;
    std::string type;
    SIMILE_RETURN_IF_ERROR(reader.Read("type", &type));
    SIMILE_RETURN_IF_ERROR(reader.ReadOptional("path", &module.path));
    module.name = type.substr(type.rfind('.') + 1);
    if (!module.path.empty() && !IsPathInFolder(module.path)) {
      return reader.Fail("path", "\"" + module.path + "\" is no path within the folder");
    }
    modules.push_back(std::move(module));
  }
  return modules;
}

// The modes that a pooling file asks for: "pooling_mode" since version 6 (a name or a
// list of names), before that one flag a mode.
std::vector<std::string> PoolingModes(const Json& json) {
  std::vector<std::string> modes;
  if (const Json* mode = json.Find("pooling_mode")) {
    if (mode->string() != nullptr) modes.push_back(*mode->string());
    if (mode->array() == nullptr) return modes;
    for (const Json& entry : *mode->array()) {
      modes.push_back(entry.string() == nullptr ? "?" : *entry.string());
    }
    return modes;
  }
  constexpr std::string_view kFlagPrefix = "pooling_mode_";
  if (json.object() == nullptr) return modes;
  for (const auto& [key, value] : *json.object()) {
    const bool is_set = value.boolean() != nullptr && *value.boolean();
    if (key.starts_with(kFlagPrefix) && is_set) modes.push_back(key.substr(kFlagPrefix.size()));
  }
  return modes;
}

Status ReadPooling(const CheckpointFiles& files, const std::string& file, ModelConfig* config) {
  if (!files.Has(file)) return BadModel("the checkpoint has no " + file);
  SIMILE_ASSIGN_OR_RETURN(const Json json, files.ParseJson(file));
  const JsonReader reader(json, file);
  const uint32_t hidden = config->encoder.hidden_size;
  for (const char* member : {"word_embedding_dimension", "embedding_dimension"}) {
    uint32_t dims = hidden;
    SIMILE_RETURN_IF_ERROR(ReadOptionalSize(reader, member, &dims));
    if (dims == hidden) continue;
    return reader.Fail(member, "expected hidden_size " + std::to_string(hidden) + ", found " +
                                   std::to_string(dims));
  }
  SIMILE_RETURN_IF_ERROR(CheckFixed(reader, {{"include_prompt", "true"}}));
  const std::vector<std::string> modes = PoolingModes(json);
  if (modes.size() != 1) {
    return reader.Fail("pooling_mode", "expected one mode, found " + std::to_string(modes.size()) +
                                           "; several in one vector are not supported");
  }
  const Status known = FindName("pooling", modes[0], kPoolings, &config->pooling);
  return known.ok() ? known : reader.Fail("pooling_mode", known.message());
}

Status ReadDense(const CheckpointFiles& files, const std::string& folder, ModelConfig* config) {
  const std::string file = folder + "/config.json";
  if (!files.Has(file)) return BadModel("the checkpoint has no " + file);
  SIMILE_ASSIGN_OR_RETURN(const Json json, files.ParseJson(file));
  const JsonReader reader(json, file);
  SIMILE_RETURN_IF_ERROR(CheckFixed(reader, {{"use_residual", "false"},
                                             {"module_input_name", "\"sentence_embedding\""},
                                             {"module_output_name", "\"sentence_embedding\""}}));
  DenseConfig dense;
  SIMILE_RETURN_IF_ERROR(ReadSize(reader, "in_features", &dense.inputs));
  SIMILE_RETURN_IF_ERROR(ReadSize(reader, "out_features", &dense.outputs));
  SIMILE_RETURN_IF_ERROR(reader.ReadOptional("bias", &dense.bias));
  dense.activation = DenseActivation::kTanh;
  if (HasMember(reader, "activation_function")) {
    SIMILE_RETURN_IF_ERROR(ReadTorchActivation(reader, "activation_function", &dense.activation));
  }
  if (dense.inputs != config->dims()) {
    return reader.Fail("in_features", "expected " + std::to_string(config->dims()) +
                                          " as the module before it gives, found " +
                                          std::to_string(dense.inputs));
  }
  if (config->dense.size() == kMaxDense) {
    return BadModel("modules.json: more than " + std::to_string(kMaxDense) +
                    " Dense modules are not supported");
  }
  config->dense.push_back(dense);
  return Status();
}

Status Unexpected(size_t index, const std::string& name, const char* expected) {
  return BadModel("modules.json: 'type': module " + std::to_string(index) + " \"" + name +
                  "\" is not supported here; expected " + expected);
}

// Transformer, Pooling, Dense …, Normalize; a cross-encoder is a Transformer alone.
Status ReadChain(const CheckpointFiles& files, const std::vector<Module>& modules,
                 ModelConfig* config, std::vector<std::string>* dense_folders) {
  const bool embeds = config->classifier.labels == 0;
  constexpr const char* kChain =
      "Transformer, Pooling and perhaps Dense and Normalize, or for a cross-encoder Transformer";
  for (size_t i = 0; i < modules.size(); ++i) {
    const auto& [name, path] = modules[i];
    const bool after_pooling = embeds && i >= 2 && !config->normalize;
    if (i == 0 && name == "Transformer") {
      if (!path.empty()) {
        return BadModel("modules.json: 'path': expected \"\" for Transformer, found \"" + path +
                        "\"");
      }
    } else if (i == 1 && embeds && name == "Pooling") {
      SIMILE_RETURN_IF_ERROR(ReadPooling(files, path + "/config.json", config));
    } else if (after_pooling && name == "Dense") {
      SIMILE_RETURN_IF_ERROR(ReadDense(files, path, config));
      dense_folders->push_back(path);
    } else if (after_pooling && name == "Normalize") {
      config->normalize = true;
    } else if (i < 2 || name != "Dropout") {  // that one is for training
      return Unexpected(i, name, kChain);
    }
  }
  if (modules.size() >= (embeds ? 2u : 1u)) return Status();
  return BadModel(std::string("modules.json: expected ") + kChain);
}

}  // namespace

Status ReadTorchActivation(const JsonReader& reader, std::string_view member,
                           DenseActivation* out) {
  std::string name;
  SIMILE_RETURN_IF_ERROR(reader.Read(member, &name));
  const Status known = FindName("activation", name, kTorchActivations, out);
  return known.ok() ? known : reader.Fail(member, known.message());
}

Status ReadModules(const CheckpointFiles& files, ModelConfig* config,
                   std::vector<std::string>* dense_folders) {
  const bool embeds = config->classifier.labels == 0;
  config->pooling = embeds ? Pooling::kMean : Pooling::kCls;
  config->normalize = false;
  if (files.Has(kModules)) {
    SIMILE_ASSIGN_OR_RETURN(const std::vector<Module> modules, ParseModules(files));
    return ReadChain(files, modules, config, dense_folders);
  }
  // Without modules.json sentence-transformers takes the mean.
  constexpr const char* kUsualPooling = "1_Pooling/config.json";
  return embeds && files.Has(kUsualPooling) ? ReadPooling(files, kUsualPooling, config)
                                            : Status();
}

}  // namespace simile

// SPDX-License-Identifier: Apache-2.0
#include "convert/checkpoint.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "convert/tokenizer_files.h"

namespace simile {
namespace {

constexpr std::string_view kConfig = "config.json";
constexpr std::string_view kModules = "modules.json";
constexpr std::string_view kPooling = "1_Pooling/config.json";
constexpr std::string_view kSentenceBert = "sentence_bert_config.json";
constexpr std::string_view kSentenceTransformers = "config_sentence_transformers.json";
constexpr std::string_view kTokenizerConfig = "tokenizer_config.json";

// The member, where it is there, has the only value that is supported.
Status Expect(const JsonReader& reader, std::string_view member, const std::string& expected) {
  std::string value = expected;
  SIMILE_RETURN_IF_ERROR(reader.ReadOptional(member, &value));
  if (value == expected) return Status();
  return reader.Fail(member, "expected \"" + expected + "\", the only one supported, found \"" +
                                 value + "\"");
}

Status ExpectFalse(const JsonReader& reader, std::string_view member) {
  bool value = false;
  SIMILE_RETURN_IF_ERROR(reader.ReadOptional(member, &value));
  return value ? reader.Fail(member, "true is not supported") : Status();
}

Status ReadSize(const JsonReader& reader, std::string_view member, int64_t high,
                uint32_t* out) {
  int64_t value = 0;
  SIMILE_RETURN_IF_ERROR(reader.Read(member, 1, high, &value));
  *out = static_cast<uint32_t>(value);
  return Status();
}

Status ReadArchitecture(const CheckpointFiles& files, ModelConfig* config) {
  if (!files.Has(kConfig)) return BadModel("the checkpoint has no config.json");
  SIMILE_ASSIGN_OR_RETURN(const Json json, files.ParseJson(kConfig));
  const JsonReader reader(json, std::string(kConfig));
  std::string model_type;
  SIMILE_RETURN_IF_ERROR(reader.Read("model_type", &model_type));
  SIMILE_RETURN_IF_ERROR(Expect(reader, "model_type", "bert"));
  SIMILE_RETURN_IF_ERROR(Expect(reader, "position_embedding_type", "absolute"));
  SIMILE_RETURN_IF_ERROR(Expect(reader, "hidden_act", "gelu"));
  SIMILE_RETURN_IF_ERROR(ExpectFalse(reader, "is_decoder"));
  SIMILE_RETURN_IF_ERROR(ExpectFalse(reader, "add_cross_attention"));
  BertShape& bert = config->bert;
  SIMILE_RETURN_IF_ERROR(ReadSize(reader, "hidden_size", 4096, &bert.hidden_size));
  SIMILE_RETURN_IF_ERROR(ReadSize(reader, "num_hidden_layers", 64, &bert.layers));
  SIMILE_RETURN_IF_ERROR(ReadSize(reader, "num_attention_heads", 4096, &bert.heads));
  SIMILE_RETURN_IF_ERROR(ReadSize(reader, "intermediate_size", 16384, &bert.intermediate_size));
  SIMILE_RETURN_IF_ERROR(ReadSize(reader, "vocab_size", 1 << 20, &bert.vocab_size));
  SIMILE_RETURN_IF_ERROR(ReadSize(reader, "max_position_embeddings", 8192, &bert.max_positions));
  SIMILE_RETURN_IF_ERROR(ReadSize(reader, "type_vocab_size", 16, &bert.type_vocab_size));
  SIMILE_RETURN_IF_ERROR(reader.ReadOptional("layer_norm_eps", &bert.layer_norm_eps));
  if (bert.hidden_size % bert.heads != 0) {
    return reader.Fail("num_attention_heads", "hidden_size " + std::to_string(bert.hidden_size) +
                                                  " is no multiple of " +
                                                  std::to_string(bert.heads));
  }
  return reader.ReadOptional("_name_or_path", &config->name);
}

// The modes that a pooling file asks for: "pooling_mode" since version 6 (a name
// or a list of names), before that one flag a mode.
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

Status ReadPooling(const CheckpointFiles& files, ModelConfig* config) {
  SIMILE_ASSIGN_OR_RETURN(const Json json, files.ParseJson(kPooling));
  const JsonReader reader(json, std::string(kPooling));
  for (const char* member : {"word_embedding_dimension", "embedding_dimension"}) {
    int64_t dims = config->dims();
    SIMILE_RETURN_IF_ERROR(reader.ReadOptional(member, 1, 1 << 20, &dims));
    if (dims == config->dims()) continue;
    return reader.Fail(member, "expected hidden_size " + std::to_string(config->dims()) +
                                   ", found " + std::to_string(dims));
  }
  bool include_prompt = true;
  SIMILE_RETURN_IF_ERROR(reader.ReadOptional("include_prompt", &include_prompt));
  if (!include_prompt) return reader.Fail("include_prompt", "false is not supported");
  const std::vector<std::string> modes = PoolingModes(json);
  if (modes.size() != 1) {
    return reader.Fail("pooling_mode", "expected one mode, found " +
                                           std::to_string(modes.size()));
  }
  if (modes[0] == "mean" || modes[0] == "mean_tokens") {
    config->pooling = Pooling::kMean;
  } else if (modes[0] == "cls" || modes[0] == "cls_token") {
    config->pooling = Pooling::kCls;
  } else {
    return reader.Fail("pooling_mode", "\"" + modes[0] + "\" is not supported; mean and cls are");
  }
  return Status();
}

// The chain of modules: a transformer, a pooling, perhaps a normalisation.
// Without modules.json it is mean pooling alone, as sentence-transformers has it.
Status ReadModules(const CheckpointFiles& files, ModelConfig* config) {
  config->pooling = Pooling::kMean;
  config->normalize = false;
  if (!files.Has(kModules)) {
    return files.Has(kPooling) ? ReadPooling(files, config) : Status();
  }
  SIMILE_ASSIGN_OR_RETURN(const Json json, files.ParseJson(kModules));
  constexpr std::string_view kChain[] = {"Transformer", "Pooling", "Normalize"};
  size_t count = 0;
  for (const Json& module : json.array() == nullptr ? Json::Array() : *json.array()) {
    const JsonReader reader(module, std::string(kModules));
    std::string type, path;
    SIMILE_RETURN_IF_ERROR(reader.Read("type", &type));
    SIMILE_RETURN_IF_ERROR(reader.ReadOptional("path", &path));
    const std::string name = type.substr(type.rfind('.') + 1);
    if (count == std::size(kChain) || name != kChain[count]) {
      return reader.Fail("type", "module " + std::to_string(count) + " \"" + name +
                                     "\" is not supported; expected Transformer, Pooling and "
                                     "perhaps Normalize");
    }
    if (count == 0 && !path.empty()) return reader.Fail("path", "expected \"\" for Transformer");
    if (count == 1 && path != "1_Pooling") return reader.Fail("path", "expected \"1_Pooling\"");
    ++count;
  }
  if (count < 2) return BadModel("modules.json: expected at least Transformer and Pooling");
  config->normalize = count == 3;
  if (!files.Has(kPooling)) return BadModel("the checkpoint has no 1_Pooling/config.json");
  return ReadPooling(files, config);
}

// sentence-transformers' own maximum, else the tokenizer's, else the model's.
Status ReadMaxTokens(const CheckpointFiles& files, ModelConfig* config) {
  const int64_t positions = config->bert.max_positions;
  int64_t max_tokens = 0;
  SIMILE_ASSIGN_OR_RETURN(const Json sentence_bert, files.ParseJson(kSentenceBert));
  const JsonReader reader(sentence_bert, std::string(kSentenceBert));
  SIMILE_RETURN_IF_ERROR(reader.ReadOptional("max_seq_length", 2, 1 << 20, &max_tokens));
  if (max_tokens > positions) {
    return reader.Fail("max_seq_length", std::to_string(max_tokens) +
                                             " is more than max_position_embeddings " +
                                             std::to_string(positions));
  }
  if (max_tokens == 0) {
    SIMILE_ASSIGN_OR_RETURN(const Json tokenizer, files.ParseJson(kTokenizerConfig));
    // Tokenizers that know no maximum say 1e30.
    const Json* stated = tokenizer.Find("model_max_length");
    const double* length = stated == nullptr ? nullptr : stated->number();
    const bool is_sane = length != nullptr && *length >= 2 &&
                         *length <= static_cast<double>(positions);
    max_tokens = is_sane ? static_cast<int64_t>(*length) : positions;
  }
  config->max_tokens = static_cast<uint32_t>(max_tokens);
  // sentence-transformers lowers the text before a cased tokenizer sees it, and
  // strips no accents then.
  bool do_lower_case = false;
  SIMILE_RETURN_IF_ERROR(reader.ReadOptional("do_lower_case", &do_lower_case));
  config->tokenizer.lowercase |= do_lower_case;
  return Status();
}

Status ReadPrompts(const CheckpointFiles& files, ModelConfig* config) {
  SIMILE_ASSIGN_OR_RETURN(const Json json, files.ParseJson(kSentenceTransformers));
  const JsonReader reader(json, std::string(kSentenceTransformers));
  std::string default_prompt;
  SIMILE_RETURN_IF_ERROR(reader.ReadOptional("default_prompt_name", &default_prompt));
  if (!default_prompt.empty()) {
    return reader.Fail("default_prompt_name", "a prompt before every text is not supported");
  }
  const Json* prompts = json.Find("prompts");
  if (prompts == nullptr || prompts->object() == nullptr) return Status();
  for (const auto& [name, text] : *prompts->object()) {
    if (text.string() == nullptr) return reader.Fail("prompts", "\"" + name + "\" is no string");
    config->prompts.emplace_back(name, *text.string());
  }
  return Status();
}

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kTrim = " \t\r\"'";
  const size_t begin = text.find_first_not_of(kTrim);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kTrim) + 1 - begin);
}

bool IsPlainWord(std::string_view text) {
  return !text.empty() && text.size() <= 64 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

}  // namespace

std::string LicenseOfModelCard(std::string_view readme) {
  constexpr std::string_view kKey = "license:";
  if (!readme.starts_with("---")) return "unknown";
  bool is_list = false;  // "license:" alone on its line, entries below
  for (bool first = true; !readme.empty(); first = false) {
    const size_t end = std::min(readme.find('\n'), readme.size());
    const std::string_view line = readme.substr(0, end);
    readme.remove_prefix(std::min(end + 1, readme.size()));
    if (!first && line.starts_with("---")) break;
    std::string_view value;
    if (line.starts_with(kKey)) {
      value = Trimmed(line.substr(kKey.size()));
      is_list = value.empty();
    } else if (is_list) {
      const std::string_view entry = Trimmed(line);
      if (!entry.starts_with("-")) break;
      value = Trimmed(entry.substr(1));
    }
    if (IsPlainWord(value)) return std::string(value);
  }
  return "unknown";
}

Result<Checkpoint> ReadCheckpoint(const CheckpointFiles& files) {
  Checkpoint checkpoint;
  ModelConfig& config = checkpoint.config;
  SIMILE_RETURN_IF_ERROR(ReadArchitecture(files, &config));
  SIMILE_RETURN_IF_ERROR(ReadModules(files, &config));
  SIMILE_ASSIGN_OR_RETURN(TokenizerFiles tokenizer, ReadTokenizerFiles(files));
  if (tokenizer.vocab_size != config.bert.vocab_size) {
    return BadModel("config.json: 'vocab_size': " + std::to_string(config.bert.vocab_size) +
                    ", but the vocabulary has " + std::to_string(tokenizer.vocab_size) +
                    " tokens");
  }
  config.tokenizer = std::move(tokenizer.config);
  checkpoint.vocab = std::move(tokenizer.vocab);
  SIMILE_RETURN_IF_ERROR(ReadMaxTokens(files, &config));
  SIMILE_RETURN_IF_ERROR(ReadPrompts(files, &config));
  config.license = LicenseOfModelCard(files.Text("README.md"));
  return checkpoint;
}

}  // namespace simile

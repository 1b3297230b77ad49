// SPDX-License-Identifier: Apache-2.0
#include "convert/checkpoint.h"

#include <algorithm>
#include <utility>

#include "convert/architectures.h"
#include "convert/hub_config.h"
#include "convert/model_card.h"
#include "convert/modules.h"
#include "convert/tokenizer_files.h"
#include "convert/tokenizer_pair.h"

namespace simile {
namespace {

constexpr std::string_view kConfig = "config.json";
constexpr std::string_view kSentenceBert = "sentence_bert_config.json";
constexpr std::string_view kSentenceTransformers = "config_sentence_transformers.json";
constexpr std::string_view kTokenizerConfig = "tokenizer_config.json";

// Tokens of the longest text of a model that sets no limit and whose files set none.
constexpr int64_t kDefaultMaxTokens = 512;
constexpr int64_t kMostTokens = 32768;

// A cross-encoder's scores, in the order in which sentence-transformers looks.
Status ReadScoreActivation(const CheckpointFiles& files, const JsonReader& config_json,
                           ModelConfig* config) {
  if (config->classifier.labels == 0) return Status();
  DenseActivation* activation = &config->classifier.score_activation;
  if (HasMember(config_json, "sentence_transformers")) {
    const JsonReader own(*config_json.json().Find("sentence_transformers"),
                         config_json.what() + ": 'sentence_transformers'");
    if (HasMember(own, "activation_fn")) {
      return ReadTorchActivation(own, "activation_fn", activation);
    }
  }
  constexpr const char* kOldMember = "sbert_ce_default_activation_function";
  if (HasMember(config_json, kOldMember)) {
    return ReadTorchActivation(config_json, kOldMember, activation);
  }
  SIMILE_ASSIGN_OR_RETURN(const Json json, files.ParseJson(kSentenceTransformers));
  const JsonReader reader(json, std::string(kSentenceTransformers));
  if (!HasMember(reader, "activation_fn")) return Status();
  return ReadTorchActivation(reader, "activation_fn", activation);
}

Status ReadConfig(const CheckpointFiles& files, ModelConfig* config) {
  if (!files.Has(kConfig)) return BadModel("the checkpoint has no config.json");
  SIMILE_ASSIGN_OR_RETURN(const Json json, files.ParseJson(kConfig));
  const JsonReader reader(json, std::string(kConfig));
  SIMILE_RETURN_IF_ERROR(ReadArchitecture(reader, config));
  return ReadScoreActivation(files, reader, config);
}

// The tokenizer's own maximum. Those that know none say 1e30.
Result<int64_t> TokenizerMaximum(const CheckpointFiles& files, int64_t most) {
  SIMILE_ASSIGN_OR_RETURN(const Json tokenizer, files.ParseJson(kTokenizerConfig));
  const Json* stated = tokenizer.Find("model_max_length");
  const double* length = stated == nullptr ? nullptr : stated->number();
  const bool is_sane =
      length != nullptr && *length >= 2 && *length <= static_cast<double>(most);
  return is_sane ? static_cast<int64_t>(*length) : 0;
}

// sentence-transformers' own maximum, else the tokenizer's, else the model's.
Status ReadMaxTokens(const JsonReader& sentence_bert, const CheckpointFiles& files,
                     ModelConfig* config) {
  const bool is_limited = config->encoder.max_positions != 0;
  const int64_t most = is_limited ? config->encoder.max_positions : kMostTokens;
  int64_t max_tokens = 0;
  SIMILE_RETURN_IF_ERROR(
      sentence_bert.ReadOptional("max_seq_length", 2, int64_t{1} << 20, &max_tokens));
  if (max_tokens > most) {
    return sentence_bert.Fail("max_seq_length",
                              std::to_string(max_tokens) + " is more than " +
                                  (is_limited ? "max_position_embeddings " : "") +
                                  std::to_string(most));
  }
  if (max_tokens == 0) {
    SIMILE_ASSIGN_OR_RETURN(max_tokens, TokenizerMaximum(files, most));
  }
  if (max_tokens == 0) max_tokens = is_limited ? most : kDefaultMaxTokens;
  config->max_tokens = static_cast<uint32_t>(max_tokens);
  if (!is_limited) config->encoder.max_positions = config->max_tokens;
  return Status();
}

// sentence-transformers lowers the text before a cased tokenizer sees it, and strips no
// accents then.
Status ReadLowerCase(const JsonReader& sentence_bert, TokenizerConfig* tokenizer) {
  bool do_lower_case = false;
  SIMILE_RETURN_IF_ERROR(sentence_bert.ReadOptional("do_lower_case", &do_lower_case));
  if (!do_lower_case) return Status();
  if (tokenizer->kind != TokenizerKind::kWordPiece || tokenizer->has_steps) {
    return sentence_bert.Fail("do_lower_case", "true is supported with BERT's tokenizer alone");
  }
  tokenizer->wordpiece.lowercase = true;
  return Status();
}

Status ReadSentenceBert(const CheckpointFiles& files, ModelConfig* config) {
  SIMILE_ASSIGN_OR_RETURN(const Json json, files.ParseJson(kSentenceBert));
  const JsonReader reader(json, std::string(kSentenceBert));
  SIMILE_RETURN_IF_ERROR(CheckFixed(
      reader, {{"transformer_task", config->classifier.labels == 0
                                        ? "\"feature-extraction\""
                                        : "\"sequence-classification\""}}));
  SIMILE_RETURN_IF_ERROR(ReadMaxTokens(reader, files, config));
  return ReadLowerCase(reader, &config->tokenizer);
}

Status ReadPrompts(const CheckpointFiles& files, ModelConfig* config) {
  SIMILE_ASSIGN_OR_RETURN(const Json json, files.ParseJson(kSentenceTransformers));
  const JsonReader reader(json, std::string(kSentenceTransformers));
  SIMILE_RETURN_IF_ERROR(reader.ReadOptional("default_prompt_name", &config->default_prompt));
  const Json* prompts = json.Find("prompts");
  bool has_default = config->default_prompt.empty();
  for (const auto& [name, text] : prompts == nullptr || prompts->object() == nullptr
                                      ? Json::Object()
                                      : *prompts->object()) {
    if (text.string() == nullptr) return reader.Fail("prompts", "\"" + name + "\" is no string");
    config->prompts.emplace_back(name, *text.string());
    has_default |= name == config->default_prompt;
  }
  if (has_default) return Status();
  return reader.Fail("default_prompt_name",
                     "there is no prompt \"" + config->default_prompt + "\"");
}

// A table may be longer than the vocabulary (T5, Qwen3 pad it), not shorter.
Status CheckVocabulary(size_t tokens, uint32_t rows) {
  if (tokens <= rows) return Status();
  return BadModel("config.json: 'vocab_size': " + std::to_string(rows) +
                  ", but the tokenizer has ids up to " + std::to_string(tokens - 1) +
                  "; it belongs to another model");
}

}  // namespace

Result<Checkpoint> ReadCheckpoint(const CheckpointFiles& files) {
  Checkpoint checkpoint;
  ModelConfig& config = checkpoint.config;
  SIMILE_RETURN_IF_ERROR(ReadConfig(files, &config));
  SIMILE_RETURN_IF_ERROR(ReadModules(files, &config, &checkpoint.dense_weights));
  for (std::string& file : checkpoint.dense_weights) file += "/model.safetensors";
  SIMILE_ASSIGN_OR_RETURN(checkpoint.transformer_weights, files.TransformerWeights());
  SIMILE_ASSIGN_OR_RETURN(TokenizerFiles tokenizer, ReadTokenizerFiles(files));
  SIMILE_RETURN_IF_ERROR(CheckVocabulary(tokenizer.vocab_size, config.encoder.vocab_size));
  config.tokenizer = std::move(tokenizer.config);
  if (config.classifier.labels != 0) {
    SIMILE_ASSIGN_OR_RETURN(config.tokenizer.pair_separators,
                            ReadPairSeparators(files, config.encoder.type_vocab_size > 1));
  }
  checkpoint.vocab = std::move(tokenizer.vocab);
  SIMILE_RETURN_IF_ERROR(ReadSentenceBert(files, &config));
  SIMILE_RETURN_IF_ERROR(ReadPrompts(files, &config));
  config.license = LicenseOfModelCard(files.Text("README.md"));
  return checkpoint;
}

}  // namespace simile

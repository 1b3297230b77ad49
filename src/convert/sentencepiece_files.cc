// SPDX-License-Identifier: Apache-2.0
#include "convert/sentencepiece_files.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "text/piece_model.h"

namespace simile {
namespace {

constexpr std::string_view kTokenizerConfig = "tokenizer_config.json";
constexpr std::string_view kSpecialTokensMap = "special_tokens_map.json";

// A token that a class gives a name ("cls_token") and an id.
struct NamedToken {
  const char* member;
  const char* text;
  uint32_t id;
};

struct TokenizerClass {
  std::string_view name;
  std::string_view file;
  uint32_t unk_piece;  // of every model that the class was made for
  std::vector<NamedToken> tokens;
  // What it does further, from tokenizer_config.json; `pieces` are the model's.
  Status (*read)(const JsonReader& json, uint32_t pieces, SentencepieceConfig* config);
};

// fairseq's ids: four tokens of its own before the pieces without theirs, <mask> behind.
Status ReadXlmRoberta(const JsonReader&, uint32_t pieces, SentencepieceConfig* config) {
  config->id_offset = 1;
  config->unk_id = 3;
  config->prefix_ids = {0};
  config->suffix_ids = {2};
  config->literals.push_back({"<mask>", pieces + 1, /*strip_left=*/true, false});
  config->vocab_size = pieces + 2;
  return Status();
}

// extra_ids count down from the end.
Status ReadT5(const JsonReader& json, uint32_t pieces, SentencepieceConfig* config) {
  int64_t extra_ids = 100;
  SIMILE_RETURN_IF_ERROR(json.ReadOptional("extra_ids", 0, 1024, &extra_ids));
  config->vocab_size = pieces + static_cast<uint32_t>(extra_ids);
  for (uint32_t i = 0; i < static_cast<uint32_t>(extra_ids); ++i) {
    config->literals.push_back(
        {"<extra_id_" + std::to_string(i) + ">", config->vocab_size - 1 - i, true, true});
  }
  config->unk_id = 2;
  config->suffix_ids = {1};
  return Status();
}

Status ReadLlama(const JsonReader& json, uint32_t pieces, SentencepieceConfig* config) {
  bool add_bos = true;
  bool add_eos = false;
  SIMILE_RETURN_IF_ERROR(json.ReadOptional("add_bos_token", &add_bos));
  SIMILE_RETURN_IF_ERROR(json.ReadOptional("add_eos_token", &add_eos));
  if (add_bos) config->prefix_ids = {1};
  if (add_eos) config->suffix_ids = {2};
  config->vocab_size = pieces;
  return Status();
}

const std::vector<TokenizerClass>& Classes() {
  static const std::vector<TokenizerClass> classes = {
      {"XLMRobertaTokenizer", kSentencepieceNames[0], 0,
       {{"bos_token", "<s>", 0}, {"pad_token", "<pad>", 1}, {"eos_token", "</s>", 2},
        {"unk_token", "<unk>", 3}},
       ReadXlmRoberta},
      {"T5Tokenizer", kSentencepieceNames[1], 2,
       {{"pad_token", "<pad>", 0}, {"eos_token", "</s>", 1}, {"unk_token", "<unk>", 2}},
       ReadT5},
      {"LlamaTokenizer", kSentencepieceNames[2], 0,
       {{"unk_token", "<unk>", 0}, {"bos_token", "<s>", 1}, {"eos_token", "</s>", 2}},
       ReadLlama},
  };
  return classes;
}

std::string Quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

// A token's text: a string, or an object with the string as its "content".
std::optional<std::string> TokenText(const Json& json, std::string_view member) {
  const Json* value = json.Find(member);
  if (value != nullptr && value->object() != nullptr) value = value->Find("content");
  if (value == nullptr || value->string() == nullptr) return std::nullopt;
  return *value->string();
}

Result<const TokenizerClass*> FindClass(const JsonReader& json) {
  std::string name;
  SIMILE_RETURN_IF_ERROR(json.Read("tokenizer_class", &name));
  std::string_view plain = name;  // the fast class is the same tokenizer
  if (plain.ends_with("Fast")) plain.remove_suffix(4);
  for (const TokenizerClass& known : Classes()) {
    if (known.name == plain) return &known;
  }
  return json.Fail("tokenizer_class",
                   Quoted(name) + " is not supported without a tokenizer.json; this version "
                   "reads XLMRobertaTokenizer, T5Tokenizer and LlamaTokenizer");
}

// The class's own tokens have the names that it gives them.
Status CheckNames(const Json& json, std::string_view file, const TokenizerClass& tokenizer) {
  for (const NamedToken& token : tokenizer.tokens) {
    const std::optional<std::string> text = TokenText(json, token.member);
    if (!text || *text == token.text) continue;
    return BadModel(std::string(file) + ": '" + token.member + "': expected " +
                    Quoted(token.text) + " of " + std::string(tokenizer.name) + ", found " +
                    Quoted(*text));
  }
  return Status();
}

// One entry of "added_tokens_decoder": says of a literal token how it is matched, or
// adds one.
Status AddToken(const Json& token, uint32_t id, SentencepieceConfig* config) {
  const JsonReader reader(token, std::string(kTokenizerConfig) + ": added token " +
                                     std::to_string(id));
  LiteralToken literal;
  literal.id = id;
  SIMILE_RETURN_IF_ERROR(reader.Read("content", &literal.text));
  SIMILE_RETURN_IF_ERROR(reader.ReadOptional("lstrip", &literal.strip_left));
  SIMILE_RETURN_IF_ERROR(reader.ReadOptional("rstrip", &literal.strip_right));
  bool single_word = false;
  SIMILE_RETURN_IF_ERROR(reader.ReadOptional("single_word", &single_word));
  if (single_word) return reader.Fail("single_word", "true is not supported");
  config->vocab_size = std::max(config->vocab_size, id + 1);
  for (LiteralToken& known : config->literals) {
    if (known.text != literal.text) continue;
    if (known.id != id) {
      return reader.Fail("content", Quoted(literal.text) + " has the id " +
                                        std::to_string(known.id));
    }
    known = std::move(literal);
    return Status();
  }
  config->literals.push_back(std::move(literal));
  return Status();
}

Status ReadAddedTokens(const Json& json, SentencepieceConfig* config) {
  const Json* added = json.Find("added_tokens_decoder");
  if (added == nullptr || added->object() == nullptr) return Status();
  for (const auto& [key, token] : *added->object()) {
    const bool is_id = !key.empty() && key.size() <= 7 &&
                       key.find_first_not_of("0123456789") == std::string::npos;
    if (!is_id) {
      return BadModel(std::string(kTokenizerConfig) + ": 'added_tokens_decoder': " +
                      Quoted(key) + " is no id");
    }
    SIMILE_RETURN_IF_ERROR(AddToken(token, static_cast<uint32_t>(std::stoul(key)), config));
  }
  return Status();
}

// Options that change how text is cut, and that the library does not have.
Status RefuseOptions(const JsonReader& json) {
  bool legacy = true;
  SIMILE_RETURN_IF_ERROR(json.ReadOptional("legacy", &legacy));
  if (!legacy) return json.Fail("legacy", "false is not supported without a tokenizer.json");
  const Json* options = json.json().Find("sp_model_kwargs");
  if (options != nullptr && options->object() != nullptr && !options->object()->empty()) {
    return json.Fail("sp_model_kwargs", "options of sentencepiece are not supported");
  }
  return Status();
}

Status ReadConfig(const JsonReader& json, const TokenizerClass& tokenizer,
                  std::string_view model, SentencepieceConfig* config) {
  SIMILE_ASSIGN_OR_RETURN(const std::unique_ptr<PieceModel> pieces, LoadPieceModel(model));
  if (pieces->unk_piece() != tokenizer.unk_piece) {
    return BadModel(std::string(tokenizer.file) + ": expected piece " +
                    std::to_string(tokenizer.unk_piece) + " to be the unknown one, as of " +
                    std::string(tokenizer.name) + ", found piece " +
                    std::to_string(pieces->unk_piece()));
  }
  for (const NamedToken& token : tokenizer.tokens) {
    config->literals.push_back({token.text, token.id, false, false});
  }
  SIMILE_RETURN_IF_ERROR(
      tokenizer.read(json, static_cast<uint32_t>(pieces->piece_count()), config));
  return ReadAddedTokens(json.json(), config);
}

}  // namespace

bool HasSentencepieceFile(const CheckpointFiles& files) {
  return std::any_of(std::begin(kSentencepieceNames), std::end(kSentencepieceNames),
                     [&](std::string_view name) { return files.Has(name); });
}

Result<SentencepieceFiles> ReadSentencepieceFiles(const CheckpointFiles& files) {
  SIMILE_ASSIGN_OR_RETURN(const Json json, files.ParseJson(kTokenizerConfig));
  SIMILE_ASSIGN_OR_RETURN(const Json special_map, files.ParseJson(kSpecialTokensMap));
  const JsonReader reader(json, std::string(kTokenizerConfig));
  SIMILE_ASSIGN_OR_RETURN(const TokenizerClass* tokenizer, FindClass(reader));
  SIMILE_RETURN_IF_ERROR(RefuseOptions(reader));
  SIMILE_RETURN_IF_ERROR(CheckNames(json, kTokenizerConfig, *tokenizer));
  SIMILE_RETURN_IF_ERROR(CheckNames(special_map, kSpecialTokensMap, *tokenizer));
  if (!files.Has(tokenizer->file)) {
    return BadModel("the checkpoint has no " + std::string(tokenizer->file) + ", which " +
                    std::string(tokenizer->name) + " reads");
  }
  const std::string_view model = files.Text(tokenizer->file);
  SentencepieceFiles result;
  SIMILE_RETURN_IF_ERROR(ReadConfig(reader, *tokenizer, model, &result.config));
  SIMILE_RETURN_IF_ERROR(
      result.model.Append(reinterpret_cast<const uint8_t*>(model.data()), model.size()));
  return result;
}

}  // namespace simile

// SPDX-License-Identifier: Apache-2.0
#include "convert/tokenizer_wordpiece.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace simile {
namespace {

constexpr std::string_view kVocabTxt = "vocab.txt";
constexpr std::string_view kTokenizerJson = "tokenizer.json";
constexpr std::string_view kTokenizerConfig = "tokenizer_config.json";
constexpr std::string_view kSpecialTokensMap = "special_tokens_map.json";
constexpr size_t kMaxTokens = 1 << 20;  // as WordPiece

std::string Quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

// The vocabulary as it is put together: views into files that stay in memory.
using Vocab = std::vector<std::string_view>;

Status CheckVocabSize(std::string_view file, size_t tokens) {
  if (tokens > kMaxTokens) {
    return BadModel(std::string(file) + ": expected at most " + std::to_string(kMaxTokens) +
                    " tokens, found " + std::to_string(tokens));
  }
  if (HasHeadroom(tokens * sizeof(Vocab::value_type))) return Status();
  return OutOfMemory("no room for " + std::to_string(tokens) + " tokens");
}

Result<Vocab> LinesOf(std::string_view text) {
  SIMILE_RETURN_IF_ERROR(CheckVocabSize(
      kVocabTxt, static_cast<size_t>(std::count(text.begin(), text.end(), '\n')) + 1));
  Vocab lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

Status JoinLines(const Vocab& vocab, Buffer<uint8_t>* out) {
  for (const std::string_view token : vocab) {
    SIMILE_RETURN_IF_ERROR(
        out->Append(reinterpret_cast<const uint8_t*>(token.data()), token.size()));
    SIMILE_RETURN_IF_ERROR(out->Append('\n'));
  }
  return Status();
}

std::optional<std::string> TextOf(const Json& json, std::string_view member) {
  const Json* value = json.Find(member);
  if (value == nullptr || value->string() == nullptr) return std::nullopt;
  return *value->string();
}

// A token's name: a string, or an object with the string as its "content".
std::optional<std::string> TokenText(const Json& json, std::string_view member) {
  const Json* value = json.Find(member);
  return value != nullptr && value->object() != nullptr ? TextOf(*value, "content")
                                                        : TextOf(json, member);
}

// The member "type" of a component of tokenizer.json must be this one.
Status RequireType(const Json& tokenizer, std::string_view component,
                   std::string_view expected) {
  const Json* json = tokenizer.Find(component);
  const std::optional<std::string> type = json == nullptr ? std::nullopt
                                                          : TextOf(*json, "type");
  if (type == expected) return Status();
  return BadModel("tokenizer.json: '" + std::string(component) + "': expected type " +
                  Quoted(expected) + ", found " + (type ? Quoted(*type) : "none"));
}

// One entry of "added_tokens" (or "added_tokens_decoder"): special, matched
// literally, and either in the vocabulary or right behind it.
Status AddToken(const Json& token, int64_t id, std::string_view file, Vocab* vocab,
                WordPieceConfig* config) {
  const std::optional<std::string> content = TextOf(token, "content");
  if (!content) return BadModel(std::string(file) + ": an added token without 'content'");
  const JsonReader reader(token, std::string(file) + ": added token " + Quoted(*content));
  bool special = false;
  SIMILE_RETURN_IF_ERROR(reader.ReadOptional("special", &special));
  if (!special) return reader.Fail("special", "only special added tokens are supported");
  for (const char* flag : {"lstrip", "rstrip", "single_word", "normalized"}) {
    bool value = false;
    SIMILE_RETURN_IF_ERROR(reader.ReadOptional(flag, &value));
    if (value) return reader.Fail(flag, "true is not supported");
  }
  const auto size = static_cast<int64_t>(vocab->size());
  if (id == size) {
    vocab->push_back(*token.Find("content")->string());
  } else if (id > size || (*vocab)[static_cast<size_t>(id)] != *content) {
    return reader.Fail("id", "the vocabulary does not have it at " + std::to_string(id));
  }
  std::vector<std::string>& specials = config->special_tokens;
  if (std::find(specials.begin(), specials.end(), *content) == specials.end()) {
    specials.push_back(*content);
  }
  return Status();
}

// model.vocab, an object of token to id, as lines in the order of the ids.
Status ReadModelVocab(const Json& model, Vocab* vocab) {
  const Json* member = model.Find("vocab");
  if (member == nullptr || member->object() == nullptr) {
    return BadModel("tokenizer.json: 'model.vocab': expected an object");
  }
  const Json::Object& entries = *member->object();
  SIMILE_RETURN_IF_ERROR(CheckVocabSize(kTokenizerJson, entries.size()));
  vocab->assign(entries.size(), std::string_view());
  for (const auto& [token, id_json] : entries) {
    const double* id = id_json.number();
    if (id == nullptr || !(*id >= 0) || *id >= static_cast<double>(entries.size()) ||
        *id != std::floor(*id) || !(*vocab)[static_cast<size_t>(*id)].empty()) {
      return BadModel("tokenizer.json: 'model.vocab': the id of " + Quoted(token) +
                      " is no whole number, is taken, or leaves a gap");
    }
    if (token.find('\n') != std::string::npos) {
      return BadModel("tokenizer.json: 'model.vocab': a token with a line feed");
    }
    (*vocab)[static_cast<size_t>(*id)] = token;
  }
  return Status();
}

Status ReadNormalizer(const Json& tokenizer, WordPieceConfig* config) {
  SIMILE_RETURN_IF_ERROR(RequireType(tokenizer, "normalizer", "BertNormalizer"));
  const JsonReader reader(*tokenizer.Find("normalizer"), "tokenizer.json: 'normalizer'");
  SIMILE_RETURN_IF_ERROR(reader.ReadOptional("clean_text", &config->clean_text));
  SIMILE_RETURN_IF_ERROR(reader.ReadOptional("lowercase", &config->lowercase));
  SIMILE_RETURN_IF_ERROR(
      reader.ReadOptional("handle_chinese_chars", &config->handle_chinese_chars));
  config->strip_accents = config->lowercase;
  return reader.ReadOptional("strip_accents", &config->strip_accents);
}

// "[CLS] A [SEP]" as {"cls": ["[CLS]", 101], "sep": ["[SEP]", 102]}.
bool ReadBertProcessing(const Json& json, WordPieceConfig* config) {
  const std::pair<const char*, std::string*> members[] = {{"cls", &config->cls_token},
                                                          {"sep", &config->sep_token}};
  for (const auto& [member, target] : members) {
    const Json* pair = json.Find(member);
    const Json::Array* values = pair == nullptr ? nullptr : pair->array();
    if (values == nullptr || values->empty() || (*values)[0].string() == nullptr) return false;
    *target = *(*values)[0].string();
  }
  return true;
}

// The same as [{"SpecialToken": {"id": "[CLS]"}}, {"Sequence": …}, {"SpecialToken": …}].
bool ReadTemplateProcessing(const Json& json, WordPieceConfig* config) {
  const Json* single = json.Find("single");
  const Json::Array* parts = single == nullptr ? nullptr : single->array();
  if (parts == nullptr || parts->size() != 3) return false;
  const Json* first = (*parts)[0].Find("SpecialToken");
  const Json* last = (*parts)[2].Find("SpecialToken");
  if (first == nullptr || last == nullptr || (*parts)[1].Find("Sequence") == nullptr) {
    return false;
  }
  const std::optional<std::string> cls = TextOf(*first, "id");
  const std::optional<std::string> sep = TextOf(*last, "id");
  if (!cls || !sep) return false;
  config->cls_token = *cls;
  config->sep_token = *sep;
  return true;
}

Status ReadPostProcessor(const Json& tokenizer, WordPieceConfig* config) {
  if (const Json* json = tokenizer.Find("post_processor")) {
    const std::optional<std::string> type = TextOf(*json, "type");
    if (type == "BertProcessing" && ReadBertProcessing(*json, config)) return Status();
    if (type == "TemplateProcessing" && ReadTemplateProcessing(*json, config)) return Status();
  }
  return BadModel(
      "tokenizer.json: 'post_processor': expected BertProcessing, or a template of a first "
      "token, the text and a last token");
}

Status ReadWordPieceModel(const Json& tokenizer, Vocab* vocab, WordPieceConfig* config) {
  SIMILE_RETURN_IF_ERROR(RequireType(tokenizer, "model", "WordPiece"));
  const Json& model = *tokenizer.Find("model");
  const JsonReader reader(model, "tokenizer.json: 'model'");
  SIMILE_RETURN_IF_ERROR(reader.ReadOptional("unk_token", &config->unk_token));
  SIMILE_RETURN_IF_ERROR(
      reader.ReadOptional("continuing_subword_prefix", &config->continuing_prefix));
  int64_t max_word_chars = config->max_word_chars;
  SIMILE_RETURN_IF_ERROR(
      reader.ReadOptional("max_input_chars_per_word", 1, 10000, &max_word_chars));
  config->max_word_chars = static_cast<uint32_t>(max_word_chars);
  return ReadModelVocab(model, vocab);
}

Status ReadTokenizerJson(const Json& tokenizer, Vocab* vocab, WordPieceConfig* config) {
  SIMILE_RETURN_IF_ERROR(ReadNormalizer(tokenizer, config));
  SIMILE_RETURN_IF_ERROR(RequireType(tokenizer, "pre_tokenizer", "BertPreTokenizer"));
  SIMILE_RETURN_IF_ERROR(ReadPostProcessor(tokenizer, config));
  SIMILE_RETURN_IF_ERROR(ReadWordPieceModel(tokenizer, vocab, config));
  config->special_tokens.clear();
  const Json* added = tokenizer.Find("added_tokens");
  if (added == nullptr || added->array() == nullptr) return Status();
  for (const Json& token : *added->array()) {
    int64_t id = 0;
    const JsonReader reader(token, "tokenizer.json: 'added_tokens'");
    SIMILE_RETURN_IF_ERROR(reader.Read("id", 0, kMaxTokens, &id));
    SIMILE_RETURN_IF_ERROR(AddToken(token, id, kTokenizerJson, vocab, config));
  }
  return Status();
}

// [UNK] and its like as tokenizer_config.json names them, else
// special_tokens_map.json, else BertTokenizer.
Status ReadSpecialTokens(const Json& json, const Json& special_map, Vocab* vocab,
                         WordPieceConfig* config) {
  const std::tuple<const char*, const char*, std::string*> tokens[] = {
      {"pad_token", "[PAD]", nullptr},
      {"unk_token", "[UNK]", &config->unk_token},
      {"cls_token", "[CLS]", &config->cls_token},
      {"sep_token", "[SEP]", &config->sep_token},
      {"mask_token", "[MASK]", nullptr},
  };
  config->special_tokens.clear();
  for (const auto& [member, fallback, target] : tokens) {
    std::optional<std::string> token = TokenText(json, member);
    if (!token) token = TokenText(special_map, member);
    config->special_tokens.push_back(token.value_or(fallback));
    if (target != nullptr) *target = config->special_tokens.back();
  }
  const Json* added = json.Find("added_tokens_decoder");
  if (added == nullptr || added->object() == nullptr) return Status();
  for (const auto& [key, token] : *added->object()) {
    const bool is_id = !key.empty() && key.size() <= 7 &&
                       key.find_first_not_of("0123456789") == std::string::npos;
    if (!is_id) {
      return BadModel("tokenizer_config.json: 'added_tokens_decoder': " + Quoted(key) +
                      " is no id");
    }
    SIMILE_RETURN_IF_ERROR(AddToken(token, std::stoi(key), kTokenizerConfig, vocab, config));
  }
  return Status();
}

// Without tokenizer.json: vocab.txt and what tokenizer_config.json changes of
// BertTokenizer's defaults.
Status ReadTokenizerConfig(const Json& json, const Json& special_map, Vocab* vocab,
                           WordPieceConfig* config) {
  const JsonReader reader(json, std::string(kTokenizerConfig));
  std::string tokenizer_class = "BertTokenizer";
  SIMILE_RETURN_IF_ERROR(reader.ReadOptional("tokenizer_class", &tokenizer_class));
  if (tokenizer_class != "BertTokenizer" && tokenizer_class != "BertTokenizerFast") {
    return reader.Fail("tokenizer_class",
                       "expected BertTokenizer, found " + Quoted(tokenizer_class));
  }
  bool do_basic_tokenize = true;
  SIMILE_RETURN_IF_ERROR(reader.ReadOptional("do_basic_tokenize", &do_basic_tokenize));
  if (!do_basic_tokenize) return reader.Fail("do_basic_tokenize", "false is not supported");
  SIMILE_RETURN_IF_ERROR(reader.ReadOptional("do_lower_case", &config->lowercase));
  SIMILE_RETURN_IF_ERROR(
      reader.ReadOptional("tokenize_chinese_chars", &config->handle_chinese_chars));
  config->strip_accents = config->lowercase;
  SIMILE_RETURN_IF_ERROR(reader.ReadOptional("strip_accents", &config->strip_accents));
  return ReadSpecialTokens(json, special_map, vocab, config);
}

// What both files state, they state alike.
Status CompareWithTokenizerConfig(const Json& json, const WordPieceConfig& config) {
  const JsonReader reader(json, std::string(kTokenizerConfig));
  const std::pair<const char*, bool> stated[] = {
      {"do_lower_case", config.lowercase},
      {"tokenize_chinese_chars", config.handle_chinese_chars},
      {"strip_accents", config.strip_accents},
  };
  for (const auto& [member, expected] : stated) {
    bool value = expected;
    SIMILE_RETURN_IF_ERROR(reader.ReadOptional(member, &value));
    if (value != expected) {
      return reader.Fail(member, "contradicts the normalizer of tokenizer.json");
    }
  }
  return Status();
}

// vocab.txt is the beginning of the vocabulary: added tokens may follow it in
// tokenizer.json alone.
Status CompareWithVocabTxt(std::string_view vocab_txt, const Vocab& vocab) {
  SIMILE_ASSIGN_OR_RETURN(const Vocab lines, LinesOf(vocab_txt));
  for (size_t i = 0; i < lines.size(); ++i) {
    if (i < vocab.size() && lines[i] == vocab[i]) continue;
    return BadModel("vocab.txt: line " + std::to_string(i + 1) + " is " + Quoted(lines[i]) +
                    ", tokenizer.json has " +
                    (i < vocab.size() ? Quoted(vocab[i]) : "no such id"));
  }
  return Status();
}

// An added token that text/wordpiece.h knows: special, without a flag.
bool IsPlainToken(const Json& token) {
  const auto flag = [&token](const char* name) {
    const Json* value = token.Find(name);
    return value != nullptr && value->boolean() != nullptr && *value->boolean();
  };
  return flag("special") && !flag("lstrip") && !flag("rstrip") && !flag("single_word") &&
         !flag("normalized");
}

}  // namespace

bool IsPlainWordPiece(const Json& tokenizer) {
  for (const auto& [component, type] :
       {std::pair("normalizer", "BertNormalizer"), std::pair("pre_tokenizer", "BertPreTokenizer"),
        std::pair("model", "WordPiece")}) {
    const Json* json = tokenizer.Find(component);
    if (json == nullptr || TextOf(*json, "type") != type) return false;
  }
  WordPieceConfig ignored;
  if (!ReadPostProcessor(tokenizer, &ignored).ok()) return false;
  const Json* added = tokenizer.Find("added_tokens");
  return added == nullptr || added->array() == nullptr ||
         std::all_of(added->array()->begin(), added->array()->end(), IsPlainToken);
}

Status ReadWordPieceFiles(const CheckpointFiles& files, const Json& tokenizer,
                          WordPieceConfig* config, Buffer<uint8_t>* bytes, size_t* vocab_size) {
  SIMILE_ASSIGN_OR_RETURN(const Json tokenizer_config, files.ParseJson(kTokenizerConfig));
  SIMILE_ASSIGN_OR_RETURN(const Json special_map, files.ParseJson(kSpecialTokensMap));
  Vocab vocab;
  if (!tokenizer.is_null()) {
    SIMILE_RETURN_IF_ERROR(ReadTokenizerJson(tokenizer, &vocab, config));
    SIMILE_RETURN_IF_ERROR(CompareWithTokenizerConfig(tokenizer_config, *config));
    if (files.Has(kVocabTxt)) {
      SIMILE_RETURN_IF_ERROR(CompareWithVocabTxt(files.Text(kVocabTxt), vocab));
    }
  } else {
    SIMILE_ASSIGN_OR_RETURN(vocab, LinesOf(files.Text(kVocabTxt)));
    SIMILE_RETURN_IF_ERROR(ReadTokenizerConfig(tokenizer_config, special_map, &vocab, config));
  }
  *vocab_size = vocab.size();
  return JoinLines(vocab, bytes);
}

}  // namespace simile

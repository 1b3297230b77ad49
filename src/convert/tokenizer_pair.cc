// SPDX-License-Identifier: Apache-2.0
#include "convert/tokenizer_pair.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "text/tokenizer_config.h"

namespace simile {
namespace {

constexpr std::string_view kTokenizerJson = "tokenizer.json";
constexpr std::string_view kTokenizerConfig = "tokenizer_config.json";

// What a tokenizer does with a pair.
struct PairForm {
  uint32_t separators = 1;
  bool has_types = true;  // 0 for the first half, 1 for the second
};

// A template's special tokens: those before the first text, between the texts, behind.
using TokenRuns = std::vector<std::vector<std::string>>;

// Of one part, {"SpecialToken": {"id", "type_id"}} or {"Sequence": {…}}.
Status ReadTemplatePart(const JsonReader& reader, const Json& part, TokenRuns* runs,
                        bool* has_types) {
  const Json* text = part.Find("Sequence");
  const Json* content = text == nullptr ? part.Find("SpecialToken") : text;
  if (content == nullptr) return reader.Fail("pair", "expected SpecialToken or Sequence");
  const JsonReader own(*content, reader.what() + ": a part");
  std::string id;
  int64_t type = 0;
  SIMILE_RETURN_IF_ERROR(own.Read("id", &id));
  SIMILE_RETURN_IF_ERROR(own.ReadOptional("type_id", 0, 255, &type));
  if (text == nullptr) {
    runs->back().push_back(std::move(id));
  } else if (id == (runs->size() == 1 ? "A" : "B")) {
    runs->emplace_back();
  } else {
    return reader.Fail("pair", "expected the texts A and B in their order");
  }
  // The second text and all behind it have the type 1.
  *has_types &= type == (runs->size() > 2 ? 1 : 0);
  return Status();
}

Result<TokenRuns> ReadRuns(const JsonReader& reader, const char* member, size_t texts,
                           bool* has_types) {
  const Json* parts = reader.json().Find(member);
  if (parts == nullptr || parts->array() == nullptr) return reader.Fail(member, "expected a list");
  TokenRuns runs(1);
  for (const Json& part : *parts->array()) {
    SIMILE_RETURN_IF_ERROR(ReadTemplatePart(reader, part, &runs, has_types));
  }
  if (runs.size() == texts + 1) return runs;
  return reader.Fail(member, "expected each text once");
}

Status ReadTemplate(const JsonReader& reader, PairForm* form) {
  if (reader.json().Find("pair") == nullptr) return Status();
  bool ignored = true;
  SIMILE_ASSIGN_OR_RETURN(const TokenRuns single, ReadRuns(reader, "single", 1, &ignored));
  SIMILE_ASSIGN_OR_RETURN(const TokenRuns pair, ReadRuns(reader, "pair", 2, &form->has_types));
  const std::vector<std::string>& between = pair[1];
  const std::vector<std::string>& suffix = single[1];
  bool is_known = pair[0] == single[0] && pair[2] == suffix;
  if (!suffix.empty()) {
    is_known &= between.size() % suffix.size() == 0;
    form->separators = static_cast<uint32_t>(
        std::min(between.size() / suffix.size(), TokenizerConfig::kMaxPairSeparators + 1));
  }
  is_known &= form->separators <= TokenizerConfig::kMaxPairSeparators;
  is_known &= !suffix.empty() || between.empty();
  for (size_t i = 0; is_known && i < between.size(); ++i) {
    is_known = between[i] == suffix[i % suffix.size()];
  }
  if (is_known) return Status();
  return reader.Fail("pair", "is supported with the special tokens of 'single', those behind "
                             "the text 0 to " +
                                 std::to_string(TokenizerConfig::kMaxPairSeparators) +
                                 " times between the texts");
}

Status ReadPostProcessor(const Json& json, PairForm* form) {
  std::string type;
  const std::string what = "tokenizer.json: 'post_processor'";
  SIMILE_RETURN_IF_ERROR(JsonReader(json, what).Read("type", &type));
  if (type == "TemplateProcessing") return ReadTemplate(JsonReader(json, what), form);
  if (type == "RobertaProcessing") *form = {2, false};
  const Json* parts = json.Find("processors");
  if (type != "Sequence" || parts == nullptr || parts->array() == nullptr) return Status();
  for (const Json& part : *parts->array()) {
    // Depth is the file's, which the parser bounds.
    SIMILE_RETURN_IF_ERROR(ReadPostProcessor(part, form));
  }
  return Status();
}

// A list of names that lacks the types, if there is one.
bool LeavesTypesOut(const Json& tokenizer_config) {
  const Json* names = tokenizer_config.Find("model_input_names");
  if (names == nullptr || names->array() == nullptr) return false;
  return std::none_of(names->array()->begin(), names->array()->end(), [](const Json& name) {
    return name.string() != nullptr && *name.string() == "token_type_ids";
  });
}

}  // namespace

Result<uint32_t> ReadPairSeparators(const CheckpointFiles& files, bool has_types) {
  PairForm form;
  SIMILE_ASSIGN_OR_RETURN(const Json config, files.ParseJson(kTokenizerConfig));
  if (files.Has(kTokenizerJson)) {
    SIMILE_ASSIGN_OR_RETURN(const Json tokenizer, files.ParseJson(kTokenizerJson));
    const Json* json = tokenizer.Find("post_processor");
    if (json != nullptr && !json->is_null()) {
      SIMILE_RETURN_IF_ERROR(ReadPostProcessor(*json, &form));
    }
  } else {
    const Json* name = config.Find("tokenizer_class");
    const bool is_named = name != nullptr && name->string() != nullptr;
    if (is_named && name->string()->starts_with("XLMRoberta")) form = {2, false};
  }
  form.has_types &= !LeavesTypesOut(config);
  if (form.has_types || !has_types) return form.separators;
  return BadModel(
      "config.json: 'type_vocab_size': the model has token types, but its tokenizer gives the "
      "second text of a pair none; that is not supported");
}

}  // namespace simile

// SPDX-License-Identifier: Apache-2.0
#include "convert/tokenizer_steps.h"

#include <string>
#include <string_view>
#include <utility>

#include "convert/base64.h"
#include "text/split_patterns.h"

namespace simile {
namespace {

using NormalizerType = NormalizerStep::Type;
using PreTokenizerType = PreTokenizerStep::Type;

// The component `member` of `parent`, none if it is null or not there.
const Json* Component(const Json& parent, std::string_view member) {
  const Json* json = parent.Find(member);
  return json == nullptr || json->is_null() ? nullptr : json;
}

JsonReader ReaderOf(const Json& json, const std::string& component, const std::string& type) {
  return JsonReader(json, "tokenizer.json: '" + component + "': " + type);
}

Result<std::string> TypeOf(const Json& json, const std::string& component) {
  std::string type;
  const JsonReader reader(json, "tokenizer.json: '" + component + "'");
  SIMILE_RETURN_IF_ERROR(reader.Read("type", &type));
  return type;
}

Status Unsupported(const std::string& component, const std::string& what) {
  return BadModel("tokenizer.json: '" + component + "': " + what + " is not supported");
}

// Calls use(part, type) for the component, or for each part of a Sequence of them.
template <typename F>
Status ForEachPart(const Json& json, const std::string& component, const char* list, F use) {
  SIMILE_ASSIGN_OR_RETURN(const std::string type, TypeOf(json, component));
  if (type != "Sequence") return use(json, type);
  const Json* parts = json.Find(list);
  if (parts == nullptr || parts->array() == nullptr) {
    return ReaderOf(json, component, type).Fail(list, "expected a list");
  }
  for (const Json& part : *parts->array()) {
    // Depth is the file's, which the parser bounds.
    SIMILE_RETURN_IF_ERROR(ForEachPart(part, component, list, use));
  }
  return Status();
}

// {"String": text} or {"Regex": text}.
Status ReadPattern(const JsonReader& reader, std::string* text, bool* is_regex) {
  const Json* pattern = reader.json().Find("pattern");
  if (pattern == nullptr) return reader.Fail("pattern", "is missing");
  *is_regex = pattern->Find("Regex") != nullptr;
  return JsonReader(*pattern, reader.what() + ": 'pattern'")
      .Read(*is_regex ? "Regex" : "String", text);
}

Status ReadReplace(const JsonReader& reader, NormalizerStep* step) {
  bool is_regex = false;
  SIMILE_RETURN_IF_ERROR(ReadPattern(reader, &step->pattern, &is_regex));
  SIMILE_RETURN_IF_ERROR(reader.Read("content", &step->content));
  step->type = NormalizerType::kReplace;
  if (!is_regex) return Status();
  if (step->pattern != " {2,}") {
    return Unsupported("normalizer", "Replace of the regular expression \"" + step->pattern + "\"");
  }
  step->type = NormalizerType::kCollapseSpaces;
  step->pattern.clear();
  return Status();
}

Status ReadBertNormalizer(const JsonReader& reader, NormalizerStep* step) {
  step->type = NormalizerType::kBert;
  SIMILE_RETURN_IF_ERROR(reader.ReadOptional("clean_text", &step->clean_text));
  SIMILE_RETURN_IF_ERROR(reader.ReadOptional("handle_chinese_chars", &step->handle_chinese_chars));
  SIMILE_RETURN_IF_ERROR(reader.ReadOptional("lowercase", &step->lowercase));
  step->strip_accents = step->lowercase;
  return reader.ReadOptional("strip_accents", &step->strip_accents);
}

Status ReadPrecompiled(const JsonReader& reader, NormalizerStep* step,
                       Buffer<uint8_t>* charsmap) {
  step->type = NormalizerType::kPrecompiled;
  std::string encoded;
  SIMILE_RETURN_IF_ERROR(reader.Read("precompiled_charsmap", &encoded));
  if (!charsmap->empty()) return Unsupported("normalizer", "a second Precompiled");
  if (DecodeBase64(encoded, charsmap)) return Status();
  return reader.Fail("precompiled_charsmap", "expected base64");
}

constexpr std::pair<std::string_view, NormalizerType> kPlainNormalizers[] = {
    {"NFC", NormalizerType::kNfc},
    {"NFD", NormalizerType::kNfd},
    {"NFKC", NormalizerType::kNfkc},
    {"NFKD", NormalizerType::kNfkd},
    {"Lowercase", NormalizerType::kLowercase},
    {"StripAccents", NormalizerType::kStripAccents},
    {"Nmt", NormalizerType::kNmt},
};

// The type's members; false if it is none of those that have some.
Result<bool> ReadNormalizerMembers(const JsonReader& reader, const std::string& type,
                                   NormalizerStep* step, Buffer<uint8_t>* charsmap) {
  Status status;
  if (type == "BertNormalizer") {
    status = ReadBertNormalizer(reader, step);
  } else if (type == "Precompiled") {
    status = ReadPrecompiled(reader, step, charsmap);
  } else if (type == "Replace") {
    status = ReadReplace(reader, step);
  } else if (type == "Prepend") {
    step->type = NormalizerType::kPrepend;
    status = reader.Read("prepend", &step->content);
  } else if (type == "Strip") {
    step->type = NormalizerType::kStrip;
    SIMILE_RETURN_IF_ERROR(reader.Read("strip_left", &step->strip_left));
    status = reader.Read("strip_right", &step->strip_right);
  } else {
    return false;
  }
  if (!status.ok()) return status;
  return true;
}

Status ReadNormalizer(const Json& json, const std::string& type, TokenizerSteps* steps,
                      Buffer<uint8_t>* charsmap) {
  // A model without a map: the reference leaves the text as it is.
  if (type == "Precompiled" && Component(json, "precompiled_charsmap") == nullptr) return Status();
  NormalizerStep step;
  SIMILE_ASSIGN_OR_RETURN(bool is_known, ReadNormalizerMembers(ReaderOf(json, "normalizer", type),
                                                               type, &step, charsmap));
  for (const auto& [name, plain] : kPlainNormalizers) {
    if (type != name) continue;
    step.type = plain;
    is_known = true;
  }
  if (!is_known) return Unsupported("normalizer", "type '" + type + "'");
  steps->normalizers.push_back(std::move(step));
  return Status();
}

constexpr std::pair<std::string_view, SplitBehavior> kBehaviors[] = {
    {"Removed", SplitBehavior::kRemoved},
    {"Isolated", SplitBehavior::kIsolated},
    {"MergedWithPrevious", SplitBehavior::kMergedWithPrevious},
    {"MergedWithNext", SplitBehavior::kMergedWithNext},
    {"Contiguous", SplitBehavior::kContiguous},
};

Status ReadBehavior(const JsonReader& reader, SplitBehavior* behavior) {
  std::string name = "Isolated";
  SIMILE_RETURN_IF_ERROR(reader.ReadOptional("behavior", &name));
  for (const auto& [known, value] : kBehaviors) {
    if (name != known) continue;
    *behavior = value;
    return Status();
  }
  return reader.Fail("behavior", "'" + name + "' is not supported");
}

Status ReadSplit(const JsonReader& reader, PreTokenizerStep* step) {
  bool is_regex = false;
  SIMILE_RETURN_IF_ERROR(ReadPattern(reader, &step->text, &is_regex));
  SIMILE_RETURN_IF_ERROR(ReadBehavior(reader, &step->behavior));
  SIMILE_RETURN_IF_ERROR(reader.Read("invert", &step->invert));
  if (!is_regex) return Status();
  const std::optional<SplitPattern> pattern = FindSplitPattern(step->text);
  if (!pattern) {
    return Unsupported("pre_tokenizer", "Split by the regular expression \"" + step->text + "\"");
  }
  step->pattern = *pattern;
  step->text.clear();
  return Status();
}

Status ReadMetaspace(const JsonReader& reader, PreTokenizerStep* step) {
  using Prepend = PreTokenizerStep::Prepend;
  bool add_prefix_space = true;
  std::string scheme = "always";
  SIMILE_RETURN_IF_ERROR(reader.Read("replacement", &step->replacement));
  SIMILE_RETURN_IF_ERROR(reader.ReadOptional("add_prefix_space", &add_prefix_space));
  SIMILE_RETURN_IF_ERROR(reader.ReadOptional("prepend_scheme", &scheme));
  SIMILE_RETURN_IF_ERROR(reader.ReadOptional("split", &step->split));
  if (scheme != "always" && scheme != "first" && scheme != "never") {
    return reader.Fail("prepend_scheme", "'" + scheme + "' is not supported");
  }
  if (!add_prefix_space && reader.json().Find("prepend_scheme") != nullptr && scheme != "never") {
    return reader.Fail("prepend_scheme", "contradicts 'add_prefix_space'");
  }
  step->prepend = scheme == "never" || !add_prefix_space ? Prepend::kNever
                  : scheme == "first"                    ? Prepend::kFirst
                                                         : Prepend::kAlways;
  return Status();
}

constexpr std::pair<std::string_view, PreTokenizerType> kPreTokenizers[] = {
    {"BertPreTokenizer", PreTokenizerType::kBert},
    {"Metaspace", PreTokenizerType::kMetaspace},
    {"WhitespaceSplit", PreTokenizerType::kWhitespaceSplit},
    {"Whitespace", PreTokenizerType::kWhitespace},
    {"Digits", PreTokenizerType::kDigits},
    {"Punctuation", PreTokenizerType::kPunctuation},
    {"ByteLevel", PreTokenizerType::kByteLevel},
    {"Split", PreTokenizerType::kSplit},
};

Status ReadPreTokenizer(const Json& json, const std::string& type, TokenizerSteps* steps) {
  const JsonReader reader = ReaderOf(json, "pre_tokenizer", type);
  PreTokenizerStep step;
  bool is_known = false;
  for (const auto& [name, known] : kPreTokenizers) {
    if (type != name) continue;
    step.type = known;
    is_known = true;
  }
  if (!is_known) return Unsupported("pre_tokenizer", "type '" + type + "'");
  Status status;
  if (step.type == PreTokenizerType::kMetaspace) {
    status = ReadMetaspace(reader, &step);
  } else if (step.type == PreTokenizerType::kDigits) {
    status = reader.ReadOptional("individual_digits", &step.individual_digits);
  } else if (step.type == PreTokenizerType::kPunctuation) {
    status = ReadBehavior(reader, &step.behavior);
  } else if (step.type == PreTokenizerType::kSplit) {
    status = ReadSplit(reader, &step);
  } else if (step.type == PreTokenizerType::kByteLevel) {
    SIMILE_RETURN_IF_ERROR(reader.Read("add_prefix_space", &step.add_prefix_space));
    status = reader.ReadOptional("use_regex", &step.use_regex);
  }
  if (status.ok()) steps->pre_tokenizers.push_back(std::move(step));
  return status;
}

// "cls": ["<s>", 0]
Status ReadTokenPair(const JsonReader& reader, std::string_view member,
                     std::vector<uint32_t>* ids) {
  const Json* pair = reader.json().Find(member);
  const Json::Array* values = pair == nullptr ? nullptr : pair->array();
  const double* id =
      values == nullptr || values->size() != 2 ? nullptr : (*values)[1].number();
  if (id == nullptr || !(*id >= 0 && *id < 1 << 20) || *id != static_cast<uint32_t>(*id)) {
    return reader.Fail(member, "expected a token and its id");
  }
  ids->push_back(static_cast<uint32_t>(*id));
  return Status();
}

// The ids of {"id": "<s>", …} by the template's list of special tokens.
Status AppendTemplateToken(const JsonReader& reader, const Json& part,
                           std::vector<uint32_t>* ids) {
  const Json* name = part.Find("id");
  const Json* tokens = reader.json().Find("special_tokens");
  const Json* token = name == nullptr || name->string() == nullptr || tokens == nullptr
                          ? nullptr
                          : tokens->Find(*name->string());
  const Json* values = token == nullptr ? nullptr : token->Find("ids");
  if (values == nullptr || values->array() == nullptr) {
    return reader.Fail("special_tokens", "lacks a token of the template");
  }
  for (const Json& value : *values->array()) {
    const double* id = value.number();
    if (id == nullptr || !(*id >= 0 && *id < 1 << 20) || *id != static_cast<uint32_t>(*id)) {
      return reader.Fail("special_tokens", "expected ids");
    }
    ids->push_back(static_cast<uint32_t>(*id));
  }
  return Status();
}

Status ReadTemplate(const JsonReader& reader, TokenizerSteps* steps) {
  const Json* single = reader.json().Find("single");
  if (single == nullptr || single->array() == nullptr) {
    return reader.Fail("single", "expected a list");
  }
  int sequences = 0;
  for (const Json& part : *single->array()) {
    if (const Json* special = part.Find("SpecialToken")) {
      SIMILE_RETURN_IF_ERROR(AppendTemplateToken(
          reader, *special, sequences == 0 ? &steps->prefix_ids : &steps->suffix_ids));
    } else if (part.Find("Sequence") != nullptr) {
      ++sequences;
    }
  }
  return sequences == 1 ? Status() : reader.Fail("single", "expected the text once");
}

Status ReadPostProcessor(const Json& json, const std::string& type, TokenizerSteps* steps) {
  const JsonReader reader = ReaderOf(json, "post_processor", type);
  const bool is_roberta = type == "RobertaProcessing";
  if (type == "TemplateProcessing" || type == "BertProcessing" || is_roberta) {
    if (!steps->prefix_ids.empty() || !steps->suffix_ids.empty()) {
      return Unsupported("post_processor", "a second " + type);
    }
  }
  if (type == "ByteLevel" || is_roberta) {
    SIMILE_RETURN_IF_ERROR(reader.ReadOptional("trim_offsets", &steps->trim_offsets));
    SIMILE_RETURN_IF_ERROR(
        reader.ReadOptional("add_prefix_space", &steps->trim_keeps_prefix_space));
    if (!is_roberta) return Status();
  }
  if (type == "TemplateProcessing") return ReadTemplate(reader, steps);
  if (type != "BertProcessing" && !is_roberta) {
    return Unsupported("post_processor", "type '" + type + "'");
  }
  SIMILE_RETURN_IF_ERROR(ReadTokenPair(reader, "cls", &steps->prefix_ids));
  return ReadTokenPair(reader, "sep", &steps->suffix_ids);
}

Status CheckCounts(const TokenizerSteps& steps) {
  const std::pair<const char*, std::pair<size_t, size_t>> limits[] = {
      {"normalizer", {steps.normalizers.size(), TokenizerSteps::kMaxSteps}},
      {"pre_tokenizer", {steps.pre_tokenizers.size(), TokenizerSteps::kMaxSteps}},
      {"post_processor", {steps.prefix_ids.size(), TokenizerSteps::kMaxEndTokens}},
      {"post_processor", {steps.suffix_ids.size(), TokenizerSteps::kMaxEndTokens}},
  };
  for (const auto& [component, count] : limits) {
    if (count.first <= count.second) continue;
    return BadModel("tokenizer.json: '" + std::string(component) + "': expected at most " +
                    std::to_string(count.second) + " parts, found " +
                    std::to_string(count.first));
  }
  return Status();
}

}  // namespace

Status ReadTokenizerSteps(const Json& tokenizer, TokenizerSteps* steps,
                          Buffer<uint8_t>* charsmap) {
  if (const Json* json = Component(tokenizer, "normalizer")) {
    SIMILE_RETURN_IF_ERROR(ForEachPart(*json, "normalizer", "normalizers",
                                       [&](const Json& part, const std::string& type) {
                                         return ReadNormalizer(part, type, steps, charsmap);
                                       }));
  }
  if (const Json* json = Component(tokenizer, "pre_tokenizer")) {
    SIMILE_RETURN_IF_ERROR(ForEachPart(*json, "pre_tokenizer", "pretokenizers",
                                       [&](const Json& part, const std::string& type) {
                                         return ReadPreTokenizer(part, type, steps);
                                       }));
  }
  if (const Json* json = Component(tokenizer, "post_processor")) {
    SIMILE_RETURN_IF_ERROR(ForEachPart(*json, "post_processor", "processors",
                                       [&](const Json& part, const std::string& type) {
                                         return ReadPostProcessor(part, type, steps);
                                       }));
  }
  return CheckCounts(*steps);
}

}  // namespace simile

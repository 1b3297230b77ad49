// SPDX-License-Identifier: Apache-2.0
#include "model/tokenizer_steps_json.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/config_json.h"
#include "text/piece_table.h"

namespace simile {
namespace {

using Normalize = NormalizerStep::Type;
using PreTokenize = PreTokenizerStep::Type;
using Prepend = PreTokenizerStep::Prepend;

constexpr NameOf<Normalize> kNormalizers[] = {
    {"bert", Normalize::kBert},
    {"precompiled", Normalize::kPrecompiled},
    {"nfc", Normalize::kNfc},
    {"nfd", Normalize::kNfd},
    {"nfkc", Normalize::kNfkc},
    {"nfkd", Normalize::kNfkd},
    {"lowercase", Normalize::kLowercase},
    {"strip_accents", Normalize::kStripAccents},
    {"nmt", Normalize::kNmt},
    {"replace", Normalize::kReplace},
    {"collapse_spaces", Normalize::kCollapseSpaces},
    {"prepend", Normalize::kPrepend},
    {"strip", Normalize::kStrip},
};

constexpr NameOf<PreTokenize> kPreTokenizers[] = {
    {"bert", PreTokenize::kBert},
    {"metaspace", PreTokenize::kMetaspace},
    {"whitespace_split", PreTokenize::kWhitespaceSplit},
    {"whitespace", PreTokenize::kWhitespace},
    {"digits", PreTokenize::kDigits},
    {"punctuation", PreTokenize::kPunctuation},
    {"byte_level", PreTokenize::kByteLevel},
    {"split", PreTokenize::kSplit},
};

constexpr NameOf<Prepend> kPrepends[] = {
    {"always", Prepend::kAlways}, {"first", Prepend::kFirst}, {"never", Prepend::kNever}};

constexpr NameOf<SplitBehavior> kBehaviors[] = {
    {"removed", SplitBehavior::kRemoved},
    {"isolated", SplitBehavior::kIsolated},
    {"merged_with_previous", SplitBehavior::kMergedWithPrevious},
    {"merged_with_next", SplitBehavior::kMergedWithNext},
    {"contiguous", SplitBehavior::kContiguous},
};

constexpr NameOf<SplitPattern> kPatterns[] = {
    {"text", SplitPattern::kText},
    {"gpt2", SplitPattern::kGpt2},
    {"llama3", SplitPattern::kLlama3},
    {"qwen2", SplitPattern::kQwen2},
};

// The flags and texts of each kind of part, by name: one list to write and to read.
template <typename T>
struct Member {
  const char* name;
  T value;
};
constexpr Member<bool AddedToken::*> kTokenFlags[] = {
    {"single_word", &AddedToken::single_word},
    {"lstrip", &AddedToken::lstrip},
    {"rstrip", &AddedToken::rstrip},
    {"normalized", &AddedToken::normalized},
};
constexpr Member<bool NormalizerStep::*> kNormalizerFlags[] = {
    {"strip_left", &NormalizerStep::strip_left},
    {"strip_right", &NormalizerStep::strip_right},
    {"clean_text", &NormalizerStep::clean_text},
    {"handle_chinese_chars", &NormalizerStep::handle_chinese_chars},
    {"strip_accents", &NormalizerStep::strip_accents},
    {"lowercase", &NormalizerStep::lowercase},
};
constexpr Member<std::string NormalizerStep::*> kNormalizerTexts[] = {
    {"pattern", &NormalizerStep::pattern},
    {"content", &NormalizerStep::content},
};
constexpr Member<bool PreTokenizerStep::*> kPreTokenizerFlags[] = {
    {"split", &PreTokenizerStep::split},
    {"individual_digits", &PreTokenizerStep::individual_digits},
    {"add_prefix_space", &PreTokenizerStep::add_prefix_space},
    {"use_regex", &PreTokenizerStep::use_regex},
    {"invert", &PreTokenizerStep::invert},
};
constexpr Member<std::string PreTokenizerStep::*> kPreTokenizerTexts[] = {
    {"replacement", &PreTokenizerStep::replacement},
    {"text", &PreTokenizerStep::text},
};
constexpr Member<bool TokenizerSteps::*> kStepsFlags[] = {
    {"trim_offsets", &TokenizerSteps::trim_offsets},
    {"trim_keeps_prefix_space", &TokenizerSteps::trim_keeps_prefix_space},
    {"fuse_unk", &TokenizerSteps::fuse_unk},
    {"byte_fallback", &TokenizerSteps::byte_fallback},
    {"ignore_merges", &TokenizerSteps::ignore_merges},
};

// Those that differ from a fresh T.
template <typename T, typename M, size_t N>
void WriteMembers(const T& from, const Member<M> (&members)[N], Json* json) {
  const T fresh;
  for (const Member<M>& member : members) {
    if (from.*member.value != fresh.*member.value) json->Set(member.name, from.*member.value);
  }
}

template <typename T, typename M, size_t N>
Status ReadMembers(const JsonReader& reader, const Member<M> (&members)[N], T* to) {
  for (const Member<M>& member : members) {
    SIMILE_RETURN_IF_ERROR(reader.ReadOptional(member.name, &(to->*member.value)));
  }
  return Status();
}

Status CheckText(const JsonReader& reader, std::string_view member, const std::string& text) {
  if (text.size() <= TokenizerSteps::kMaxTextBytes) return Status();
  return reader.Fail(member, "expected at most " +
                                 std::to_string(TokenizerSteps::kMaxTextBytes) + " bytes");
}

Json ToJson(const AddedToken& token) {
  Json json;
  json.Set("id", token.id);
  json.Set("content", token.content);
  WriteMembers(token, kTokenFlags, &json);
  return json;
}

Json ToJson(const NormalizerStep& step) {
  Json json;
  json.Set("type", NameIn(kNormalizers, step.type));
  WriteMembers(step, kNormalizerTexts, &json);
  WriteMembers(step, kNormalizerFlags, &json);
  return json;
}

Json ToJson(const PreTokenizerStep& step) {
  const PreTokenizerStep fresh;
  Json json;
  json.Set("type", NameIn(kPreTokenizers, step.type));
  WriteMembers(step, kPreTokenizerTexts, &json);
  WriteMembers(step, kPreTokenizerFlags, &json);
  if (step.prepend != fresh.prepend) json.Set("prepend", NameIn(kPrepends, step.prepend));
  if (step.pattern != fresh.pattern) json.Set("pattern", NameIn(kPatterns, step.pattern));
  if (step.behavior != fresh.behavior) json.Set("behavior", NameIn(kBehaviors, step.behavior));
  return json;
}

Json ToJson(uint32_t id) { return id; }

Status FromJson(const JsonReader& reader, AddedToken* token) {
  SIMILE_RETURN_IF_ERROR(ReadU32(reader, "id", 0, PieceTable::kMaxPieces - 1, &token->id));
  SIMILE_RETURN_IF_ERROR(reader.Read("content", &token->content));
  SIMILE_RETURN_IF_ERROR(CheckText(reader, "content", token->content));
  return ReadMembers(reader, kTokenFlags, token);
}

Status FromJson(const JsonReader& reader, NormalizerStep* step) {
  SIMILE_RETURN_IF_ERROR(ReadName(reader, "type", "normalizer", kNormalizers, &step->type));
  SIMILE_RETURN_IF_ERROR(ReadMembers(reader, kNormalizerTexts, step));
  SIMILE_RETURN_IF_ERROR(CheckText(reader, "pattern", step->pattern));
  SIMILE_RETURN_IF_ERROR(CheckText(reader, "content", step->content));
  return ReadMembers(reader, kNormalizerFlags, step);
}

Status FromJson(const JsonReader& reader, PreTokenizerStep* step) {
  SIMILE_RETURN_IF_ERROR(ReadName(reader, "type", "pre-tokenizer", kPreTokenizers, &step->type));
  SIMILE_RETURN_IF_ERROR(ReadMembers(reader, kPreTokenizerTexts, step));
  SIMILE_RETURN_IF_ERROR(CheckText(reader, "text", step->text));
  SIMILE_RETURN_IF_ERROR(ReadMembers(reader, kPreTokenizerFlags, step));
  SIMILE_RETURN_IF_ERROR(ReadOptionalName(reader, "prepend", "prepend", kPrepends, &step->prepend));
  SIMILE_RETURN_IF_ERROR(ReadOptionalName(reader, "pattern", "pattern", kPatterns, &step->pattern));
  return ReadOptionalName(reader, "behavior", "behavior", kBehaviors, &step->behavior);
}

template <typename T>
void WriteList(const char* name, const std::vector<T>& parts, Json* json) {
  if (parts.empty()) return;
  Json::Array array;
  for (const T& part : parts) array.push_back(ToJson(part));
  json->Set(name, std::move(array));
}

Result<const Json::Array*> ListOf(const JsonReader& reader, const char* name, size_t max_count) {
  static const Json::Array kEmpty;
  const Json* list = reader.json().Find(name);
  if (list == nullptr) return &kEmpty;
  if (list->array() != nullptr && list->array()->size() <= max_count) return list->array();
  return reader.Fail(name, "expected a list of at most " + std::to_string(max_count) + " parts");
}

template <typename T>
Status ReadList(const JsonReader& reader, const char* name, size_t max_count,
                std::vector<T>* parts) {
  SIMILE_ASSIGN_OR_RETURN(const Json::Array* list, ListOf(reader, name, max_count));
  for (const Json& json : *list) {
    parts->emplace_back();
    SIMILE_RETURN_IF_ERROR(
        FromJson(JsonReader(json, reader.what() + ": '" + name + "'"), &parts->back()));
  }
  return Status();
}

Status ReadIds(const JsonReader& reader, const char* name, std::vector<uint32_t>* ids) {
  SIMILE_ASSIGN_OR_RETURN(const Json::Array* list,
                          ListOf(reader, name, TokenizerSteps::kMaxEndTokens));
  for (const Json& json : *list) {
    const double* id = json.number();
    if (id == nullptr || !(*id >= 0 && *id < PieceTable::kMaxPieces) ||
        *id != static_cast<uint32_t>(*id)) {
      return reader.Fail(name, "expected ids");
    }
    ids->push_back(static_cast<uint32_t>(*id));
  }
  return Status();
}

}  // namespace

Json StepsToJson(const TokenizerSteps& steps) {
  Json json{Json::Object()};
  WriteList("added_tokens", steps.added_tokens, &json);
  WriteList("normalizers", steps.normalizers, &json);
  WriteList("pre_tokenizers", steps.pre_tokenizers, &json);
  WriteList("prefix_ids", steps.prefix_ids, &json);
  WriteList("suffix_ids", steps.suffix_ids, &json);
  if (steps.unk_id != TokenizerSteps::kNoId) json.Set("unk_id", steps.unk_id);
  WriteMembers(steps, kStepsFlags, &json);
  return json;
}

Status StepsFromJson(const JsonReader& reader, TokenizerSteps* steps) {
  constexpr size_t kMaxSteps = TokenizerSteps::kMaxSteps;
  SIMILE_RETURN_IF_ERROR(ReadList(reader, "added_tokens", TokenizerSteps::kMaxAddedTokens,
                                  &steps->added_tokens));
  SIMILE_RETURN_IF_ERROR(ReadList(reader, "normalizers", kMaxSteps, &steps->normalizers));
  SIMILE_RETURN_IF_ERROR(ReadList(reader, "pre_tokenizers", kMaxSteps, &steps->pre_tokenizers));
  SIMILE_RETURN_IF_ERROR(ReadIds(reader, "prefix_ids", &steps->prefix_ids));
  SIMILE_RETURN_IF_ERROR(ReadIds(reader, "suffix_ids", &steps->suffix_ids));
  SIMILE_RETURN_IF_ERROR(
      ReadOptionalU32(reader, "unk_id", 0, PieceTable::kMaxPieces - 1, &steps->unk_id));
  return ReadMembers(reader, kStepsFlags, steps);
}

}  // namespace simile

// SPDX-License-Identifier: Apache-2.0
#include "convert/tokenizer_model.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

namespace simile {
namespace {

// As the file states it and the table wants it: views into the parsed file, sorted by
// their bytes.
class Vocab {
 public:
  Status Add(std::string_view piece, uint32_t id) {
    if (parts_.keys.size() == PieceTable::kMaxPieces) {
      return BadModel("tokenizer.json: expected at most " +
                      std::to_string(PieceTable::kMaxPieces) + " tokens");
    }
    parts_.piece_count = std::max(parts_.piece_count, id + 1);
    ++entry_count_;
    if (!piece.empty()) parts_.keys.emplace_back(piece, id);  // the empty one is never found
    return Status();
  }

  // Of the same piece twice the last one counts, as in the reference's map.
  void Sort() {
    std::vector<KeyValue>& keys = parts_.keys;
    std::sort(keys.begin(), keys.end());  // of the same piece by its ids
    size_t kept = 0;
    for (size_t i = 0; i < keys.size(); ++i) {
      if (i + 1 < keys.size() && keys[i + 1].first == keys[i].first) continue;
      keys[kept++] = keys[i];
    }
    keys.resize(kept);
  }

  uint32_t Find(std::string_view piece) const {
    const auto found = std::lower_bound(
        parts_.keys.begin(), parts_.keys.end(), piece,
        [](const KeyValue& a, std::string_view b) { return a.first < b; });
    const bool is_there = found != parts_.keys.end() && found->first == piece;
    return is_there ? found->second : PieceTable::kNoPiece;
  }

  PieceTableParts& parts() { return parts_; }
  uint32_t entry_count() const { return entry_count_; }

 private:
  PieceTableParts parts_;
  uint32_t entry_count_ = 0;
};

Status ModelFail(const std::string& message) {
  return BadModel("tokenizer.json: 'model': " + message);
}

Status CheckRoom(size_t entries) {
  // A key, a score, and a merge of each, twice while a vector grows.
  if (HasHeadroom(entries * 2 * (sizeof(KeyValue) + sizeof(double) + sizeof(Merge)))) {
    return Status();
  }
  return OutOfMemory("no room for a vocabulary of " + std::to_string(entries) + " tokens");
}

// [[piece, score], …]; the id is the place in the list.
Status ReadScoredPieces(const Json& model, Vocab* vocab) {
  const Json* list = model.Find("vocab");
  if (list == nullptr || list->array() == nullptr) return ModelFail("'vocab': expected a list");
  SIMILE_RETURN_IF_ERROR(CheckRoom(list->array()->size()));
  std::vector<double>& scores = vocab->parts().scores;
  for (const Json& entry : *list->array()) {
    const Json::Array* pair = entry.array();
    if (pair == nullptr || pair->size() != 2 || (*pair)[0].string() == nullptr ||
        (*pair)[1].number() == nullptr) {
      return ModelFail("'vocab': entry " + std::to_string(scores.size()) +
                       ": expected a piece and its score");
    }
    SIMILE_RETURN_IF_ERROR(
        vocab->Add(*(*pair)[0].string(), static_cast<uint32_t>(scores.size())));
    scores.push_back(*(*pair)[1].number());
  }
  vocab->Sort();
  return Status();
}

// {piece: id, …}
Status ReadPieceIds(const Json& model, Vocab* vocab) {
  const Json* object = model.Find("vocab");
  if (object == nullptr || object->object() == nullptr) {
    return ModelFail("'vocab': expected an object");
  }
  SIMILE_RETURN_IF_ERROR(CheckRoom(object->object()->size()));
  for (const auto& [piece, id_json] : *object->object()) {
    const double* id = id_json.number();
    if (id == nullptr || !(*id >= 0 && *id < PieceTable::kMaxPieces) || *id != std::floor(*id)) {
      return ModelFail("'vocab': the id of \"" + piece + "\" is no whole number below " +
                       std::to_string(PieceTable::kMaxPieces));
    }
    SIMILE_RETURN_IF_ERROR(vocab->Add(piece, static_cast<uint32_t>(*id)));
  }
  vocab->Sort();
  return Status();
}

// A merge is "left right" or [left, right].
bool SplitMerge(const Json& json, std::string_view* left, std::string_view* right) {
  if (const std::string* text = json.string()) {
    const size_t space = text->find(' ');
    if (space == std::string::npos || text->find(' ', space + 1) != std::string::npos) {
      return false;
    }
    *left = std::string_view(*text).substr(0, space);
    *right = std::string_view(*text).substr(space + 1);
    return true;
  }
  const Json::Array* pair = json.array();
  if (pair == nullptr || pair->size() != 2 || (*pair)[0].string() == nullptr ||
      (*pair)[1].string() == nullptr) {
    return false;
  }
  *left = *(*pair)[0].string();
  *right = *(*pair)[1].string();
  return true;
}

Status ReadMerges(const Json& model, Vocab* vocab) {
  const Json* list = model.Find("merges");
  if (list == nullptr || list->array() == nullptr) return ModelFail("'merges': expected a list");
  SIMILE_RETURN_IF_ERROR(CheckRoom(list->array()->size()));
  std::vector<Merge>& merges = vocab->parts().merges;
  std::string both;
  for (const Json& entry : *list->array()) {
    std::string_view left;
    std::string_view right;
    if (!SplitMerge(entry, &left, &right)) {
      return ModelFail("'merges': entry " + std::to_string(merges.size()) +
                       ": expected two tokens");
    }
    both.assign(left);
    both += right;
    const Merge merge = {vocab->Find(left), vocab->Find(right), vocab->Find(both)};
    if (std::max({merge.left, merge.right, merge.merged}) == PieceTable::kNoPiece) {
      return ModelFail("'merges': entry " + std::to_string(merges.size()) +
                       ": the vocabulary lacks \"" + both + "\" or a part of it");
    }
    merges.push_back(merge);
  }
  return Status();
}

Status ReadUnigram(const JsonReader& model, TokenizerConfig* config, Vocab* vocab) {
  config->kind = TokenizerKind::kUnigram;
  int64_t unk_id = 0;
  SIMILE_RETURN_IF_ERROR(model.Read("unk_id", 0, PieceTable::kMaxPieces - 1, &unk_id));
  config->steps.unk_id = static_cast<uint32_t>(unk_id);
  SIMILE_RETURN_IF_ERROR(model.ReadOptional("byte_fallback", &config->steps.byte_fallback));
  return ReadScoredPieces(model.json(), vocab);
}

// What the engine's BPE does not do.
Status RefuseBpeOptions(const JsonReader& model) {
  double dropout = 0;
  SIMILE_RETURN_IF_ERROR(model.ReadOptional("dropout", &dropout));
  if (dropout != 0) return model.Fail("dropout", "is not supported");
  for (const char* member : {"continuing_subword_prefix", "end_of_word_suffix"}) {
    std::string affix;
    SIMILE_RETURN_IF_ERROR(model.ReadOptional(member, &affix));
    if (!affix.empty()) return model.Fail(member, "is not supported");
  }
  return Status();
}

Status ReadBpe(const JsonReader& model, TokenizerConfig* config, Vocab* vocab) {
  config->kind = TokenizerKind::kBpe;
  TokenizerSteps& steps = config->steps;
  SIMILE_RETURN_IF_ERROR(RefuseBpeOptions(model));
  SIMILE_RETURN_IF_ERROR(model.ReadOptional("fuse_unk", &steps.fuse_unk));
  SIMILE_RETURN_IF_ERROR(model.ReadOptional("byte_fallback", &steps.byte_fallback));
  SIMILE_RETURN_IF_ERROR(model.ReadOptional("ignore_merges", &steps.ignore_merges));
  SIMILE_RETURN_IF_ERROR(ReadPieceIds(model.json(), vocab));
  std::string unk_token;
  SIMILE_RETURN_IF_ERROR(model.ReadOptional("unk_token", &unk_token));
  if (!unk_token.empty()) {
    steps.unk_id = vocab->Find(unk_token);
    if (steps.unk_id == PieceTable::kNoPiece) {
      return model.Fail("unk_token", "the vocabulary lacks \"" + unk_token + "\"");
    }
  }
  return ReadMerges(model.json(), vocab);
}

Status ReadWordPiece(const JsonReader& model, TokenizerConfig* config, Vocab* vocab) {
  config->kind = TokenizerKind::kWordPiece;
  WordPieceConfig& wordpiece = config->wordpiece;
  SIMILE_RETURN_IF_ERROR(model.ReadOptional("unk_token", &wordpiece.unk_token));
  SIMILE_RETURN_IF_ERROR(
      model.ReadOptional("continuing_subword_prefix", &wordpiece.continuing_prefix));
  int64_t max_word_chars = wordpiece.max_word_chars;
  SIMILE_RETURN_IF_ERROR(
      model.ReadOptional("max_input_chars_per_word", 1, 10000, &max_word_chars));
  wordpiece.max_word_chars = static_cast<uint32_t>(max_word_chars);
  SIMILE_RETURN_IF_ERROR(ReadPieceIds(model.json(), vocab));
  config->steps.unk_id = vocab->Find(wordpiece.unk_token);
  if (config->steps.unk_id != PieceTable::kNoPiece) return Status();
  return model.Fail("unk_token", "the vocabulary lacks \"" + wordpiece.unk_token + "\"");
}

Status ReadAddedToken(const Json& json, const Vocab& vocab, uint32_t* next_id,
                      AddedToken* token) {
  SIMILE_RETURN_IF_ERROR(JsonReader(json, "tokenizer.json: 'added_tokens'")
                             .Read("content", &token->content));
  const JsonReader reader(json, "tokenizer.json: added token \"" + token->content + "\"");
  if (token->content.empty() || token->content.size() > TokenizerSteps::kMaxTextBytes) {
    return reader.Fail("content", "expected 1 to " +
                                      std::to_string(TokenizerSteps::kMaxTextBytes) + " bytes");
  }
  bool special = false;
  SIMILE_RETURN_IF_ERROR(reader.ReadOptional("special", &special));
  token->normalized = !special;  // the reference's default
  SIMILE_RETURN_IF_ERROR(reader.ReadOptional("single_word", &token->single_word));
  SIMILE_RETURN_IF_ERROR(reader.ReadOptional("lstrip", &token->lstrip));
  SIMILE_RETURN_IF_ERROR(reader.ReadOptional("rstrip", &token->rstrip));
  SIMILE_RETURN_IF_ERROR(reader.ReadOptional("normalized", &token->normalized));
  int64_t id = 0;
  SIMILE_RETURN_IF_ERROR(reader.Read("id", 0, PieceTable::kMaxPieces - 1, &id));
  token->id = static_cast<uint32_t>(id);
  // The reference gives ids itself: those of the vocabulary, else the next ones.
  uint32_t expected = vocab.Find(token->content);
  if (expected == PieceTable::kNoPiece) expected = (*next_id)++;
  if (token->id == expected) return Status();
  return reader.Fail("id", "the vocabulary does not have it at " + std::to_string(id) +
                               " but at " + std::to_string(expected));
}

Status ReadAddedTokens(const Json& tokenizer, const Vocab& vocab, uint32_t next_id,
                       std::vector<AddedToken>* added) {
  const Json* list = tokenizer.Find("added_tokens");
  if (list == nullptr || list->array() == nullptr) return Status();
  if (list->array()->size() > TokenizerSteps::kMaxAddedTokens) {
    return BadModel("tokenizer.json: 'added_tokens': expected at most " +
                    std::to_string(TokenizerSteps::kMaxAddedTokens));
  }
  for (const Json& json : *list->array()) {
    AddedToken token;
    SIMILE_RETURN_IF_ERROR(ReadAddedToken(json, vocab, &next_id, &token));
    added->push_back(std::move(token));
  }
  return Status();
}

Status ReadModel(const Json& tokenizer, TokenizerConfig* config, Vocab* vocab) {
  const Json* json = tokenizer.Find("model");
  if (json == nullptr || json->object() == nullptr) return ModelFail("expected an object");
  const JsonReader model(*json, "tokenizer.json: 'model'");
  std::string type;
  SIMILE_RETURN_IF_ERROR(model.Read("type", &type));
  if (type == "Unigram") return ReadUnigram(model, config, vocab);
  if (type == "BPE") return ReadBpe(model, config, vocab);
  if (type == "WordPiece") return ReadWordPiece(model, config, vocab);
  return model.Fail("type", "'" + type + "' is not supported; this version reads 'WordPiece', "
                            "'Unigram' and 'BPE'");
}

}  // namespace

Status ReadTokenizerModel(const Json& tokenizer, std::string_view charsmap,
                          TokenizerConfig* config, Buffer<uint8_t>* vocab, size_t* vocab_size) {
  Vocab pieces;
  SIMILE_RETURN_IF_ERROR(ReadModel(tokenizer, config, &pieces));
  PieceTableParts& parts = pieces.parts();
  SIMILE_RETURN_IF_ERROR(ReadAddedTokens(tokenizer, pieces, pieces.entry_count(),
                                         &config->steps.added_tokens));
  parts.charsmap = charsmap;
  *vocab_size = parts.piece_count;
  for (const AddedToken& token : config->steps.added_tokens) {
    *vocab_size = std::max(*vocab_size, size_t{token.id} + 1);
  }
  SIMILE_ASSIGN_OR_RETURN(*vocab, BuildPieceTable(parts));
  return Status();
}

}  // namespace simile

// SPDX-License-Identifier: Apache-2.0
// WordPiece over a PieceTable: greedy longest match, as text/wordpiece.h, for
// tokenizers whose other parts that one does not know.
// Reference: models/wordpiece of Hugging Face tokenizers.
#include <new>
#include <string>

#include "text/subword_model.h"

namespace simile {
namespace {

class WordPieceModel final : public SubwordModel {
 public:
  WordPieceModel(const PieceTable& table, uint32_t unk_id, uint32_t max_chars)
      : table_(table), unk_id_(unk_id), max_chars_(max_chars) {}

  // False if no piece begins with the prefix; then no word is cut in two.
  void WalkPrefix(const std::string& prefix) {
    for (const char byte : prefix) {
      has_prefix_ = has_prefix_ && table_.trie().Walk(static_cast<uint8_t>(byte), &after_prefix_);
    }
  }

  Status Cut(const AlignedChar* chars, size_t count, SubwordScratch* scratch) const override;

 private:
  const PieceTable& table_;
  uint32_t unk_id_;
  uint32_t max_chars_;
  DoubleArray::Cursor after_prefix_ = table_.trie().Begin();
  bool has_prefix_ = true;
};

Status WordPieceModel::Cut(const AlignedChar* chars, size_t count,
                           SubwordScratch* scratch) const {
  Buffer<Piece>& pieces = scratch->pieces;
  pieces.Clear();
  const auto end = static_cast<uint32_t>(count);
  uint32_t first = 0;
  while (first < end && count <= max_chars_) {
    DoubleArray::Cursor cursor = first == 0 ? table_.trie().Begin() : after_prefix_;
    Piece longest = {PieceTable::kNoPiece, first, first};
    for (uint32_t i = first; i < end && (first == 0 || has_prefix_); ++i) {
      if (!WalkChar(table_, chars[i].code_point, &cursor)) break;
      const uint32_t id = table_.IdAt(cursor);
      if (id != PieceTable::kNoPiece) longest = {id, first, i + 1};
    }
    if (longest.id == PieceTable::kNoPiece) break;
    SIMILE_RETURN_IF_ERROR(pieces.Append(longest));
    first = longest.last;
  }
  if (first == end) return Status();
  pieces.Clear();
  return pieces.Append({unk_id_, 0, end});
}

}  // namespace

Result<std::unique_ptr<SubwordModel>> MakeWordPieceModel(const PieceTable& table,
                                                         const TokenizerConfig& config) {
  if (config.steps.unk_id >= table.size()) {
    return BadModel("tokenizer: 'unk_id': expected a piece of the vocabulary");
  }
  std::unique_ptr<WordPieceModel> model(new (std::nothrow) WordPieceModel(
      table, config.steps.unk_id, config.wordpiece.max_word_chars));
  if (model == nullptr) return OutOfMemory("cannot allocate a tokenizer");
  model->WalkPrefix(config.wordpiece.continuing_prefix);
  return std::unique_ptr<SubwordModel>(std::move(model));
}

}  // namespace simile

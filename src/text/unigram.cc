// SPDX-License-Identifier: Apache-2.0
// Unigram: the cut of a word whose pieces' scores add up to the most (Viterbi).
// Scores and sums are the reference's doubles in its order, so that ties fall alike.
// Reference: Kudo, Subword Regularization, 2018; models/unigram of Hugging Face
// tokenizers (encode_optimized).
#include <algorithm>
#include <new>
#include <string>

#include "text/subword_model.h"

namespace simile {
namespace {

// What an unknown character costs below the least likely piece.
constexpr double kUnknownPenalty = 10.0;
constexpr uint32_t kUnreached = 0xffffffff;

class Unigram final : public SubwordModel {
 public:
  Unigram(const PieceTable& table, const TokenizerSteps& steps)
      : table_(table),
        bytes_(ByteTokens::Find(table)),
        unk_score_(table.MinScore() - kUnknownPenalty),
        unk_id_(steps.unk_id),
        byte_fallback_(steps.byte_fallback) {}

  Status Cut(const AlignedChar* chars, size_t count, SubwordScratch* scratch) const override;

 private:
  using PathNode = SubwordScratch::PathNode;

  void ExtendFrom(const AlignedChar* chars, size_t begin, size_t count, PathNode* path) const;
  Status AppendUnknown(const AlignedChar* chars, uint32_t first, uint32_t last,
                       Buffer<Piece>* pieces) const;

  const PieceTable& table_;
  ByteTokens bytes_;
  double unk_score_;
  uint32_t unk_id_;
  bool byte_fallback_;
};

void Offer(double score, uint32_t id, size_t begin, SubwordScratch::PathNode* end) {
  if (end->begin != kUnreached && !(score > end->score)) return;
  *end = {score, id, static_cast<uint32_t>(begin)};
}

// All pieces that begin at a character; the character itself is unknown if none of
// them is it alone.
void Unigram::ExtendFrom(const AlignedChar* chars, size_t begin, size_t count,
                         PathNode* path) const {
  const double score_here = path[begin].score;
  bool is_known = false;
  DoubleArray::Cursor cursor = table_.trie().Begin();
  for (size_t i = begin; i < count && WalkChar(table_, chars[i].code_point, &cursor); ++i) {
    const uint32_t id = table_.IdAt(cursor);
    if (id == PieceTable::kNoPiece) continue;
    Offer(table_.Score(id) + score_here, id, begin, &path[i + 1]);
    is_known |= i == begin;
  }
  if (!is_known) Offer(unk_score_ + score_here, unk_id_, begin, &path[begin + 1]);
}

// A run of unknown characters is one token, or its bytes.
Status Unigram::AppendUnknown(const AlignedChar* chars, uint32_t first, uint32_t last,
                              Buffer<Piece>* pieces) const {
  const uint32_t id = FindPiece(table_, chars, first, last);
  if (id != PieceTable::kNoPiece) return pieces->Append({id, first, last});
  if (byte_fallback_) {
    // The tokens are put in order of the text, backwards: see Cut.
    const size_t begin = pieces->size();
    SIMILE_ASSIGN_OR_RETURN(const bool is_done, bytes_.Append(chars, first, last, pieces));
    std::reverse(pieces->begin() + begin, pieces->end());
    if (is_done) return Status();
  }
  return pieces->Append({unk_id_, first, last});
}

Status Unigram::Cut(const AlignedChar* chars, size_t count, SubwordScratch* scratch) const {
  SIMILE_RETURN_IF_ERROR(scratch->path.Resize(count + 1));
  PathNode* path = scratch->path.data();
  path[0] = {0.0, 0, 0};
  for (size_t i = 1; i <= count; ++i) path[i].begin = kUnreached;
  for (size_t begin = 0; begin < count; ++begin) ExtendFrom(chars, begin, count, path);
  // Back along the best path, then turned round.
  Buffer<Piece>& pieces = scratch->pieces;
  pieces.Clear();
  for (uint32_t end = static_cast<uint32_t>(count); end > 0;) {
    uint32_t begin = path[end].begin;
    if (path[end].id == unk_id_) {
      while (begin > 0 && path[begin].id == unk_id_) begin = path[begin].begin;
      SIMILE_RETURN_IF_ERROR(AppendUnknown(chars, begin, end, &pieces));
    } else {
      SIMILE_RETURN_IF_ERROR(pieces.Append({path[end].id, begin, end}));
    }
    end = begin;
  }
  std::reverse(pieces.begin(), pieces.end());
  return Status();
}

}  // namespace

Result<std::unique_ptr<SubwordModel>> MakeUnigram(const PieceTable& table,
                                                  const TokenizerSteps& steps) {
  if (!table.has_scores()) return BadModel("tokenizer.vocab: a Unigram needs scores");
  if (steps.unk_id >= table.size()) {
    return BadModel("tokenizer: 'unk_id': expected a piece of the vocabulary");
  }
  std::unique_ptr<SubwordModel> model(new (std::nothrow) Unigram(table, steps));
  if (model == nullptr) return OutOfMemory("cannot allocate a tokenizer");
  return model;
}

}  // namespace simile

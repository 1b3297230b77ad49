// SPDX-License-Identifier: Apache-2.0
// PieceTable: the vocabulary of a Unigram, BPE or WordPiece tokenizer, used in
// place as it lies in a model file. All numbers are little-endian:
//
//   bytes      what
//   0          "SPT1"
//   4          u32 P, pieces: ids are 0…P-1 (some may have no piece)
//   8          u32 U, units of the trie
//   12         u32 M, merges (BPE)
//   16         u32 S, scores: P (Unigram) or 0
//   20         u32 C, bytes of the character map
//   24         u32 W, bytes of a score: 5 or 8
//   28         u32 0
//   32         U * u32   double array of the pieces' UTF-8 -> id (text/double_array.h)
//   …          M * 3 u32 merges, first the earliest: left id, right id, id of both
//   …          S * f32   W = 5: scores, rounded …; W = 8: S * f64, as they are
//   …          C         sentencepiece's precompiled character map, padded to 4
//   …          S * i8    W = 5: … and what they lack, in the f64's last places
//
// Most scores were 32-bit floats before someone printed them: 5 bytes give all 8 back.
// A piece's text is not there: nothing needs it.

#ifndef SIMILE_TEXT_PIECE_TABLE_H_
#define SIMILE_TEXT_PIECE_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/buffer.h"
#include "base/status.h"
#include "text/double_array.h"

namespace simile {

struct Merge {
  uint32_t left;
  uint32_t right;
  uint32_t merged;
};

class PieceTable {
 public:
  static constexpr uint32_t kMaxPieces = 1u << 20;
  static constexpr uint32_t kMaxMerges = 1u << 21;
  static constexpr uint32_t kMaxCharsmapBytes = 1u << 24;
  static constexpr uint32_t kNoPiece = DoubleArray::kNoValue;

  PieceTable() = default;

  // Keeps the bytes. kBadModel if their parts do not add up, or a merge names an
  // id that is not there.
  static Result<PieceTable> Make(Buffer<uint8_t> bytes);

  uint32_t size() const { return piece_count_; }
  const DoubleArray& trie() const { return trie_; }
  // The id at a place of the trie, or kNoPiece.
  uint32_t IdAt(const DoubleArray::Cursor& cursor) const {
    return cursor.value < piece_count_ ? cursor.value : kNoPiece;
  }
  uint32_t Find(std::string_view piece) const {
    const uint32_t id = trie_.Find(piece);
    return id < piece_count_ ? id : kNoPiece;
  }

  bool has_scores() const { return score_count_ != 0; }
  double Score(uint32_t id) const;  // has_scores(), id < size()
  double MinScore() const;

  const Merge* merges() const { return merges_; }
  uint32_t merge_count() const { return merge_count_; }

  std::string_view charsmap() const { return charsmap_; }  // "" if there is none

 private:
  Buffer<uint8_t> bytes_;
  uint32_t piece_count_ = 0;
  uint32_t score_count_ = 0;
  uint32_t merge_count_ = 0;
  DoubleArray trie_;
  const Merge* merges_ = nullptr;
  const uint8_t* scores_ = nullptr;
  const int8_t* score_ulps_ = nullptr;  // nullptr: the scores are f64
  std::string_view charsmap_;
};

// What a table is made of. keys: as BuildDoubleArray wants them; values are ids.
struct PieceTableParts {
  uint32_t piece_count = 0;
  std::vector<KeyValue> keys;
  std::vector<double> scores;  // by id; empty, or piece_count of them
  std::vector<Merge> merges;
  std::string_view charsmap;
};

// kBadModel if the keys are not as they must be, or a score is not finite.
Result<Buffer<uint8_t>> BuildPieceTable(const PieceTableParts& parts);

}  // namespace simile

#endif  // SIMILE_TEXT_PIECE_TABLE_H_

// SPDX-License-Identifier: Apache-2.0
// SubwordModel: cuts one word into pieces of a vocabulary. The kinds are Unigram, BPE
// and WordPiece over a PieceTable (WordPiece over the lines of a vocab.txt is
// text/wordpiece.h).

#ifndef SIMILE_TEXT_SUBWORD_MODEL_H_
#define SIMILE_TEXT_SUBWORD_MODEL_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/buffer.h"
#include "base/status.h"
#include "text/aligned_text.h"
#include "text/piece_table.h"
#include "text/tokenizer_config.h"

namespace simile {

// A piece of a word: its characters [first, last).
struct Piece {
  uint32_t id;
  uint32_t first;
  uint32_t last;
};

// Memory that a model uses for one word after another, and what it found of each.
struct SubwordScratch {
  struct PathNode {  // the best way to cut the word up to a character (Unigram)
    double score;
    uint32_t id;
    uint32_t begin;
  };
  struct Symbol {  // a piece that may still be merged (BPE)
    uint32_t id;
    uint32_t size_bytes;  // 0: merged into another
    int32_t previous;     // -1: none
    int32_t next;
  };
  struct Candidate {  // a merge that may be done (BPE)
    uint32_t rank;
    uint32_t position;
    uint32_t merged;
  };
  Buffer<PathNode> path;
  Buffer<Symbol> symbols;
  Buffer<Candidate> heap;
  Buffer<Piece> pieces;
};

class SubwordModel {
 public:
  virtual ~SubwordModel() = default;

  // Leaves the pieces of chars [0, count) in scratch->pieces. count >= 1. Thread-safe.
  virtual Status Cut(const AlignedChar* chars, size_t count, SubwordScratch* scratch) const = 0;
};

// The table must outlive the model. kBadModel if it lacks what the model needs.
Result<std::unique_ptr<SubwordModel>> MakeUnigram(const PieceTable& table,
                                                  const TokenizerSteps& steps);
Result<std::unique_ptr<SubwordModel>> MakeBpe(const PieceTable& table,
                                              const TokenizerSteps& steps);
Result<std::unique_ptr<SubwordModel>> MakeWordPieceModel(const PieceTable& table,
                                                         const TokenizerConfig& config);

// The tokens <0x00>…<0xFF>: the pieces of characters that the vocabulary lacks.
class ByteTokens {
 public:
  // Without them all ids are kNoPiece.
  static ByteTokens Find(const PieceTable& table);

  // Appends one piece for each byte of chars [first, last), all of these characters;
  // false, and nothing is appended, if the vocabulary lacks one.
  Result<bool> Append(const AlignedChar* chars, uint32_t first, uint32_t last,
                      Buffer<Piece>* pieces) const;

  uint32_t id(uint8_t byte) const { return ids_[byte]; }

 private:
  uint32_t ids_[256];
};

// Walks the table's trie along one more character; false if no piece goes on so.
bool WalkChar(const PieceTable& table, uint32_t code_point, DoubleArray::Cursor* cursor);

// The id of the piece of exactly chars [first, last), or kNoPiece.
uint32_t FindPiece(const PieceTable& table, const AlignedChar* chars, uint32_t first,
                   uint32_t last);

}  // namespace simile

#endif  // SIMILE_TEXT_SUBWORD_MODEL_H_

// SPDX-License-Identifier: Apache-2.0
// BPE: a word's characters, of which the pair with the earliest merge becomes one
// piece until there is none. A heap holds the pairs: n log n for a word of n.
// Reference: Sennrich et al., Neural Machine Translation of Rare Words, 2016;
// models/bpe of Hugging Face tokenizers.
#include <algorithm>
#include <new>
#include <string>

#include "base/utf8.h"
#include "text/subword_model.h"

namespace simile {
namespace {

constexpr uint32_t kNoMerge = 0xffffffff;
// At most half of the slots are taken; a file that needs more attacks the table.
constexpr uint32_t kMaxProbes = 512;

// Finds a merge by its pair: open addressing over the table's own list.
class MergeIndex {
 public:
  Status Build(const PieceTable& table);

  // The rank of the pair's merge, or kNoMerge.
  uint32_t Find(uint32_t left, uint32_t right) const {
    if (slots_.empty()) return kNoMerge;
    for (uint32_t i = Hash(left, right);; ++i) {
      const uint32_t slot = slots_[i & mask_];
      if (slot == 0) return kNoMerge;
      const Merge& merge = merges_[slot - 1];
      if (merge.left == left && merge.right == right) return slot - 1;
    }
  }
  uint32_t Merged(uint32_t rank) const { return merges_[rank].merged; }

 private:
  static uint32_t Hash(uint32_t left, uint32_t right) {
    uint64_t mixed = (uint64_t{left} << 32 | right) * 0x9e3779b97f4a7c15u;
    mixed ^= mixed >> 29;
    return static_cast<uint32_t>(mixed * 0xbf58476d1ce4e5b9u >> 32);
  }

  const Merge* merges_ = nullptr;
  Buffer<uint32_t> slots_;  // rank + 1; 0: free
  uint32_t mask_ = 0;
};

Status MergeIndex::Build(const PieceTable& table) {
  merges_ = table.merges();
  if (table.merge_count() == 0) return Status();
  size_t slot_count = 16;
  while (slot_count < 2 * size_t{table.merge_count()}) slot_count *= 2;
  SIMILE_RETURN_IF_ERROR(slots_.Resize(slot_count));
  std::fill(slots_.begin(), slots_.end(), 0u);
  mask_ = static_cast<uint32_t>(slot_count - 1);
  for (uint32_t rank = 0; rank < table.merge_count(); ++rank) {
    const Merge& merge = merges_[rank];
    uint32_t probes = 0;
    uint32_t i = Hash(merge.left, merge.right);
    for (; slots_[i & mask_] != 0; ++i) {
      const Merge& other = merges_[slots_[i & mask_] - 1];
      if (other.left == merge.left && other.right == merge.right) break;  // the later counts
      if (++probes == kMaxProbes) {
        return BadModel("tokenizer.vocab: too many merges have the same hash");
      }
    }
    slots_[i & mask_] = rank + 1;
  }
  return Status();
}

class Bpe final : public SubwordModel {
 public:
  Bpe(const PieceTable& table, const TokenizerSteps& steps)
      : table_(table), bytes_(ByteTokens::Find(table)), unk_id_(steps.unk_id),
        fuse_unk_(steps.fuse_unk), byte_fallback_(steps.byte_fallback),
        ignore_merges_(steps.ignore_merges) {}

  Status Init();
  Status Cut(const AlignedChar* chars, size_t count, SubwordScratch* scratch) const override;

 private:
  using Symbol = SubwordScratch::Symbol;
  using Candidate = SubwordScratch::Candidate;

  uint32_t IdOf(uint32_t code_point) const;
  Status AddSymbols(const AlignedChar* chars, size_t count, Buffer<Symbol>* symbols) const;
  Status AddUnknown(uint32_t size_bytes, Symbol* unknown, Buffer<Symbol>* symbols) const;
  Status PushCandidate(const Symbol* symbols, int32_t left, Buffer<Candidate>* heap) const;
  Status MergeAll(SubwordScratch* scratch) const;
  Status MergeAt(const Candidate& candidate, SubwordScratch* scratch) const;

  const PieceTable& table_;
  ByteTokens bytes_;
  MergeIndex merges_;
  uint32_t latin_ids_[0x180];  // of the characters below: bytes, and all that is ASCII
  uint32_t unk_id_;
  bool fuse_unk_;
  bool byte_fallback_;
  bool ignore_merges_;
};

uint32_t FindChar(const PieceTable& table, uint32_t code_point) {
  char bytes[4];
  return table.Find({bytes, EncodeUtf8(code_point, bytes)});
}

Status Bpe::Init() {
  for (uint32_t c = 0; c < std::size(latin_ids_); ++c) latin_ids_[c] = FindChar(table_, c);
  return merges_.Build(table_);
}

uint32_t Bpe::IdOf(uint32_t code_point) const {
  return code_point < std::size(latin_ids_) ? latin_ids_[code_point]
                                            : FindChar(table_, code_point);
}

Status AddSymbol(uint32_t id, uint32_t size_bytes, Buffer<SubwordScratch::Symbol>* symbols) {
  const int32_t at = static_cast<int32_t>(symbols->size());
  if (at > 0) (*symbols)[at - 1].next = at;
  return symbols->Append({id, size_bytes, at - 1, -1});
}

// Unknown characters wait in `unknown` (size_bytes 0: none) to be fused.
Status Bpe::AddUnknown(uint32_t size_bytes, Symbol* unknown, Buffer<Symbol>* symbols) const {
  if (unk_id_ == TokenizerSteps::kNoId) return Status();  // dropped
  if (unknown->size_bytes != 0 && !fuse_unk_) {
    SIMILE_RETURN_IF_ERROR(AddSymbol(unk_id_, unknown->size_bytes, symbols));
    unknown->size_bytes = 0;
  }
  unknown->size_bytes += size_bytes;
  return Status();
}

Status Bpe::AddSymbols(const AlignedChar* chars, size_t count, Buffer<Symbol>* symbols) const {
  Symbol unknown{};
  for (size_t i = 0; i < count; ++i) {
    char bytes[4];
    const auto size = static_cast<uint32_t>(EncodeUtf8(chars[i].code_point, bytes));
    const uint32_t id = IdOf(chars[i].code_point);
    if (id != PieceTable::kNoPiece) {
      if (unknown.size_bytes != 0) {
        SIMILE_RETURN_IF_ERROR(AddSymbol(unk_id_, unknown.size_bytes, symbols));
        unknown.size_bytes = 0;
      }
      SIMILE_RETURN_IF_ERROR(AddSymbol(id, size, symbols));
      continue;
    }
    bool has_bytes = byte_fallback_;
    for (uint32_t k = 0; k < size && has_bytes; ++k) {
      has_bytes = bytes_.id(static_cast<uint8_t>(bytes[k])) != PieceTable::kNoPiece;
    }
    for (uint32_t k = 0; k < size && has_bytes; ++k) {
      SIMILE_RETURN_IF_ERROR(
          AddSymbol(bytes_.id(static_cast<uint8_t>(bytes[k])), 1, symbols));
    }
    if (!has_bytes) SIMILE_RETURN_IF_ERROR(AddUnknown(size, &unknown, symbols));
  }
  return unknown.size_bytes == 0 ? Status() : AddSymbol(unk_id_, unknown.size_bytes, symbols);
}

// Of two candidates, the one that comes later: std's heaps have the last on top.
bool ComesLater(const SubwordScratch::Candidate& a, const SubwordScratch::Candidate& b) {
  return a.rank != b.rank ? a.rank > b.rank : a.position > b.position;
}

Status Bpe::PushCandidate(const Symbol* symbols, int32_t left, Buffer<Candidate>* heap) const {
  if (left < 0 || symbols[left].next < 0) return Status();
  const uint32_t rank = merges_.Find(symbols[left].id, symbols[symbols[left].next].id);
  if (rank == kNoMerge) return Status();
  SIMILE_RETURN_IF_ERROR(
      heap->Append({rank, static_cast<uint32_t>(left), merges_.Merged(rank)}));
  std::push_heap(heap->begin(), heap->end(), ComesLater);
  return Status();
}

// Does the merge, unless one of its pieces has gone into another since.
Status Bpe::MergeAt(const Candidate& candidate, SubwordScratch* scratch) const {
  Symbol* symbols = scratch->symbols.data();
  Symbol& left = symbols[candidate.position];
  if (left.size_bytes == 0 || left.next < 0) return Status();
  Symbol& right = symbols[left.next];
  const uint32_t rank = merges_.Find(left.id, right.id);
  // As the reference: another pair that makes the same piece will do.
  if (rank == kNoMerge || merges_.Merged(rank) != candidate.merged) return Status();
  left.id = candidate.merged;
  left.size_bytes += right.size_bytes;
  left.next = right.next;
  right.size_bytes = 0;
  if (left.next >= 0) symbols[left.next].previous = static_cast<int32_t>(candidate.position);
  SIMILE_RETURN_IF_ERROR(PushCandidate(symbols, left.previous, &scratch->heap));
  return PushCandidate(symbols, static_cast<int32_t>(candidate.position), &scratch->heap);
}

Status Bpe::MergeAll(SubwordScratch* scratch) const {
  Buffer<Candidate>& heap = scratch->heap;
  heap.Clear();
  for (size_t i = 0; i + 1 < scratch->symbols.size(); ++i) {
    SIMILE_RETURN_IF_ERROR(
        PushCandidate(scratch->symbols.data(), static_cast<int32_t>(i), &heap));
  }
  while (!heap.empty()) {
    std::pop_heap(heap.begin(), heap.end(), ComesLater);
    const Candidate next = heap[heap.size() - 1];
    SIMILE_RETURN_IF_ERROR(heap.Resize(heap.size() - 1));
    SIMILE_RETURN_IF_ERROR(MergeAt(next, scratch));
  }
  return Status();
}

// A symbol's characters are found by counting bytes: of a character that became
// several byte tokens each of these is a part.
Status AppendPieces(const AlignedChar* chars, size_t count, SubwordScratch* scratch) {
  size_t byte = 0;         // where the symbol begins
  size_t i = 0;            // the character in which it begins …
  size_t char_begin = 0;   // … and where that begins
  const auto size_of = [&](size_t k) {
    char bytes[4];
    return EncodeUtf8(chars[k].code_point, bytes);
  };
  for (const SubwordScratch::Symbol& symbol : scratch->symbols) {
    if (symbol.size_bytes == 0) continue;
    while (i + 1 < count && char_begin + size_of(i) <= byte) char_begin += size_of(i++);
    const auto first = static_cast<uint32_t>(i);
    byte += symbol.size_bytes;
    while (i + 1 < count && char_begin + size_of(i) < byte) char_begin += size_of(i++);
    SIMILE_RETURN_IF_ERROR(
        scratch->pieces.Append({symbol.id, first, static_cast<uint32_t>(i + 1)}));
  }
  return Status();
}

Status Bpe::Cut(const AlignedChar* chars, size_t count, SubwordScratch* scratch) const {
  scratch->pieces.Clear();
  const auto end = static_cast<uint32_t>(count);
  if (ignore_merges_) {
    const uint32_t id = FindPiece(table_, chars, 0, end);
    if (id != PieceTable::kNoPiece) return scratch->pieces.Append({id, 0, end});
  }
  scratch->symbols.Clear();
  SIMILE_RETURN_IF_ERROR(AddSymbols(chars, count, &scratch->symbols));
  SIMILE_RETURN_IF_ERROR(MergeAll(scratch));
  return AppendPieces(chars, count, scratch);
}

}  // namespace

Result<std::unique_ptr<SubwordModel>> MakeBpe(const PieceTable& table,
                                              const TokenizerSteps& steps) {
  if (steps.unk_id != TokenizerSteps::kNoId && steps.unk_id >= table.size()) {
    return BadModel("tokenizer: 'unk_id': expected a piece of the vocabulary");
  }
  std::unique_ptr<Bpe> model(new (std::nothrow) Bpe(table, steps));
  if (model == nullptr) return OutOfMemory("cannot allocate a tokenizer");
  SIMILE_RETURN_IF_ERROR(model->Init());
  return std::unique_ptr<SubwordModel>(std::move(model));
}

}  // namespace simile

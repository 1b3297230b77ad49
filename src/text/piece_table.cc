// SPDX-License-Identifier: Apache-2.0
#include "text/piece_table.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <string>
#include <utility>

namespace simile {
namespace {

static_assert(std::endian::native == std::endian::little, "the table is used in place");
static_assert(sizeof(Merge) == 3 * sizeof(uint32_t));

constexpr char kMagic[4] = {'S', 'P', 'T', '1'};
constexpr uint32_t kMaxUnits = 1u << 22;
constexpr uint32_t kSplitScore = sizeof(float) + sizeof(int8_t);

struct Header {
  char magic[4];
  uint32_t pieces;
  uint32_t units;
  uint32_t merges;
  uint32_t scores;
  uint32_t charsmap_bytes;
  uint32_t score_bytes;
  uint32_t zero;
};
static_assert(sizeof(Header) == 32);

uint32_t Padded(uint32_t size) { return (size + 3) & ~3u; }

// Every count is bounded, so that this cannot overflow.
uint64_t SizeOf(const Header& header) {
  return sizeof(Header) + uint64_t{header.units} * 4 + uint64_t{header.merges} * sizeof(Merge) +
         uint64_t{header.scores} * header.score_bytes + Padded(header.charsmap_bytes);
}

Status CheckHeader(const Header& header, size_t size) {
  if (std::memcmp(header.magic, kMagic, sizeof(kMagic)) != 0) {
    return BadModel("tokenizer.vocab: expected a table of pieces that begins with \"SPT1\"");
  }
  const std::pair<const char*, std::pair<uint32_t, uint32_t>> limits[] = {
      {"pieces", {header.pieces, PieceTable::kMaxPieces}},
      {"units", {header.units, kMaxUnits}},
      {"merges", {header.merges, PieceTable::kMaxMerges}},
      {"bytes of the character map", {header.charsmap_bytes, PieceTable::kMaxCharsmapBytes}},
  };
  for (const auto& [what, count] : limits) {
    if (count.first > count.second) {
      return BadModel("tokenizer.vocab: expected at most " + std::to_string(count.second) + " " +
                      what + ", found " + std::to_string(count.first));
    }
  }
  if (header.pieces == 0 || (header.scores != 0 && header.scores != header.pieces)) {
    return BadModel("tokenizer.vocab: " + std::to_string(header.pieces) + " pieces with " +
                    std::to_string(header.scores) + " scores");
  }
  if (header.score_bytes != kSplitScore && header.score_bytes != sizeof(double)) {
    return BadModel("tokenizer.vocab: expected scores of 5 or 8 bytes, found " +
                    std::to_string(header.score_bytes));
  }
  if (SizeOf(header) == size) return Status();
  return BadModel("tokenizer.vocab: expected " + std::to_string(SizeOf(header)) +
                  " bytes, found " + std::to_string(size));
}

Status CheckMerges(const Merge* merges, uint32_t count, uint32_t pieces) {
  for (uint32_t i = 0; i < count; ++i) {
    if (std::max({merges[i].left, merges[i].right, merges[i].merged}) >= pieces) {
      return BadModel("tokenizer.vocab: merge " + std::to_string(i) + " names a piece past the " +
                      std::to_string(pieces) + " that there are");
    }
  }
  return Status();
}

template <typename T>
Status AppendBytes(const T* values, size_t count, Buffer<uint8_t>* out) {
  return out->Append(reinterpret_cast<const uint8_t*>(values), count * sizeof(T));
}

// The f32 next to the score and, in *ulps, how far in the f64's last places the
// score lies from it: equal bits, in 5 bytes for 8.
bool SplitScore(double score, float* rounded, int8_t* ulps) {
  *rounded = static_cast<float>(score);
  const auto distance = static_cast<int64_t>(
      std::bit_cast<uint64_t>(score) - std::bit_cast<uint64_t>(static_cast<double>(*rounded)));
  *ulps = static_cast<int8_t>(distance);
  return std::isfinite(*rounded) && *ulps == distance;
}

bool AreAllSplit(const std::vector<double>& scores) {
  float rounded = 0;
  int8_t ulps = 0;
  return std::all_of(scores.begin(), scores.end(),
                     [&](double score) { return SplitScore(score, &rounded, &ulps); });
}

Status AppendScores(const std::vector<double>& scores, uint32_t score_bytes,
                    Buffer<uint8_t>* table, Buffer<int8_t>* all_ulps) {
  if (score_bytes == sizeof(double)) return AppendBytes(scores.data(), scores.size(), table);
  for (const double score : scores) {
    float rounded = 0;
    int8_t ulps = 0;
    SplitScore(score, &rounded, &ulps);
    SIMILE_RETURN_IF_ERROR(AppendBytes(&rounded, 1, table));
    SIMILE_RETURN_IF_ERROR(all_ulps->Append(ulps));
  }
  return Status();
}

}  // namespace

Result<PieceTable> PieceTable::Make(Buffer<uint8_t> bytes) {
  Header header{};
  if (bytes.size() < sizeof(header)) {
    return BadModel("tokenizer.vocab: expected a table of pieces, found " +
                    std::to_string(bytes.size()) + " bytes");
  }
  std::memcpy(&header, bytes.data(), sizeof(header));
  SIMILE_RETURN_IF_ERROR(CheckHeader(header, bytes.size()));
  PieceTable table;
  table.bytes_ = std::move(bytes);
  const uint8_t* next = table.bytes_.data() + sizeof(header);
  const auto take = [&next](size_t size) { return std::exchange(next, next + size); };
  table.trie_ = DoubleArray(reinterpret_cast<const uint32_t*>(take(size_t{header.units} * 4)),
                            header.units);
  table.merges_ = reinterpret_cast<const Merge*>(take(header.merges * sizeof(Merge)));
  const bool is_split = header.score_bytes == kSplitScore;
  table.scores_ = take(header.scores * (is_split ? sizeof(float) : sizeof(double)));
  table.charsmap_ = {reinterpret_cast<const char*>(take(Padded(header.charsmap_bytes))),
                     header.charsmap_bytes};
  table.score_ulps_ = is_split ? reinterpret_cast<const int8_t*>(next) : nullptr;
  table.piece_count_ = header.pieces;
  table.merge_count_ = header.merges;
  table.score_count_ = header.scores;
  SIMILE_RETURN_IF_ERROR(CheckMerges(table.merges_, header.merges, header.pieces));
  for (uint32_t id = 0; id < header.scores; ++id) {
    if (std::isfinite(table.Score(id))) continue;
    return BadModel("tokenizer.vocab: the score of piece " + std::to_string(id) +
                    " is not finite");
  }
  return table;
}

double PieceTable::Score(uint32_t id) const {
  double score = 0;
  if (score_ulps_ == nullptr) {
    std::memcpy(&score, scores_ + size_t{id} * sizeof(score), sizeof(score));  // unaligned
    return score;
  }
  float rounded_score = 0;
  std::memcpy(&rounded_score, scores_ + size_t{id} * sizeof(float), sizeof(float));
  const uint64_t rounded = std::bit_cast<uint64_t>(static_cast<double>(rounded_score));
  return std::bit_cast<double>(rounded + static_cast<uint64_t>(int64_t{score_ulps_[id]}));
}

double PieceTable::MinScore() const {
  double least = Score(0);
  for (uint32_t id = 1; id < score_count_; ++id) least = std::min(least, Score(id));
  return least;
}

Result<Buffer<uint8_t>> BuildPieceTable(const PieceTableParts& parts) {
  for (const double score : parts.scores) {
    if (!std::isfinite(score)) return BadModel("tokenizer: a score is not finite");
  }
  Buffer<uint32_t> units;
  SIMILE_RETURN_IF_ERROR(BuildDoubleArray(parts.keys, &units));
  const Header header = {{'S', 'P', 'T', '1'},
                         parts.piece_count,
                         static_cast<uint32_t>(units.size()),
                         static_cast<uint32_t>(parts.merges.size()),
                         static_cast<uint32_t>(parts.scores.size()),
                         static_cast<uint32_t>(parts.charsmap.size()),
                         AreAllSplit(parts.scores) ? kSplitScore : uint32_t{sizeof(double)},
                         0};
  SIMILE_RETURN_IF_ERROR(CheckHeader(header, SizeOf(header)));
  Buffer<uint8_t> table;
  SIMILE_RETURN_IF_ERROR(table.Reserve(SizeOf(header)));
  SIMILE_RETURN_IF_ERROR(AppendBytes(&header, 1, &table));
  SIMILE_RETURN_IF_ERROR(AppendBytes(units.data(), units.size(), &table));
  SIMILE_RETURN_IF_ERROR(AppendBytes(parts.merges.data(), parts.merges.size(), &table));
  Buffer<int8_t> ulps;
  SIMILE_RETURN_IF_ERROR(AppendScores(parts.scores, header.score_bytes, &table, &ulps));
  SIMILE_RETURN_IF_ERROR(AppendBytes(parts.charsmap.data(), parts.charsmap.size(), &table));
  while (table.size() % 4 != 0) SIMILE_RETURN_IF_ERROR(table.Append(uint8_t{0}));
  SIMILE_RETURN_IF_ERROR(AppendBytes(ulps.data(), ulps.size(), &table));
  return table;
}

}  // namespace simile

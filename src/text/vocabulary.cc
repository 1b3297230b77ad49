// SPDX-License-Identifier: Apache-2.0
#include "text/vocabulary.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/utf8.h"

namespace simile {
namespace {

// 21 bits hold id + 1 up to kMaxTokens; the rest of a slot compares 11 bits of
// the hash before any bytes are read.
constexpr uint32_t kIdBits = 21;
constexpr uint32_t kIdMask = (1u << kIdBits) - 1;
static_assert(Vocabulary::kMaxTokens <= kIdMask);

// At most half of the slots are taken, so that honest tokens lie within some
// dozens of their place; a file that needs more attacks the table.
constexpr uint32_t kMaxProbes = 512;

std::string LineName(size_t line) { return "tokenizer.vocab line " + std::to_string(line); }

}  // namespace

Result<Vocabulary> Vocabulary::Make(Buffer<uint8_t> bytes) {
  if (bytes.size() > kMaxTokens * (kMaxTokenBytes + 2)) {
    return BadModel("tokenizer.vocab has " + std::to_string(bytes.size()) +
                    " bytes, which is too large");
  }
  Vocabulary vocabulary;
  vocabulary.bytes_ = std::move(bytes);
  SIMILE_RETURN_IF_ERROR(vocabulary.SplitLines());
  SIMILE_RETURN_IF_ERROR(vocabulary.BuildTable());
  return vocabulary;
}

Status Vocabulary::SplitLines() {
  const std::string_view file = bytes();
  const size_t line_ends = static_cast<size_t>(std::count(file.begin(), file.end(), '\n'));
  SIMILE_RETURN_IF_ERROR(begins_.Reserve(std::min(line_ends + 1, kMaxTokens)));
  for (size_t begin = 0; begin < file.size();) {
    const size_t end = std::min(file.find('\n', begin), file.size());
    const bool has_return = end > begin && file[end - 1] == '\r';
    SIMILE_RETURN_IF_ERROR(AddLine(begin, end - has_return));
    begin = end + 1;
  }
  return Status();
}

Status Vocabulary::AddLine(size_t begin, size_t end) {
  const size_t line = begins_.size() + 1;
  if (line > kMaxTokens) {
    return BadModel("tokenizer.vocab has more than " + std::to_string(kMaxTokens) + " lines");
  }
  const size_t size = end - begin;
  if (size == 0) return BadModel(LineName(line) + " is empty");
  if (size > kMaxTokenBytes) {
    return BadModel(LineName(line) + ": expected at most " + std::to_string(kMaxTokenBytes) +
                    " bytes, found " + std::to_string(size));
  }
  if (!IsValidUtf8(bytes().substr(begin, size))) {
    return BadModel(LineName(line) + " is not UTF-8");
  }
  max_token_bytes_ = std::max(max_token_bytes_, size);
  return begins_.Append(static_cast<uint32_t>(begin));
}

Status Vocabulary::BuildTable() {
  size_t slot_count = 16;
  while (slot_count < 2 * begins_.size()) slot_count *= 2;
  SIMILE_RETURN_IF_ERROR(slots_.Resize(slot_count));
  std::fill(slots_.begin(), slots_.end(), 0u);
  slot_mask_ = static_cast<uint32_t>(slot_count - 1);
  for (size_t id = 0; id < begins_.size(); ++id) {
    SIMILE_RETURN_IF_ERROR(Insert(static_cast<uint32_t>(id)));
  }
  return Status();
}

Status Vocabulary::Insert(uint32_t id) {
  const std::string_view added = token(id);
  const uint32_t hash = PrefixHash(added).value();
  const uint32_t tag = hash & ~kIdMask;
  for (uint32_t probe = 0; probe < kMaxProbes; ++probe) {
    uint32_t& slot = slots_[(hash + probe) & slot_mask_];
    if (slot == 0) {
      slot = tag | (id + 1);
      return Status();
    }
    const uint32_t other = (slot & kIdMask) - 1;
    if ((slot & ~kIdMask) == tag && token(other) == added) {
      return BadModel(LineName(id + 1) + " repeats line " + std::to_string(other + 1));
    }
  }
  return BadModel(LineName(id + 1) + " has the same hash as too many other lines");
}

std::string_view Vocabulary::token(uint32_t id) const {
  const std::string_view file = bytes();
  const size_t begin = begins_[id];
  size_t end = id + 1 < begins_.size() ? begins_[id + 1] : file.size();
  if (file[end - 1] == '\n') --end;
  if (file[end - 1] == '\r') --end;
  return file.substr(begin, end - begin);
}

std::optional<uint32_t> Vocabulary::Find(uint32_t hash, std::string_view prefix,
                                         std::string_view rest) const {
  const uint32_t tag = hash & ~kIdMask;
  for (uint32_t probe = 0; probe < kMaxProbes; ++probe) {
    const uint32_t slot = slots_[(hash + probe) & slot_mask_];
    if (slot == 0) break;
    if ((slot & ~kIdMask) != tag) continue;
    const uint32_t id = (slot & kIdMask) - 1;
    const std::string_view found = token(id);
    if (found.size() == prefix.size() + rest.size() && found.starts_with(prefix) &&
        found.ends_with(rest)) {
      return id;
    }
  }
  return std::nullopt;
}

}  // namespace simile

// SPDX-License-Identifier: Apache-2.0
#include "text/double_array.h"

#include <algorithm>
#include <string>

namespace simile {
namespace {

constexpr size_t kMaxUnits = size_t{1} << 22;  // what an offset without its scale reaches
constexpr uint32_t kBlock = 256;
// Free places further back than this many blocks are given up: looking there for
// the few that still fit would cost more than they hold.
constexpr size_t kOpenBlocks = 16;
constexpr uint32_t kNone = 0xffffffff;

// A range of keys that share `depth` bytes, and the unit of that prefix.
struct Pending {
  uint32_t begin;
  uint32_t end;
  uint32_t depth;
  uint32_t unit;
};

class Builder {
 public:
  Builder(const std::vector<KeyValue>& keys, Buffer<uint32_t>* units)
      : keys_(keys), units_(*units) {}

  Status Build();

 private:
  struct Slot {  // of the open blocks' units: a list of the free ones
    uint32_t previous;
    uint32_t next;
    bool is_used;
    bool is_base;  // some unit's children are placed from here
  };

  Status AddBlock();
  Status ReadLabels(const Pending& node);
  Status Place(const Pending& node);
  Result<uint32_t> FindBase();
  bool Fits(uint32_t base) const;
  void Take(uint32_t position);
  Slot& SlotOf(uint32_t position) { return slots_[position % slots_.size()]; }
  const Slot& SlotOf(uint32_t position) const { return slots_[position % slots_.size()]; }

  const std::vector<KeyValue>& keys_;
  Buffer<uint32_t>& units_;
  Buffer<Slot> slots_;
  uint32_t first_free_ = kNone;
  uint32_t last_free_ = kNone;
  uint8_t labels_[kBlock];            // of the node being placed, ascending
  uint32_t label_begins_[kBlock + 1]; // where each label's keys begin
  size_t label_count_ = 0;
  Buffer<Pending> pending_;
};

Status Builder::Build() {
  SIMILE_RETURN_IF_ERROR(slots_.Resize(kOpenBlocks * kBlock));
  SIMILE_RETURN_IF_ERROR(AddBlock());
  Take(0);
  units_[0] = 0;
  if (keys_.empty()) return Status();
  SIMILE_RETURN_IF_ERROR(pending_.Append({0, static_cast<uint32_t>(keys_.size()), 0, 0}));
  while (!pending_.empty()) {
    const Pending node = pending_[pending_.size() - 1];
    SIMILE_RETURN_IF_ERROR(pending_.Resize(pending_.size() - 1));
    SIMILE_RETURN_IF_ERROR(ReadLabels(node));
    SIMILE_RETURN_IF_ERROR(Place(node));
  }
  return Status();
}

// Units of a further block, all free; those of the oldest open block no longer are.
Status Builder::AddBlock() {
  const uint32_t begin = static_cast<uint32_t>(units_.size());
  if (begin + kBlock > kMaxUnits) {
    return BadModel("tokenizer: the vocabulary needs a trie of more than " +
                    std::to_string(kMaxUnits) + " units");
  }
  if (begin >= slots_.size()) {
    const uint32_t closed = begin - static_cast<uint32_t>(slots_.size());
    for (uint32_t i = closed; i < closed + kBlock; ++i) {
      if (!SlotOf(i).is_used) Take(i);
    }
  }
  if (begin + kBlock > units_.capacity()) {
    SIMILE_RETURN_IF_ERROR(units_.Reserve(2 * size_t{begin} + kBlock));
  }
  SIMILE_RETURN_IF_ERROR(units_.Resize(begin + kBlock));
  for (uint32_t i = begin; i < begin + kBlock; ++i) {
    units_[i] = 0;
    SlotOf(i) = {last_free_, kNone, false, false};
    (last_free_ == kNone ? first_free_ : SlotOf(last_free_).next) = i;
    last_free_ = i;
  }
  return Status();
}

// Takes a free unit out of the list.
void Builder::Take(uint32_t position) {
  Slot& slot = SlotOf(position);
  (slot.previous == kNone ? first_free_ : SlotOf(slot.previous).next) = slot.next;
  (slot.next == kNone ? last_free_ : SlotOf(slot.next).previous) = slot.previous;
  slot.is_used = true;
}

// The next bytes of the node's keys; 0 stands for the key that ends here.
Status Builder::ReadLabels(const Pending& node) {
  label_count_ = 0;
  for (uint32_t i = node.begin; i < node.end; ++i) {
    const std::string_view key = keys_[i].first;
    const bool is_end = key.size() == node.depth;
    const uint8_t label = is_end ? 0 : static_cast<uint8_t>(key[node.depth]);
    const bool is_sorted = label_count_ == 0 || labels_[label_count_ - 1] < label ||
                           (labels_[label_count_ - 1] == label && label != 0);
    if (!is_sorted || (is_end ? i != node.begin : label == 0) || key.empty()) {
      return BadModel("tokenizer: a token is empty, stands there twice or has a zero byte");
    }
    if (label_count_ != 0 && labels_[label_count_ - 1] == label) continue;
    labels_[label_count_] = label;
    label_begins_[label_count_++] = i;
  }
  label_begins_[label_count_] = node.end;
  return Status();
}

bool Builder::Fits(uint32_t base) const {
  if (SlotOf(base).is_base) return false;
  for (size_t i = 0; i < label_count_; ++i) {
    if (SlotOf(base ^ labels_[i]).is_used) return false;
  }
  return true;
}

// A place from which all labels' units are free. base ^ label stays in its block.
Result<uint32_t> Builder::FindBase() {
  for (uint32_t i = first_free_; i != kNone; i = SlotOf(i).next) {
    const uint32_t base = i ^ labels_[0];
    if (Fits(base)) return base;
  }
  const uint32_t begin = static_cast<uint32_t>(units_.size());
  SIMILE_RETURN_IF_ERROR(AddBlock());
  return begin;
}

Status Builder::Place(const Pending& node) {
  SIMILE_ASSIGN_OR_RETURN(const uint32_t base, FindBase());
  SlotOf(base).is_base = true;
  units_[node.unit] |= (node.unit ^ base) << 10;
  for (size_t i = 0; i < label_count_; ++i) {
    const uint32_t position = base ^ labels_[i];
    Take(position);
    if (labels_[i] == 0) {
      units_[node.unit] |= 1u << 8;
      units_[position] = keys_[label_begins_[i]].second | 1u << 31;
      continue;
    }
    units_[position] = labels_[i];
    SIMILE_RETURN_IF_ERROR(
        pending_.Append({label_begins_[i], label_begins_[i + 1], node.depth + 1, position}));
  }
  return Status();
}

}  // namespace

uint32_t DoubleArray::Find(std::string_view key) const {
  Cursor cursor = Begin();
  for (const char byte : key) {
    if (!Walk(static_cast<uint8_t>(byte), &cursor)) return kNoValue;
  }
  return cursor.value;
}

Status BuildDoubleArray(const std::vector<KeyValue>& keys, Buffer<uint32_t>* units) {
  if (!units->empty()) return InternalError("BuildDoubleArray: units are there already");
  return Builder(keys, units).Build();
}

}  // namespace simile

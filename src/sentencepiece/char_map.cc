// SPDX-License-Identifier: Apache-2.0
#include "sentencepiece/char_map.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "base/buffer.h"

namespace simile {
namespace {

constexpr uint32_t kMaxNestedKeys = 32;       // the library's array of matches
constexpr uint32_t kMaxKeyBytes = 64;         // NFKC's longest has 12
constexpr size_t kMaxReplacementBytes = 256;  // NFKC's longest has 33
constexpr size_t kMaxNodes = 1 << 18;         // NFKC's have under 2^16
constexpr size_t kBlockUnits = 256;           // the children of a node lie in one block

Status Broken(const char* what) {
  return BadModel(std::string("tokenizer.model: the character map: ") + what);
}

// A unit of the double array (Darts-clone's format): a node's label, the way to its
// children, and whether a key ends there. Not text/double_array.h: the library takes a
// NUL for a byte like others, which that one refuses.
class Unit {
 public:
  explicit Unit(uint32_t bits) : bits_(bits) {}
  // Over 0xFF: the unit holds a value.
  uint32_t label() const { return bits_ & 0x800000FFu; }
  uint32_t offset() const { return (bits_ >> 10) << ((bits_ & (1u << 9)) >> 6); }
  bool ends_key() const { return (bits_ & (1u << 8)) != 0; }

 private:
  uint32_t bits_;
};

struct Node {
  uint32_t base;   // a child's index is this, with its label's bits flipped
  uint32_t depth;  // bytes of the key so far
  uint32_t keys;   // that ended on the way
};

// The trie with the way from a node to its children, which the format lacks.
class Trie {
 public:
  static Result<Trie> Make(Buffer<uint32_t> units) {
    Trie trie;
    SIMILE_RETURN_IF_ERROR(trie.first_.Resize(units.size()));
    SIMILE_RETURN_IF_ERROR(trie.next_.Resize(units.size()));
    std::fill(trie.first_.begin(), trie.first_.end(), kNone);
    for (uint32_t i = 0; i < units.size(); ++i) {
      const uint32_t label = Unit(units[i]).label();
      if (label > 0xFF) continue;
      uint32_t& first = trie.first_[i ^ label];
      trie.next_[i] = first;
      first = i;
    }
    trie.units_ = std::move(units);
    return trie;
  }

  // Walks all paths. Several may lead to one node, so the walk is bounded.
  Status Check() const {
    std::vector<Node> open = {{Unit(units_[0]).offset(), 0, 0}};
    if (open[0].base >= units_.size()) return Broken("an offset leaves the table");
    for (size_t nodes = 0; !open.empty(); ++nodes) {
      if (nodes == kMaxNodes) return Broken("it has too many keys, or a circle");
      const Node node = open.back();
      open.pop_back();
      SIMILE_RETURN_IF_ERROR(OpenChildren(node, &open));
    }
    return Status();
  }

 private:
  static constexpr uint32_t kNone = UINT32_MAX;

  Status OpenChildren(const Node& node, std::vector<Node>* open) const {
    for (uint32_t child = first_[node.base]; child != kNone; child = next_[child]) {
      const Unit unit(units_[child]);
      const Node next = {child ^ unit.offset(), node.depth + 1,
                         node.keys + (unit.ends_key() ? 1 : 0)};
      if (next.base >= units_.size()) return Broken("an offset leaves the table");
      if (next.depth > kMaxKeyBytes) return Broken("a key is too long");
      if (next.keys > kMaxNestedKeys) return Broken("too many keys begin alike");
      open->push_back(next);
    }
    return Status();
  }

  Buffer<uint32_t> units_;  // a multiple of kBlockUnits, so that children are inside
  Buffer<uint32_t> first_;  // a child of the node with that base, or kNone
  Buffer<uint32_t> next_;   // the next child of the same node, or kNone
};

Status CheckReplacements(std::string_view replacements) {
  if (replacements.empty() || replacements.back() != '\0') {
    return Broken("its replacements do not end");
  }
  while (!replacements.empty()) {
    const size_t size = replacements.find('\0');
    if (size > kMaxReplacementBytes) return Broken("a replacement is too long");
    replacements.remove_prefix(size + 1);
  }
  return Status();
}

}  // namespace

Status CheckCharMap(std::string_view table) {
  if (table.empty()) return Status();
  uint32_t trie_bytes = 0;
  if (table.size() <= sizeof(trie_bytes)) return Broken("it is too short");
  std::memcpy(&trie_bytes, table.data(), sizeof(trie_bytes));
  table.remove_prefix(sizeof(trie_bytes));
  if (trie_bytes == 0 || trie_bytes % (kBlockUnits * 4) != 0 || trie_bytes >= table.size()) {
    return Broken("its size does not fit");
  }
  Buffer<uint32_t> units;
  SIMILE_RETURN_IF_ERROR(units.Resize(trie_bytes / 4));
  std::memcpy(units.data(), table.data(), trie_bytes);
  SIMILE_ASSIGN_OR_RETURN(const Trie trie, Trie::Make(std::move(units)));
  SIMILE_RETURN_IF_ERROR(trie.Check());
  return CheckReplacements(table.substr(trie_bytes));
}

}  // namespace simile

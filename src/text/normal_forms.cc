// SPDX-License-Identifier: Apache-2.0
#include "text/normal_forms.h"

#include <algorithm>

#include "text/char_class.h"

namespace simile {
namespace {

// Below this no character composes or decomposes, nor has it a combining class.
constexpr uint32_t kFirstChanging = 0xa0;

bool IsUnchanging(const AlignedText& text) {
  return std::all_of(text.chars().begin(), text.chars().end(),
                     [](const AlignedChar& c) { return c.code_point < kFirstChanging; });
}

// Sorts changes [begin, end), a run without a starter but for its first, by combining
// class. std::stable_sort would allocate unchecked; a run is short, or an attack.
Status SortRun(size_t begin, Buffer<CharChange>* changes, Buffer<uint64_t>* order) {
  const size_t count = changes->size() - begin;
  if (count < 2) return Status();
  SIMILE_RETURN_IF_ERROR(order->Resize(2 * count));
  uint64_t* keys = order->data();
  uint64_t* saved = keys + count;
  for (size_t i = 0; i < count; ++i) {
    const CharChange& c = (*changes)[begin + i];
    keys[i] = uint64_t{CombiningClass(c.code_point)} << 32 | i;
    saved[i] = uint64_t{c.code_point} << 32 | static_cast<uint32_t>(c.change);
  }
  std::sort(keys, keys + count);
  for (size_t i = 0; i < count; ++i) {
    const uint64_t c = saved[static_cast<uint32_t>(keys[i])];
    (*changes)[begin + i] = {static_cast<uint32_t>(c >> 32), static_cast<int32_t>(c)};
  }
  return Status();
}

Status DecomposeTo(const AlignedText& text, bool is_compatibility,
                   Buffer<CharChange>* changes) {
  Buffer<uint64_t> order;
  size_t run_begin = 0;
  for (const AlignedChar& c : text.chars()) {
    uint32_t parts[kMaxCompatibilityParts] = {c.code_point};
    size_t count = 1;
    if (c.code_point >= kFirstChanging) {
      count = is_compatibility ? CompatibilityParts(c.code_point, parts)
                               : CanonicalParts(c.code_point, parts);
    }
    for (size_t i = 0; i < count; ++i) {
      if (CombiningClass(parts[i]) == 0) {
        SIMILE_RETURN_IF_ERROR(SortRun(run_begin, changes, &order));
        run_begin = changes->size();
      }
      SIMILE_RETURN_IF_ERROR(changes->Append({parts[i], i == 0 ? 0 : 1}));
    }
  }
  return SortRun(run_begin, changes, &order);
}

// Composes in place: a starter and what follows it, as long as nothing of the same
// or a higher combining class stands between.
void ComposeAll(Buffer<CharChange>* changes) {
  CharChange* const all = changes->data();
  size_t kept = 0;
  size_t starter = SIZE_MAX;
  uint8_t last_class = 0;  // of what was kept behind the starter; 0: nothing
  for (size_t i = 0; i < changes->size(); ++i) {
    const CharChange next = all[i];
    const uint8_t next_class = CombiningClass(next.code_point);
    const bool is_blocked = starter == SIZE_MAX || (last_class != 0 && last_class >= next_class);
    const uint32_t composed =
        is_blocked ? 0 : ComposePair(all[starter].code_point, next.code_point);
    if (composed != 0) {
      all[starter].code_point = composed;
      all[starter].change += next.change - 1;
      continue;
    }
    if (next_class == 0) starter = kept;
    if (starter != SIZE_MAX) last_class = next_class;
    all[kept++] = next;
  }
  (void)changes->Resize(kept).ok();  // shrinks: cannot fail
}

}  // namespace

Status Normalize(NormalForm form, AlignedText* text) {
  if (IsUnchanging(*text)) return Status();
  Buffer<CharChange> changes;
  const bool is_compatibility = form == NormalForm::kNfkd || form == NormalForm::kNfkc;
  SIMILE_RETURN_IF_ERROR(DecomposeTo(*text, is_compatibility, &changes));
  if (form == NormalForm::kNfc || form == NormalForm::kNfkc) ComposeAll(&changes);
  return text->Transform(changes);
}

}  // namespace simile

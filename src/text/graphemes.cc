// SPDX-License-Identifier: Apache-2.0
#include "text/graphemes.h"

#include "text/char_class.h"

namespace simile {
namespace {

using Class = GraphemeClass;

bool IsControl(Class c) { return c == Class::kControl || c == Class::kCr || c == Class::kLf; }

bool IsExtend(Class c) {
  return c == Class::kExtend || c == Class::kExtendAlone || c == Class::kLinker ||
         c == Class::kZwj;
}

bool IsHangulPair(Class before, Class after) {
  switch (before) {
    case Class::kLead:
      return after == Class::kLead || after == Class::kVowel || after == Class::kLeadVowel ||
             after == Class::kLeadVowelTrail;
    case Class::kVowel:
    case Class::kLeadVowel:
      return after == Class::kVowel || after == Class::kTrail;
    case Class::kTrail:
    case Class::kLeadVowelTrail:
      return after == Class::kTrail;
    default:
      return false;
  }
}

// What the characters of a cluster so far say of the next one.
class Cluster {
 public:
  explicit Cluster(Class first) { Add(first); }

  bool Continues(Class next) const {
    if (last_ == Class::kCr && next == Class::kLf) return true;                // GB3
    if (IsControl(last_) || IsControl(next)) return false;                     // GB4, GB5
    if (IsHangulPair(last_, next)) return true;                                // GB6…GB8
    if (IsExtend(next) || next == Class::kSpacingMark) return true;            // GB9, GB9a
    if (last_ == Class::kPrepend) return true;                                 // GB9b
    if (next == Class::kConsonant) return is_linked_;                          // GB9c
    if (next == Class::kPictographic) return is_picture_ && last_ == Class::kZwj;  // GB11
    return next == Class::kRegional && is_half_flag_;                          // GB12, GB13
  }

  void Add(Class next) {
    is_half_flag_ = next == Class::kRegional && !is_half_flag_;
    is_picture_ = next == Class::kPictographic || (is_picture_ && IsExtend(next));
    if (next == Class::kConsonant) {
      after_consonant_ = true;
      is_linked_ = false;
    } else if (next == Class::kLinker) {
      is_linked_ = after_consonant_;
    } else if (next != Class::kExtend && next != Class::kZwj) {
      after_consonant_ = is_linked_ = false;
    }
    last_ = next;
  }

 private:
  Class last_ = Class::kOther;
  bool is_half_flag_ = false;     // an odd number of regional indicators
  bool is_picture_ = false;       // a pictograph and what extends it
  bool after_consonant_ = false;  // a consonant, linkers and extends
  bool is_linked_ = false;        // … with a linker among them
};

bool IsPlain(uint32_t code_point) { return code_point >= 0x20 && code_point < 0x7f; }

}  // namespace

size_t GraphemeEnd(const AlignedChar* chars, size_t begin, size_t count) {
  size_t end = begin + 1;
  if (end == count) return end;
  if (IsPlain(chars[begin].code_point) && IsPlain(chars[end].code_point)) return end;
  Cluster cluster(ClassifyGrapheme(chars[begin].code_point));
  for (; end < count; ++end) {
    const Class next = ClassifyGrapheme(chars[end].code_point);
    if (!cluster.Continues(next)) break;
    cluster.Add(next);
  }
  return end;
}

}  // namespace simile

// SPDX-License-Identifier: Apache-2.0
#include "text/bert_normalizer.h"

#include <algorithm>

#include "base/utf8.h"

namespace simile {
namespace {

bool IsAsciiLetterOrDigit(uint8_t byte) {
  const uint8_t lower = byte | 0x20;
  return (lower >= 'a' && lower <= 'z') || (byte >= '0' && byte <= '9');
}

bool IsAsciiBreak(uint8_t byte) {
  return byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r';
}

// The ASCII characters that no option but lower case changes.
bool IsPlainAscii(uint8_t byte) {
  return (byte >= 0x20 && byte < 0x7f) || IsAsciiBreak(byte);
}

WordRole AsciiRole(uint8_t byte) {
  if (IsAsciiLetterOrDigit(byte)) return WordRole::kPart;
  return IsAsciiBreak(byte) ? WordRole::kBreak : WordRole::kAlone;
}

WordRole RoleOf(uint32_t code_point) {
  if (code_point < 0x80 && IsPlainAscii(static_cast<uint8_t>(code_point))) {
    return AsciiRole(static_cast<uint8_t>(code_point));
  }
  switch (Classify(code_point).kind) {
    case CharKind::kSpace:
    case CharKind::kControlSpace:
      return WordRole::kBreak;
    case CharKind::kPunctuation:
      return WordRole::kAlone;
    default:
      return WordRole::kPart;
  }
}

}  // namespace

void BertNormalizer::SetRange(size_t begin, size_t end) {
  position_ = begin;
  end_ = end;
  ready_.Clear();
  next_ready_ = 0;
  marks_.Clear();
}

bool BertNormalizer::Next(NormalizedChar* out) {
  while (next_ready_ == ready_.size()) {
    if (position_ == end_ && marks_.empty()) return false;
    if (position_ < end_ && marks_.empty()) {
      const uint8_t byte = static_cast<uint8_t>(text_[position_]);
      if (IsPlainAscii(byte)) {
        const bool is_upper = options_.lowercase && byte >= 'A' && byte <= 'Z';
        const uint32_t begin = static_cast<uint32_t>(position_++);
        *out = {is_upper ? byte + 0x20u : byte, AsciiRole(byte), begin, begin + 1};
        last_starter_ = *out;
        return true;
      }
    }
    ready_.Clear();
    next_ready_ = 0;
    status_ = position_ < end_ ? ReadCharacter() : OrderMarks();
    if (!status_.ok()) return false;
  }
  *out = ready_[next_ready_++];
  return true;
}

Status BertNormalizer::ReadCharacter() {
  const DecodedCodePoint decoded = DecodeUtf8(text_.substr(0, end_), position_);
  const uint32_t begin = static_cast<uint32_t>(position_);
  position_ += decoded.size_bytes;
  NormalizedChar character{decoded.code_point, WordRole::kPart, begin,
                           static_cast<uint32_t>(position_)};
  const CharKind kind = Classify(character.code_point).kind;
  const bool is_control = kind == CharKind::kControl || kind == CharKind::kControlSpace;
  if (is_control && options_.clean_text) return Status();
  if (kind == CharKind::kSpace || kind == CharKind::kControlSpace) {
    character.role = WordRole::kBreak;
    return AddStarter(character);
  }
  if (options_.handle_chinese_chars && IsCjk(character.code_point)) {
    character.role = WordRole::kAlone;
    uint32_t bases[kMaxBaseCharacters] = {character.code_point};
    if (options_.strip_accents) BaseCharacters(character.code_point, bases);
    character.code_point = bases[0];  // an ideograph is always one
    return AddStarter(character);
  }
  return options_.strip_accents ? Decompose(character) : AddLowerCase(character);
}

// Canonical ordering is part of NFD: a run of characters of a combining class
// other than 0 is collected in marks_ and put in order when it ends.
Status BertNormalizer::Decompose(NormalizedChar character) {
  const uint32_t source = character.code_point;
  uint32_t bases[kMaxBaseCharacters];
  const size_t count = BaseCharacters(source, bases);
  if (count == 0) {
    const uint8_t combining_class = Classify(source).combining_class;
    if (combining_class != 0) return marks_.Append({character, combining_class, false, true});
    // Stripped too, but it ends the run before it.
    SIMILE_RETURN_IF_ERROR(OrderMarks());
    last_starter_ = character;
    return Status();
  }
  for (size_t i = 0; i < count; ++i) {
    character.code_point = bases[i];
    const uint8_t combining_class = Classify(bases[i]).combining_class;
    SIMILE_RETURN_IF_ERROR(
        combining_class == 0
            ? AddStarter(character)
            : marks_.Append({character, combining_class, true, i == 0}));
  }
  return Status();
}

Status BertNormalizer::AddStarter(const NormalizedChar& character) {
  SIMILE_RETURN_IF_ERROR(OrderMarks());
  last_starter_ = character;
  return character.role == WordRole::kPart ? AddLowerCase(character)
                                           : ready_.Append(character);
}

// The reference orders the characters, but not the offsets: the n-th of a run in
// its new order gets the place of the n-th in the old one. A part that only a
// decomposition brought shares the place of the character before it.
Status BertNormalizer::OrderMarks() {
  if (std::none_of(marks_.begin(), marks_.end(), [](const Mark& m) { return m.is_kept; })) {
    marks_.Clear();
    return Status();
  }
  SIMILE_RETURN_IF_ERROR(order_.Resize(marks_.size()));
  for (size_t i = 0; i < marks_.size(); ++i) {
    order_[i] = uint64_t{marks_[i].combining_class} << 32 | i;
  }
  std::sort(order_.begin(), order_.end());
  NormalizedChar place = last_starter_;
  const Mark* next_source = marks_.begin();
  for (const uint64_t key : order_) {
    const Mark& mark = marks_[static_cast<uint32_t>(key)];
    if (mark.is_source) {
      while (!next_source->is_source) ++next_source;
      place = (next_source++)->character;
    }
    place.code_point = mark.character.code_point;
    place.role = WordRole::kPart;
    if (mark.is_kept) SIMILE_RETURN_IF_ERROR(AddLowerCase(place));
  }
  marks_.Clear();
  return Status();
}

Status BertNormalizer::AddLowerCase(NormalizedChar character) {
  uint32_t lower[kMaxLowerCase] = {character.code_point};
  const size_t count = options_.lowercase ? LowerCase(character.code_point, lower) : 1;
  for (size_t i = 0; i < count; ++i) {
    character.code_point = lower[i];
    character.role = RoleOf(lower[i]);
    SIMILE_RETURN_IF_ERROR(ready_.Append(character));
  }
  return Status();
}

}  // namespace simile

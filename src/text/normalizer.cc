// SPDX-License-Identifier: Apache-2.0
#include "text/normalizer.h"

#include "text/char_class.h"
#include "text/normal_forms.h"
#include "text/unicode.h"

namespace simile {
namespace {

using Type = NormalizerStep::Type;

Status Lower(AlignedText* text) {
  Buffer<CharChange> changes;
  bool grows = false;
  text->Map([&grows](uint32_t c) {
    if (c < 0x80) return c >= 'A' && c <= 'Z' ? c + 0x20 : c;
    uint32_t lower[kMaxLowerCase];
    grows |= LowerCase(c, lower) > 1;
    return c == 0x130 ? c : lower[0];  // İ, the one that becomes two
  });
  if (!grows) return Status();
  for (const AlignedChar& c : text->chars()) {
    uint32_t lower[kMaxLowerCase];
    const size_t count = c.code_point == 0x130 ? LowerCase(c.code_point, lower) : 1;
    if (count == 1) lower[0] = c.code_point;
    SIMILE_RETURN_IF_ERROR(changes.Append({lower[0], 0}));
    if (count > 1) SIMILE_RETURN_IF_ERROR(changes.Append({lower[1], 1}));
  }
  return text->Transform(changes);
}

// Spaces around each Chinese character.
Status SpaceCjk(AlignedText* text) {
  Buffer<CharChange> changes;
  bool is_changed = false;
  for (const AlignedChar& c : text->chars()) {
    const bool is_cjk = IsCjk(c.code_point);
    is_changed |= is_cjk;
    if (is_cjk) SIMILE_RETURN_IF_ERROR(changes.Append({' ', 0}));
    SIMILE_RETURN_IF_ERROR(changes.Append({c.code_point, is_cjk ? 1 : 0}));
    if (is_cjk) SIMILE_RETURN_IF_ERROR(changes.Append({' ', 1}));
  }
  return is_changed ? text->Transform(changes) : Status();
}

void Clean(AlignedText* text) {
  text->Filter([](uint32_t c) {
    const CharKind kind = Classify(c).kind;
    return kind != CharKind::kControl && kind != CharKind::kControlSpace;
  });
  text->Map([](uint32_t c) { return IsWhiteSpace(c) ? uint32_t{' '} : c; });
}

Status Bert(const NormalizerStep& step, AlignedText* text) {
  if (step.clean_text) Clean(text);
  if (step.handle_chinese_chars) SIMILE_RETURN_IF_ERROR(SpaceCjk(text));
  if (step.strip_accents) {
    SIMILE_RETURN_IF_ERROR(Normalize(NormalForm::kNfd, text));
    text->Filter([](uint32_t c) { return Classify(c).kind != CharKind::kMark; });
  }
  return step.lowercase ? Lower(text) : Status();
}

bool IsNmtRemoved(uint32_t c) {
  return (c >= 0x1 && c <= 0x8) || c == 0xb || (c >= 0xe && c <= 0x1f) || c == 0x7f ||
         c == 0x8f || c == 0x9f;
}

bool IsNmtSpace(uint32_t c) {
  return c == 0x9 || c == 0xa || c == 0xc || c == 0xd || c == 0x1680 ||
         (c >= 0x200b && c <= 0x200f) || c == 0x2028 || c == 0x2029 || c == 0x2581 ||
         c == 0xfeff || c == 0xfffd;
}

void Strip(const NormalizerStep& step, AlignedText* text) {
  size_t first = 0;
  size_t last = text->size();
  if (step.strip_left) {
    while (first < last && IsWhiteSpace((*text)[first].code_point)) ++first;
  }
  if (step.strip_right) {
    while (last > first && IsWhiteSpace((*text)[last - 1].code_point)) --last;
  }
  text->Shrink(first, last);
}

}  // namespace

Result<Normalizer> Normalizer::Make(const std::vector<NormalizerStep>& steps,
                                    std::string_view charsmap) {
  Normalizer normalizer;
  normalizer.steps_ = steps;
  for (const NormalizerStep& step : steps) {
    if (step.type == Type::kPrecompiled) {
      SIMILE_ASSIGN_OR_RETURN(normalizer.charsmap_, Charsmap::Make(charsmap));
    } else if (step.type == Type::kReplace && step.pattern.empty()) {
      return BadModel("tokenizer: the normalizer 'Replace' of nothing is not supported");
    }
  }
  return normalizer;
}

Status Normalizer::Apply(AlignedText* text) const {
  for (const NormalizerStep& step : steps_) {
    SIMILE_RETURN_IF_ERROR(ApplyStep(step, text));
  }
  return Status();
}

Result<std::string> Normalizer::Apply(std::string_view text) const {
  AlignedText aligned;
  SIMILE_RETURN_IF_ERROR(aligned.Assign(text, 0, text.size()));
  SIMILE_RETURN_IF_ERROR(Apply(&aligned));
  std::string normalized;
  SIMILE_RETURN_IF_ERROR(aligned.AppendUtf8(&normalized));
  return normalized;
}

Status Normalizer::ApplyStep(const NormalizerStep& step, AlignedText* text) const {
  switch (step.type) {
    case Type::kBert:
      return Bert(step, text);
    case Type::kPrecompiled:
      return charsmap_.Apply(text);
    case Type::kNfc:
      return Normalize(NormalForm::kNfc, text);
    case Type::kNfd:
      return Normalize(NormalForm::kNfd, text);
    case Type::kNfkc:
      return Normalize(NormalForm::kNfkc, text);
    case Type::kNfkd:
      return Normalize(NormalForm::kNfkd, text);
    case Type::kLowercase:
      return Lower(text);
    case Type::kStripAccents:
      text->Filter([](uint32_t c) { return !IsCombiningMark(c); });
      return Status();
    case Type::kNmt:
      text->Filter([](uint32_t c) { return !IsNmtRemoved(c); });
      text->Map([](uint32_t c) { return IsNmtSpace(c) ? uint32_t{' '} : c; });
      return Status();
    case Type::kReplace:
      return text->Replace(step.pattern, step.content);
    case Type::kCollapseSpaces:
      return text->CollapseSpaces(step.content);
    case Type::kPrepend:
      return text->Prepend(step.content);
    case Type::kStrip:
      Strip(step, text);
      return Status();
  }
  return InternalError("normalizer: an unknown step");
}

}  // namespace simile

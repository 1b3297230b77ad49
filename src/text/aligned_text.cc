// SPDX-License-Identifier: Apache-2.0
#include "text/aligned_text.h"

#include <algorithm>
#include <utility>

#include "base/utf8.h"

namespace simile {

std::vector<uint32_t> CodePointsOf(std::string_view text) {
  std::vector<uint32_t> code_points;
  DecodedCodePoint decoded;
  for (size_t i = 0; i < text.size(); i += decoded.size_bytes) {
    decoded = DecodeUtf8(text, i);
    code_points.push_back(decoded.code_point);
  }
  return code_points;
}

Status AlignedText::Assign(std::string_view text, size_t begin, size_t end) {
  chars_.Clear();
  SIMILE_RETURN_IF_ERROR(chars_.Reserve(std::min(end - begin, size_t{4096})));
  const std::string_view range = text.substr(0, end);
  DecodedCodePoint decoded;
  for (size_t i = begin; i < end; i += decoded.size_bytes) {
    decoded = DecodeUtf8(range, i);
    SIMILE_RETURN_IF_ERROR(
        chars_.Append({decoded.code_point, static_cast<uint32_t>(i),
                       static_cast<uint32_t>(i + decoded.size_bytes)}));
  }
  return Status();
}

Status AlignedText::Transform(const Buffer<CharChange>& changes, size_t skipped) {
  if (chars_.empty()) return Status();
  scratch_.Clear();
  SIMILE_RETURN_IF_ERROR(scratch_.Reserve(changes.size()));
  size_t next = skipped;  // of the old characters
  for (const CharChange& change : changes) {
    const bool joins = change.change > 0;
    const size_t source = std::min(joins && next > 0 ? next - 1 : next, chars_.size() - 1);
    AlignedChar c = chars_[source];
    if (joins && next == 0) c.begin = c.end = 0;
    c.code_point = change.code_point;
    SIMILE_RETURN_IF_ERROR(scratch_.Append(c));
    if (!joins) next += 1 + static_cast<size_t>(-change.change);
  }
  std::swap(chars_, scratch_);
  return Status();
}

void AlignedText::Shrink(size_t first, size_t last) {
  if (first != 0) std::copy(chars_.begin() + first, chars_.begin() + last, chars_.begin());
  // Shrinking allocates nothing, so it cannot fail.
  (void)chars_.Resize(last - first).ok();
}

template <typename F>
Status AlignedText::ReplaceMatches(F find, std::string_view content) {
  const std::vector<uint32_t> inserted = CodePointsOf(content);
  scratch_.Clear();
  bool is_changed = false;
  for (size_t i = 0; i < chars_.size();) {
    const size_t length = find(i);
    if (length == 0) {
      SIMILE_RETURN_IF_ERROR(scratch_.Append(chars_[i++]));
      continue;
    }
    i += length;
    is_changed = true;
    AlignedChar c = chars_[i - 1];
    for (const uint32_t code_point : inserted) {
      c.code_point = code_point;
      SIMILE_RETURN_IF_ERROR(scratch_.Append(c));
    }
  }
  if (is_changed) std::swap(chars_, scratch_);
  return Status();
}

Status AlignedText::Replace(std::string_view pattern, std::string_view content) {
  const std::vector<uint32_t> wanted = CodePointsOf(pattern);
  if (wanted.empty()) return Status();
  return ReplaceMatches(
      [&](size_t i) -> size_t {
        if (chars_.size() - i < wanted.size()) return 0;
        for (size_t k = 0; k < wanted.size(); ++k) {
          if (chars_[i + k].code_point != wanted[k]) return 0;
        }
        return wanted.size();
      },
      content);
}

Status AlignedText::CollapseSpaces(std::string_view content) {
  return ReplaceMatches(
      [this](size_t i) -> size_t {
        size_t end = i;
        while (end < chars_.size() && chars_[end].code_point == ' ') ++end;
        return end - i >= 2 ? end - i : 0;
      },
      content);
}

Status AlignedText::Prepend(std::string_view content) {
  if (chars_.empty()) return Status();
  scratch_.Clear();
  AlignedChar c = chars_[0];
  for (const uint32_t code_point : CodePointsOf(content)) {
    c.code_point = code_point;
    SIMILE_RETURN_IF_ERROR(scratch_.Append(c));
  }
  SIMILE_RETURN_IF_ERROR(scratch_.Append(chars_.data(), chars_.size()));
  std::swap(chars_, scratch_);
  return Status();
}

Status AlignedText::AppendUtf8(std::string* out) const {
  if (!HasHeadroom(4 * chars_.size())) return OutOfMemory("no memory for a normalised text");
  char bytes[4];
  for (const AlignedChar& c : chars_) out->append(bytes, EncodeUtf8(c.code_point, bytes));
  return Status();
}

}  // namespace simile

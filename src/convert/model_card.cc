// SPDX-License-Identifier: Apache-2.0
#include "convert/model_card.h"

#include <algorithm>

namespace simile {
namespace {

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kTrim = " \t\r\"'";
  const size_t begin = text.find_first_not_of(kTrim);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kTrim) + 1 - begin);
}

bool IsPlainWord(std::string_view text) {
  return !text.empty() && text.size() <= 64 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

}  // namespace

std::string LicenseOfModelCard(std::string_view readme) {
  constexpr std::string_view kKey = "license:";
  if (!readme.starts_with("---")) return "unknown";
  bool is_list = false;  // "license:" alone on its line, entries below
  for (bool first = true; !readme.empty(); first = false) {
    const size_t end = std::min(readme.find('\n'), readme.size());
    const std::string_view line = readme.substr(0, end);
    readme.remove_prefix(std::min(end + 1, readme.size()));
    if (!first && line.starts_with("---")) break;
    std::string_view value;
    if (line.starts_with(kKey)) {
      value = Trimmed(line.substr(kKey.size()));
      is_list = value.empty();
    } else if (is_list) {
      const std::string_view entry = Trimmed(line);
      if (!entry.starts_with("-")) break;
      value = Trimmed(entry.substr(1));
    }
    if (IsPlainWord(value)) return std::string(value);
  }
  return "unknown";
}

}  // namespace simile

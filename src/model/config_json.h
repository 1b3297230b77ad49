// SPDX-License-Identifier: Apache-2.0
// How the parts of a recipe are read from JSON: members that must be there, within
// limits, and names out of a table. All of these give kBadModel and name the member.

#ifndef SIMILE_MODEL_CONFIG_JSON_H_
#define SIMILE_MODEL_CONFIG_JSON_H_

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/status.h"

namespace simile {

inline constexpr size_t kMaxTextBytes = 4096;  // of each text, name and token of a recipe

// A member that must be an object; its reader names it in errors.
Result<JsonReader> Section(const JsonReader& parent, std::string_view key);

Status ReadU32(const JsonReader& reader, std::string_view key, int64_t low, int64_t high,
               uint32_t* out);
// Stays as it is where the member is missing.
Status ReadOptionalU32(const JsonReader& reader, std::string_view key, int64_t low, int64_t high,
                       uint32_t* out);
Status ReadNumber(const JsonReader& reader, std::string_view key, double low, double high,
                  double* out);
// Stays as it is where the member is missing.
Status ReadOptionalNumber(const JsonReader& reader, std::string_view key, double low, double high,
                          double* out);
// At most kMaxTextBytes.
Status ReadText(const JsonReader& reader, std::string_view key, std::string* out);
Status ReadTexts(const JsonReader& reader, std::string_view key, size_t max_count,
                 std::vector<std::string>* out);
Json TextsToJson(const std::vector<std::string>& texts);

// The names of an enumeration's values.
template <typename T>
struct NameOf {
  const char* name;
  T value;
};

// "pooling 'median' is not supported; this version reads 'mean', 'cls'"
Status UnknownName(std::string_view what, std::string_view found,
                   const std::vector<std::string_view>& known);

// table: whose names this version knows for `what`.
template <typename T, size_t N>
Status FindName(std::string_view what, std::string_view name, const NameOf<T> (&table)[N],
                T* out) {
  std::vector<std::string_view> known;
  for (const NameOf<T>& entry : table) {
    if (name == entry.name) {
      *out = entry.value;
      return Status();
    }
    known.push_back(entry.name);
  }
  return UnknownName(what, name, known);
}
template <typename T, size_t N>
Status ReadName(const JsonReader& reader, std::string_view key, std::string_view what,
                const NameOf<T> (&table)[N], T* out) {
  std::string name;
  SIMILE_RETURN_IF_ERROR(ReadText(reader, key, &name));
  return FindName(what, name, table, out);
}
// A missing member leaves *out as it is.
template <typename T, size_t N>
Status ReadOptionalName(const JsonReader& reader, std::string_view key, std::string_view what,
                        const NameOf<T> (&table)[N], T* out) {
  if (reader.json().Find(key) == nullptr) return Status();
  return ReadName(reader, key, what, table, out);
}

// The table has every value.
template <typename T, size_t N>
const char* NameIn(const NameOf<T> (&table)[N], T value) {
  for (const NameOf<T>& entry : table) {
    if (entry.value == value) return entry.name;
  }
  return "";
}

}  // namespace simile

#endif  // SIMILE_MODEL_CONFIG_JSON_H_

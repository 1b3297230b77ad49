// SPDX-License-Identifier: Apache-2.0
#include "model/config_json.h"

namespace simile {

Result<JsonReader> Section(const JsonReader& parent, std::string_view key) {
  const Json* section = parent.json().Find(key);
  if (section == nullptr || section->object() == nullptr) {
    return parent.Fail(key, "expected an object");
  }
  return JsonReader(*section, parent.what() + ": '" + std::string(key) + "'");
}

Status ReadU32(const JsonReader& reader, std::string_view key, int64_t low, int64_t high,
               uint32_t* out) {
  int64_t value = 0;
  SIMILE_RETURN_IF_ERROR(reader.Read(key, low, high, &value));
  *out = static_cast<uint32_t>(value);
  return Status();
}

Status ReadOptionalU32(const JsonReader& reader, std::string_view key, int64_t low, int64_t high,
                       uint32_t* out) {
  int64_t value = *out;
  SIMILE_RETURN_IF_ERROR(reader.ReadOptional(key, low, high, &value));
  *out = static_cast<uint32_t>(value);
  return Status();
}

Status ReadNumber(const JsonReader& reader, std::string_view key, double low, double high,
                  double* out) {
  SIMILE_RETURN_IF_ERROR(reader.Read(key, out));
  if (*out >= low && *out <= high) return Status();
  return reader.Fail(key, "expected " + Json(low).Dump() + " to " + Json(high).Dump() +
                              ", found " + Json(*out).Dump());
}

Status ReadOptionalNumber(const JsonReader& reader, std::string_view key, double low, double high,
                          double* out) {
  return reader.json().Find(key) == nullptr ? Status() : ReadNumber(reader, key, low, high, out);
}

Status ReadText(const JsonReader& reader, std::string_view key, std::string* out) {
  SIMILE_RETURN_IF_ERROR(reader.Read(key, out));
  if (out->size() <= kMaxTextBytes) return Status();
  return reader.Fail(key, "expected at most " + std::to_string(kMaxTextBytes) + " bytes, found " +
                              std::to_string(out->size()));
}

Status ReadTexts(const JsonReader& reader, std::string_view key, size_t max_count,
                 std::vector<std::string>* out) {
  const Json* texts = reader.json().Find(key);
  if (texts == nullptr || texts->array() == nullptr || texts->array()->size() > max_count) {
    return reader.Fail(key, "expected a list of at most " + std::to_string(max_count) + " texts");
  }
  out->clear();
  for (const Json& text : *texts->array()) {
    if (text.string() == nullptr || text.string()->size() > kMaxTextBytes) {
      return reader.Fail(key, "expected texts of at most " + std::to_string(kMaxTextBytes) +
                                  " bytes");
    }
    out->push_back(*text.string());
  }
  return Status();
}

Json TextsToJson(const std::vector<std::string>& texts) {
  Json::Array array;
  for (const std::string& text : texts) array.push_back(text);
  return array;
}

Status UnknownName(std::string_view what, std::string_view found,
                   const std::vector<std::string_view>& known) {
  std::string names;
  for (const std::string_view name : known) {
    names += (names.empty() ? "'" : ", '") + std::string(name) + "'";
  }
  return BadModel(std::string(what) + " '" + std::string(found) +
                  "' is not supported; this version reads " + names);
}

}  // namespace simile

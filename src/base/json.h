// SPDX-License-Identifier: Apache-2.0
// Json: a small value tree for configs and file headers, read and written by
// RapidJSON, which json.cc alone includes. Input is data from strangers: depth
// is bounded, keys are unique, numbers are finite, and strings are valid UTF-8.

#ifndef SIMILE_BASE_JSON_H_
#define SIMILE_BASE_JSON_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/status.h"

namespace simile {

class Json {
 public:
  using Array = std::vector<Json>;
  using Object = std::vector<std::pair<std::string, Json>>;  // in file order
  static constexpr size_t kMaxValues = size_t{1} << 22;  // 2^20 pieces with a score take 3 each

  Json() = default;  // null
  Json(bool value) : value_(value) {}                       // NOLINT: implicit
  Json(double value) : value_(value) {}                     // NOLINT: implicit
  Json(int value) : value_(static_cast<double>(value)) {}   // NOLINT: implicit
  Json(uint32_t value) : value_(static_cast<double>(value)) {}  // NOLINT
  Json(uint64_t value) : value_(static_cast<double>(value)) {}  // NOLINT
  Json(std::string value) : value_(std::move(value)) {}     // NOLINT: implicit
  Json(const char* value) : value_(std::string(value)) {}   // NOLINT: implicit
  Json(Array value) : value_(std::move(value)) {}           // NOLINT: implicit
  Json(Object value) : value_(std::move(value)) {}          // NOLINT: implicit

  // kBadModel with the byte offset of the fault; `what` names the text in the
  // message ("config.json"). Refuses depth over 64, duplicate keys, trailing
  // text, NaN, invalid UTF-8, and more than max_values values, since one of two
  // bytes takes 40 in memory. kOutOfMemory if there is no room to parse.
  static Result<Json> Parse(std::string_view text, std::string_view what,
                            size_t max_values = kMaxValues);

  // Compact JSON; integers below 2^53 print without a fraction, other numbers
  // so that they read back as the same double.
  std::string Dump() const;

  bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
  const bool* boolean() const { return std::get_if<bool>(&value_); }
  const double* number() const { return std::get_if<double>(&value_); }
  const std::string* string() const { return std::get_if<std::string>(&value_); }
  const Array* array() const { return std::get_if<Array>(&value_); }
  Array* array() { return std::get_if<Array>(&value_); }
  const Object* object() const { return std::get_if<Object>(&value_); }
  Object* object() { return std::get_if<Object>(&value_); }

  // The member of that name, or nullptr (also if this is no object).
  const Json* Find(std::string_view key) const;
  // Adds or replaces a member; turns null into an object.
  void Set(std::string key, Json value);

 private:
  std::variant<std::monostate, bool, double, std::string, Array, Object> value_;
};

// Reads typed members of one object and names them in errors:
// "config.json: 'hidden_size': expected a whole number 1…65536, found "x"".
class JsonReader {
 public:
  JsonReader(const Json& json, std::string what)
      : json_(json), what_(std::move(what)) {}

  // A whole number in [low, high]; kBadModel if missing or anything else.
  Status Read(std::string_view key, int64_t low, int64_t high, int64_t* out) const;
  // As above, but *out stays as it is where the member is missing or null.
  Status ReadOptional(std::string_view key, int64_t low, int64_t high, int64_t* out) const;
  Status Read(std::string_view key, std::string* out) const;
  Status ReadOptional(std::string_view key, std::string* out) const;
  Status Read(std::string_view key, bool* out) const;
  Status ReadOptional(std::string_view key, bool* out) const;
  Status Read(std::string_view key, double* out) const;  // finite
  Status ReadOptional(std::string_view key, double* out) const;  // finite

  const Json& json() const { return json_; }
  const std::string& what() const { return what_; }
  // "what: 'key': message" as kBadModel.
  Status Fail(std::string_view key, std::string_view message) const;

 private:
  // "expected …, found …"
  Status Mismatch(std::string_view key, std::string_view expected) const;
  const Json* FindPresent(std::string_view key) const;  // neither missing nor null

  const Json& json_;
  std::string what_;
};

}  // namespace simile

#endif  // SIMILE_BASE_JSON_H_

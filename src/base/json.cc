// SPDX-License-Identifier: Apache-2.0
// The only file that includes RapidJSON.
#include "base/json.h"

#include <algorithm>
#include <cmath>

#include "base/buffer.h"

// RapidJSON asserts on misuse, not on input; it must not abort either way.
#define RAPIDJSON_ASSERT(condition) ((void)0)
#include "rapidjson/error/en.h"
#include "rapidjson/reader.h"
#include "rapidjson/writer.h"

namespace simile {
namespace {

constexpr size_t kMaxDepth = 64;
constexpr double kExactIntegers = 9007199254740992.0;  // 2^53
constexpr size_t kMaxShownBytes = 48;                  // of a value, in a message

// In situ: the parser then keeps no strings of its own, whose growth it would
// not check.
constexpr unsigned kParseFlags = rapidjson::kParseInsituFlag |
                                 rapidjson::kParseValidateEncodingFlag |
                                 rapidjson::kParseFullPrecisionFlag;

// Text for a message: short, and cut between UTF-8 characters.
std::string Shortened(std::string text) {
  if (text.size() <= kMaxShownBytes) return text;
  size_t end = kMaxShownBytes;
  while (end > 0 && (static_cast<uint8_t>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end) + "…";
}

std::string Found(const Json* value) {
  if (value == nullptr) return "nothing";
  if (value->array() != nullptr) return "a list";
  if (value->object() != nullptr) return "an object";
  return Shortened(value->Dump());
}

// Builds the tree from RapidJSON's events; a false return stops the parser.
class TreeBuilder {
 public:
  explicit TreeBuilder(size_t max_values) : values_left_(max_values) {}

  bool Null() { return Add(Json()); }
  bool Bool(bool value) { return Add(value); }
  bool Int(int value) { return Add(value); }
  bool Uint(unsigned value) { return Add(value); }
  bool Int64(int64_t value) { return Add(static_cast<double>(value)); }
  bool Uint64(uint64_t value) { return Add(static_cast<double>(value)); }
  bool Double(double value) {
    return std::isfinite(value) ? Add(value) : Fail("a number out of range");
  }
  bool RawNumber(const char*, size_t, bool) { return false; }  // never asked for
  bool String(const char* text, size_t size, bool) { return Add(std::string(text, size)); }
  bool Key(const char* text, size_t size, bool) {
    open_.back().key.assign(text, size);
    return true;
  }
  bool StartObject() { return Open(Json::Object()); }
  bool StartArray() { return Open(Json::Array()); }
  bool EndObject(size_t) { return KeysAreUnique(*open_.back().value.object()) && Close(); }
  bool EndArray(size_t) { return Close(); }

  Json Take() { return std::move(root_); }
  const std::string& failure() const { return failure_; }

 private:
  struct Container {
    Json value;
    std::string key;  // of the member to come
  };

  bool Fail(std::string what) {
    failure_ = std::move(what);
    return false;
  }

  bool Open(Json value) {
    if (open_.size() == kMaxDepth) {
      return Fail("nested deeper than " + std::to_string(kMaxDepth) + " levels");
    }
    open_.push_back({std::move(value), {}});
    return true;
  }

  bool Close() {
    Json value = std::move(open_.back().value);
    open_.pop_back();
    return Add(std::move(value));
  }

  bool Add(Json value) {
    if (values_left_ == 0) return Fail("more values than expected in all");
    --values_left_;
    if (open_.empty()) {
      root_ = std::move(value);
      return true;
    }
    Container& container = open_.back();
    if (Json::Object* object = container.value.object()) {
      object->emplace_back(std::move(container.key), std::move(value));
    } else {
      container.value.array()->push_back(std::move(value));
    }
    return true;
  }

  // By sorting, not pair by pair: an object may have a vocabulary's keys.
  bool KeysAreUnique(const Json::Object& object) {
    std::vector<std::string_view> keys;
    keys.reserve(object.size());
    for (const auto& member : object) keys.push_back(member.first);
    std::sort(keys.begin(), keys.end());
    const auto twice = std::adjacent_find(keys.begin(), keys.end());
    return twice == keys.end() ||
           Fail("the key '" + Shortened(std::string(*twice)) + "' stands there twice");
  }

  size_t values_left_;
  std::vector<Container> open_;  // those around the place that is being parsed
  Json root_;
  std::string failure_;
};

// Every value but the first follows one of these characters.
size_t CountValuesAtMost(std::string_view text) {
  size_t count = 1;
  for (const char c : text) count += (c == ',') + (c == '[') + (c == '{');
  return count;
}

Status Fault(std::string_view what, size_t offset, std::string_view fault) {
  return BadModel(std::string(what) + ": no valid JSON at byte " + std::to_string(offset) + ": " +
                  std::string(fault));
}

// RapidJSON's output stream onto a string.
struct StringStream {
  using Ch = char;
  void Put(char c) { text += c; }
  void Flush() {}
  std::string text;
};
using Writer = rapidjson::Writer<StringStream>;

void WriteNumber(double value, Writer* writer) {
  if (!std::isfinite(value)) {
    writer->Null();  // what JSON.stringify writes, too
  } else if (value == std::trunc(value) && std::fabs(value) < kExactIntegers) {
    writer->Int64(static_cast<int64_t>(value));
  } else {
    writer->Double(value);
  }
}

void WriteString(const std::string& text, Writer* writer) {
  writer->String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

// Depth is the tree's, which Parse bounds and our own code keeps small.
void Write(const Json& json, Writer* writer) {
  if (const bool* boolean = json.boolean()) {
    writer->Bool(*boolean);
  } else if (const double* number = json.number()) {
    WriteNumber(*number, writer);
  } else if (const std::string* text = json.string()) {
    WriteString(*text, writer);
  } else if (const Json::Array* array = json.array()) {
    writer->StartArray();
    for (const Json& value : *array) Write(value, writer);
    writer->EndArray();
  } else if (const Json::Object* object = json.object()) {
    writer->StartObject();
    for (const auto& [key, value] : *object) {
      WriteString(key, writer);
      Write(value, writer);
    }
    writer->EndObject();
  } else {
    writer->Null();
  }
}

}  // namespace

Result<Json> Json::Parse(std::string_view text, std::string_view what, size_t max_values) {
  // The parser takes a zero for the end, whatever follows; JSON has none.
  const size_t zero = text.find('\0');
  if (zero != std::string_view::npos) return Fault(what, zero, "a zero byte");
  const size_t values = std::min(CountValuesAtMost(text), max_values);
  // Three times: a vector that grows holds its old memory and twice that.
  if (values > SIZE_MAX / 4 / sizeof(Object::value_type) ||
      !HasHeadroom(2 * text.size() + 3 * values * sizeof(Object::value_type))) {
    return OutOfMemory(std::string(what) + ": no memory to parse " +
                       std::to_string(text.size()) + " bytes");
  }
  Buffer<char> copy;
  SIMILE_RETURN_IF_ERROR(copy.Reserve(text.size() + 1));
  SIMILE_RETURN_IF_ERROR(copy.Append(text.data(), text.size()));
  SIMILE_RETURN_IF_ERROR(copy.Append('\0'));
  rapidjson::InsituStringStream stream(copy.data());
  rapidjson::Reader reader;
  TreeBuilder builder(max_values);
  const rapidjson::ParseResult result = reader.Parse<kParseFlags>(stream, builder);
  if (!result.IsError()) return builder.Take();
  return Fault(what, result.Offset(),
               builder.failure().empty() ? rapidjson::GetParseError_En(result.Code())
                                         : builder.failure().c_str());
}

std::string Json::Dump() const {
  StringStream stream;
  Writer writer(stream);
  Write(*this, &writer);
  return std::move(stream.text);
}

const Json* Json::Find(std::string_view key) const {
  const Object* members = object();
  if (members == nullptr) return nullptr;
  for (const auto& [name, value] : *members) {
    if (name == key) return &value;
  }
  return nullptr;
}

void Json::Set(std::string key, Json value) {
  if (object() == nullptr) value_ = Object();
  for (auto& [name, member] : *object()) {
    if (name == key) {
      member = std::move(value);
      return;
    }
  }
  object()->emplace_back(std::move(key), std::move(value));
}

Status JsonReader::Fail(std::string_view key, std::string_view message) const {
  return BadModel(what_ + ": '" + std::string(key) + "': " + std::string(message));
}

Status JsonReader::Mismatch(std::string_view key, std::string_view expected) const {
  return Fail(key, "expected " + std::string(expected) + ", found " + Found(json_.Find(key)));
}

const Json* JsonReader::FindPresent(std::string_view key) const {
  const Json* value = json_.Find(key);
  return value == nullptr || value->is_null() ? nullptr : value;
}

Status JsonReader::Read(std::string_view key, int64_t low, int64_t high, int64_t* out) const {
  const Json* value = json_.Find(key);
  const double* number = value == nullptr ? nullptr : value->number();
  // From 2^53 on a double stands for several whole numbers.
  if (number == nullptr || *number != std::trunc(*number) ||
      std::fabs(*number) >= kExactIntegers || *number < static_cast<double>(low) ||
      *number > static_cast<double>(high)) {
    return Mismatch(key, "a whole number " + std::to_string(low) + " to " + std::to_string(high));
  }
  *out = static_cast<int64_t>(*number);
  return Status();
}

Status JsonReader::ReadOptional(std::string_view key, int64_t low, int64_t high,
                                int64_t* out) const {
  return FindPresent(key) == nullptr ? Status() : Read(key, low, high, out);
}

Status JsonReader::Read(std::string_view key, std::string* out) const {
  const Json* value = json_.Find(key);
  if (value == nullptr || value->string() == nullptr) return Mismatch(key, "a string");
  *out = *value->string();
  return Status();
}

Status JsonReader::ReadOptional(std::string_view key, std::string* out) const {
  return FindPresent(key) == nullptr ? Status() : Read(key, out);
}

Status JsonReader::Read(std::string_view key, bool* out) const {
  const Json* value = json_.Find(key);
  if (value == nullptr || value->boolean() == nullptr) return Mismatch(key, "true or false");
  *out = *value->boolean();
  return Status();
}

Status JsonReader::ReadOptional(std::string_view key, bool* out) const {
  return FindPresent(key) == nullptr ? Status() : Read(key, out);
}

Status JsonReader::Read(std::string_view key, double* out) const {
  const Json* value = json_.Find(key);
  if (value == nullptr || value->number() == nullptr) return Mismatch(key, "a number");
  *out = *value->number();
  return Status();
}

Status JsonReader::ReadOptional(std::string_view key, double* out) const {
  return FindPresent(key) == nullptr ? Status() : Read(key, out);
}

}  // namespace simile

// SPDX-License-Identifier: Apache-2.0
#include "base/json.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/buffer.h"

namespace simile {
namespace {

// The message of a text that must be refused.
std::string Refusal(std::string_view text) {
  const Result<Json> json = Json::Parse(text, "config.json");
  EXPECT_FALSE(json.ok()) << text;
  if (json.ok()) return "";
  EXPECT_EQ(json.status().code(), StatusCode::kBadModel) << json.status().message();
  return json.status().message();
}

Json MustParse(std::string_view text) {
  Result<Json> json = Json::Parse(text, "config.json");
  EXPECT_TRUE(json.ok()) << json.status().message();
  return json.ok() ? std::move(json.value()) : Json();
}

std::string Nested(size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

TEST(Json, ReadsEveryKindOfValueInFileOrder) {
  const Json json = MustParse(
      R"( {"z": null, "b": [true, false, -1.5e3], "a": {"text": "\u00e9\n\ud83d\ude00"}} )");
  ASSERT_EQ(json.object()->size(), 3u);
  EXPECT_EQ((*json.object())[0].first, "z");
  EXPECT_TRUE(json.Find("z")->is_null());
  const Json::Array& list = *json.Find("b")->array();
  ASSERT_EQ(list.size(), 3u);
  EXPECT_TRUE(*list[0].boolean());
  EXPECT_FALSE(*list[1].boolean());
  EXPECT_EQ(*list[2].number(), -1500);
  EXPECT_EQ(*json.Find("a")->Find("text")->string(), "é\n😀");
  EXPECT_EQ(json.Find("missing"), nullptr);
}

TEST(Json, KeepsAZeroCharacterThatIsWrittenAsAnEscape) {
  const Json json = MustParse(R"(["a\u0000b"])");
  EXPECT_EQ(*(*json.array())[0].string(), std::string("a\0b", 3));
  EXPECT_EQ(json.Dump(), R"(["a\u0000b"])");
}

TEST(Json, ReadsAValueThatIsNoContainer) {
  EXPECT_EQ(*MustParse("7").number(), 7);
  EXPECT_EQ(*MustParse("\"seven\"").string(), "seven");
}

TEST(Json, RefusesTextThatIsNoJsonAndNamesThePlace) {
  EXPECT_EQ(Refusal("{\"a\": 1,}"),
            "config.json: no valid JSON at byte 8: Missing a name for object member.");
  EXPECT_EQ(Refusal(""), "config.json: no valid JSON at byte 0: The document is empty.");
  EXPECT_EQ(Refusal("[1, 2"),
            "config.json: no valid JSON at byte 5: Missing a comma or ']' after an array element.");
  EXPECT_EQ(Refusal("\"abc"),
            "config.json: no valid JSON at byte 4: Missing a closing quotation mark in string.");
  EXPECT_EQ(Refusal("// comment\n1"), "config.json: no valid JSON at byte 0: Invalid value.");
}

TEST(Json, RefusesTextAfterTheValueAlsoBehindAZeroByte) {
  EXPECT_EQ(Refusal("{} x"), "config.json: no valid JSON at byte 3: The document root must not be "
                             "followed by other values.");
  EXPECT_EQ(Refusal(std::string_view("{}\0{}", 5)),
            "config.json: no valid JSON at byte 2: a zero byte");
}

TEST(Json, RefusesAKeyThatStandsTwice) {
  EXPECT_EQ(Refusal(R"({"a": 1, "b": {"x": 1, "y": 2, "x": 3}})"),
            "config.json: no valid JSON at byte 38: the key 'x' stands there twice");
  EXPECT_EQ(Refusal(R"({"a": 1, "\u0061": 2})"),
            "config.json: no valid JSON at byte 21: the key 'a' stands there twice");
}

TEST(Json, RefusesInvalidUtf8AndLoneSurrogates) {
  for (const char* text : {"[\"\xff\"]", "[\"a\xc3\"]", "[\"\xc0\x80\"]", "[\"\xed\xa0\x80\"]",
                           "[\"\xf4\x90\x80\x80\"]", "[\"\xe2\x82\"]"}) {
    EXPECT_NE(Refusal(text).find("Invalid encoding in string."), std::string::npos) << text;
  }
  EXPECT_NE(Refusal(R"(["\ud800"])").find("surrogate pair in string is invalid"),
            std::string::npos);
  EXPECT_NE(Refusal(R"(["\udc00"])").find("surrogate pair in string is invalid"),
            std::string::npos);
}

TEST(Json, RefusesNumbersThatNoDoubleHolds) {
  EXPECT_NE(Refusal("[1e999]").find("Number too big"), std::string::npos);
  for (const char* text : {"[NaN]", "[Infinity]", "[-Infinity]", "[+1]", "[01]", "[.5]", "[1.]"}) {
    Refusal(text);
  }
}

TEST(Json, AcceptsSixtyFourLevelsAndRefusesOneMore) {
  EXPECT_NE(MustParse(Nested(64)).array(), nullptr);
  EXPECT_EQ(Refusal(Nested(65)),
            "config.json: no valid JSON at byte 65: nested deeper than 64 levels");
  Refusal(std::string(1 << 20, '['));
  std::string objects;
  for (int i = 0; i < 1 << 16; ++i) objects += "{\"a\":";
  EXPECT_NE(Refusal(objects).find("nested deeper"), std::string::npos);
}

TEST(Json, RefusesMoreValuesThanTheCallerExpects) {
  EXPECT_TRUE(Json::Parse("[1, 2, 3]", "list", 4).ok());
  const Result<Json> json = Json::Parse("[1, 2, 3]", "list", 3);
  ASSERT_FALSE(json.ok());
  EXPECT_EQ(json.status().message(),
            "list: no valid JSON at byte 9: more values than expected in all");
}

TEST(Json, ReadsAVocabularyOf250000KeysInLinearTime) {
  std::string text = "{\"vocab\": {";
  for (int i = 0; i < 250000; ++i) {
    if (i != 0) text += ", ";
    text += "\"token" + std::to_string(i) + "\": " + std::to_string(i);
  }
  text += "}}";
  const Json json = MustParse(text);
  ASSERT_EQ(json.Find("vocab")->object()->size(), 250000u);
  EXPECT_EQ((*json.Find("vocab")->object())[249999].first, "token249999");
  text.insert(text.size() - 2, ", \"token77\": 1");
  EXPECT_NE(Refusal(text).find("the key 'token77' stands there twice"), std::string::npos);
}

TEST(Json, ReportsAnAllocationThatFails) {
  for (int n = 0; n < 2; ++n) {
    FailAllocationForTest(n);
    const Result<Json> json = Json::Parse("{\"a\": [1, 2, 3]}", "config.json");
    FailAllocationForTest(-1);
    ASSERT_FALSE(json.ok());
    EXPECT_EQ(json.status().code(), StatusCode::kOutOfMemory);
  }
  EXPECT_TRUE(Json::Parse("{}", "config.json").ok());
}

TEST(Json, DumpsWholeNumbersWithoutAFraction) {
  EXPECT_EQ(Json(0).Dump(), "0");
  EXPECT_EQ(Json(-384).Dump(), "-384");
  EXPECT_EQ(Json(uint64_t{9007199254740991}).Dump(), "9007199254740991");
  EXPECT_EQ(Json(4294967295u).Dump(), "4294967295");
  EXPECT_EQ(Json(0.0).Dump(), "0");
}

TEST(Json, DumpsOtherNumbersSoThatTheyReadBackAlike) {
  for (const double value :
       {0.1, 1e-12, 1.0 / 3, -2.5e-300, 5e-324, 1.7976931348623157e308, 9007199254740992.0,
        123456789012345680000.0, static_cast<double>(0.1f)}) {
    EXPECT_EQ(*MustParse(Json(value).Dump()).number(), value) << Json(value).Dump();
  }
  EXPECT_EQ(Json(1e-12).Dump(), "1e-12");
  EXPECT_EQ(Json(0.1).Dump(), "0.1");
}

TEST(Json, DumpsWhatIsNoNumberAsNull) {
  EXPECT_EQ(Json(std::numeric_limits<double>::quiet_NaN()).Dump(), "null");
  EXPECT_EQ(Json(std::numeric_limits<double>::infinity()).Dump(), "null");
}

TEST(Json, DumpsWhatItParsed) {
  const char* text = R"({"a":[1,-2.5,"q\"\\\n é 😀"],"b":{},"c":[],"d":null,"e":true})";
  EXPECT_EQ(MustParse(text).Dump(), text);
}

TEST(Json, SetAddsReplacesAndMakesAnObjectOfNull) {
  Json json;
  json.Set("a", 1);
  json.Set("b", "two");
  json.Set("c", Json::Array{true, 2, "three"});
  json.Set("a", 4);
  EXPECT_EQ(json.Dump(), R"({"a":4,"b":"two","c":[true,2,"three"]})");
}

TEST(JsonReader, ReadsWholeNumbersInRange) {
  const Json json = MustParse(R"({"n": 7, "big": 9007199254740991})");
  const JsonReader reader(json, "config.json");
  int64_t n = 0;
  ASSERT_TRUE(reader.Read("n", 1, 7, &n).ok());
  EXPECT_EQ(n, 7);
  ASSERT_TRUE(reader.Read("big", 0, INT64_MAX, &n).ok());
  EXPECT_EQ(n, 9007199254740991);
}

TEST(JsonReader, NamesFileMemberAndRangeOfAWrongNumber) {
  const Json json = MustParse(
      R"({"text": "x", "half": 1.5, "zero": 0, "list": [1], "huge": 9007199254740993})");
  const JsonReader reader(json, "config.json");
  int64_t n = 42;
  EXPECT_EQ(reader.Read("text", 1, 9, &n).message(),
            "config.json: 'text': expected a whole number 1 to 9, found \"x\"");
  EXPECT_EQ(reader.Read("half", 1, 9, &n).message(),
            "config.json: 'half': expected a whole number 1 to 9, found 1.5");
  EXPECT_EQ(reader.Read("zero", 1, 9, &n).message(),
            "config.json: 'zero': expected a whole number 1 to 9, found 0");
  EXPECT_EQ(reader.Read("list", 1, 9, &n).message(),
            "config.json: 'list': expected a whole number 1 to 9, found a list");
  EXPECT_EQ(reader.Read("none", 1, 9, &n).message(),
            "config.json: 'none': expected a whole number 1 to 9, found nothing");
  EXPECT_FALSE(reader.Read("huge", 0, INT64_MAX, &n).ok());
  EXPECT_EQ(n, 42);
}

TEST(JsonReader, OptionalMembersKeepTheirDefaultIfMissingOrNull) {
  const Json json = MustParse(R"({"nothing": null})");
  const JsonReader reader(json, "config.json");
  int64_t n = 3;
  std::string text = "as before";
  bool flag = true;
  double number = 0.5;
  for (const char* key : {"nothing", "missing"}) {
    EXPECT_TRUE(reader.ReadOptional(key, 1, 9, &n).ok());
    EXPECT_TRUE(reader.ReadOptional(key, &text).ok());
    EXPECT_TRUE(reader.ReadOptional(key, &flag).ok());
    EXPECT_TRUE(reader.ReadOptional(key, &number).ok());
    EXPECT_FALSE(reader.Read(key, &text).ok());
    EXPECT_FALSE(reader.Read(key, &flag).ok());
    EXPECT_FALSE(reader.Read(key, &number).ok());
  }
  EXPECT_EQ(n, 3);
  EXPECT_EQ(text, "as before");
  EXPECT_TRUE(flag);
  EXPECT_EQ(number, 0.5);
}

TEST(JsonReader, NamesMembersOfAnotherType) {
  const Json json = MustParse(R"({"a": {"b": 1}, "n": 1, "s": "x"})");
  const JsonReader reader(json, "modules.json");
  std::string text;
  bool flag = false;
  double number = 0;
  EXPECT_EQ(reader.ReadOptional("a", &text).message(),
            "modules.json: 'a': expected a string, found an object");
  EXPECT_EQ(reader.ReadOptional("n", &flag).message(),
            "modules.json: 'n': expected true or false, found 1");
  EXPECT_EQ(reader.ReadOptional("s", &number).message(),
            "modules.json: 's': expected a number, found \"x\"");
}

TEST(JsonReader, ShortensLongValuesBetweenCharacters) {
  std::string umlauts;
  for (int i = 0; i < 100; ++i) umlauts += "ä";
  Json json;
  json.Set("key", umlauts);
  bool flag = false;
  const Status status = JsonReader(json, "f").Read("key", &flag);
  EXPECT_EQ(status.message(),
            "f: 'key': expected true or false, found \"" + umlauts.substr(0, 46) + "…");
}

}  // namespace
}  // namespace simile

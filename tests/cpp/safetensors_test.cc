// SPDX-License-Identifier: Apache-2.0
#include "model/safetensors.h"

#include <gtest/gtest.h>

#include <string>

#include "stream_feed.h"

namespace simile {
namespace {

// A file of this JSON header and data, unpadded.
std::string RawFile(const std::string& json, const std::string& data = "") {
  const uint64_t size = json.size();
  std::string file;
  for (int i = 0; i < 8; ++i) file += static_cast<char>(size >> (8 * i) & 0xff);
  return file + json + data;
}

// Three tensors and an empty one, 24 bytes of data.
const char kSmallHeader[] =
    R"({"__metadata__":{"format":"pt","note":"three"},)"
    R"("b":{"dtype":"I8","shape":[2,3],"data_offsets":[8,14]},)"
    R"("a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
    R"("empty":{"dtype":"F16","shape":[0,7],"data_offsets":[14,14]},)"
    R"("c":{"dtype":"BF16","shape":[5],"data_offsets":[14,24]}})";
std::string SmallFile() { return RawFile(kSmallHeader, "AAAAAAAABBBBBBCCCCCCCCCC"); }
const char kSmallLog[] =
    "header 4 24\n"
    "a F32 2: AAAAAAAA\n"
    "b I8 2 3: BBBBBB\n"
    "empty F16 0 7: \n"
    "c BF16 5: CCCCCCCCCC\n"
    "end\n";

// The message for a file that must be refused, the same with and without a
// known size and however the file is cut.
std::string Refusal(const std::string& file, StatusCode code = StatusCode::kBadModel) {
  std::string message;
  for (const size_t chunk : {file.size() + 1, size_t{1}, size_t{5}}) {
    RecordingSink sink;
    SafetensorsStream stream(0, &sink);
    const Status status = Feed(file, chunk, &stream);
    EXPECT_EQ(status.code(), code) << status.message();
    EXPECT_TRUE(message.empty() || status.message() == message) << status.message();
    message = status.message();
    EXPECT_EQ(sink.log.find("end"), std::string::npos);
  }
  return message;
}

// The refusal of a header with this one entry, and `data_bytes` bytes of data.
std::string EntryRefusal(const std::string& entry, size_t data_bytes = 4) {
  return Refusal(RawFile("{\"w\":" + entry + "}", std::string(data_bytes, 'x')));
}

TEST(Safetensors, DeliversTensorsInTheOrderOfTheirBytesHoweverTheFileIsCut) {
  const std::string file = SmallFile();
  for (size_t chunk = 1; chunk <= file.size(); ++chunk) {
    for (const uint64_t file_bytes : {uint64_t{0}, uint64_t{file.size()}}) {
      RecordingSink sink;
      SafetensorsStream stream(file_bytes, &sink);
      EXPECT_TRUE(Feed(file, chunk, &stream).ok());
      EXPECT_EQ(sink.log, kSmallLog) << chunk;
      EXPECT_EQ(stream.span_size(), 0u);
    }
  }
}

TEST(Safetensors, FindsTensorsAndMetadataByName) {
  struct Sink : RecordingSink {
    Status OnHeader(const SafetensorsHeader& header) override {
      EXPECT_EQ(*header.FindMetadata("note"), "three");
      EXPECT_EQ(header.FindMetadata("nothing"), nullptr);
      EXPECT_EQ(header.FindTensor("c")->begin, 14u);
      EXPECT_EQ(header.FindTensor("d"), nullptr);
      return Status();
    }
  } sink;
  SafetensorsStream stream(0, &sink);
  EXPECT_TRUE(Feed(SmallFile(), 1000, &stream).ok());
}

TEST(Safetensors, AcceptsAFileWithoutTensors) {
  RecordingSink sink;
  const std::string file = RawFile("{}");
  SafetensorsStream stream(file.size(), &sink);
  EXPECT_TRUE(Feed(file, 3, &stream).ok());
  EXPECT_EQ(sink.log, "header 0 0\nend\n");
}

TEST(Safetensors, AlignsEachTensorForSimd) {
  struct Sink : RecordingSink {
    Status OnTensor(const TensorInfo&, Buffer<uint8_t> data) override {
      EXPECT_EQ(reinterpret_cast<uintptr_t>(data.data()) % kAlignment, 0u);
      return Status();
    }
  } sink;
  SafetensorsStream stream(0, &sink);
  EXPECT_TRUE(Feed(SmallFile(), 7, &stream).ok());
}

TEST(Safetensors, SaysHowManyBytesOfATruncatedFileAreMissing) {
  const std::string file = SmallFile();
  const size_t data_begin = file.size() - 24;
  for (size_t size = data_begin + 1; size < file.size(); ++size) {
    EXPECT_EQ(Refusal(file.substr(0, size)),
              "the file ends after " + std::to_string(size) + " bytes: " +
                  std::to_string(file.size() - size) + " bytes are missing");
  }
  EXPECT_EQ(Refusal(file.substr(0, 10)),
            "the file ends after 10 bytes: at least " + std::to_string(data_begin - 10) +
                " bytes are missing");
  EXPECT_EQ(Refusal(file.substr(0, 5)),
            "the file ends after 5 bytes: at least 3 bytes are missing");
  EXPECT_EQ(Refusal(""), "the file is empty");
}

TEST(Safetensors, ComparesTheKnownFileSizeWithTheHeaderBeforeAnyTensor) {
  const std::string file = SmallFile();
  const std::string described = std::to_string(file.size());
  for (const size_t size : {file.size() - 1, file.size() + 1}) {
    RecordingSink sink;
    SafetensorsStream stream(size, &sink);
    EXPECT_EQ(Feed(file, 1000, &stream).message(),
              "the file has " + std::to_string(size) + " bytes, its header describes " +
                  described + (size < file.size() ? "; it is cut off" : ""));
    EXPECT_EQ(sink.log, "");
  }
}

TEST(Safetensors, RefusesBytesAfterTheLastTensor) {
  RecordingSink sink;
  SafetensorsStream stream(0, &sink);
  EXPECT_EQ(Feed(SmallFile() + "x", 1000, &stream).message(),
            "the file goes on after the last tensor that it lists");
}

TEST(Safetensors, NamesWhatAFileIsThatIsNoModel) {
  const char* kWebPage =
      "this is a web page, not a model (did a server answer with its error page?)";
  EXPECT_EQ(Refusal("<!DOCTYPE html><html><body>404</body></html>"), kWebPage);
  EXPECT_EQ(Refusal("<!doctype html>"), kWebPage);
  EXPECT_EQ(Refusal("<html><head>"), kWebPage);
  EXPECT_EQ(Refusal("<html>"), kWebPage);
  EXPECT_EQ(Refusal("version https://git-lfs.github.com/spec/v1\noid sha256:53aa\nsize 9\n"),
            "this is a Git LFS pointer, not the file that it stands for");
  EXPECT_EQ(Refusal(std::string("\x1f\x8b\x08\0\0\0\0\0\0\x03 data", 15)),
            "the file ends after 15 bytes: at least 559896 bytes are missing");
  EXPECT_EQ(Refusal("\x1f\x8b\x08\x08 any time and name"),
            "this is a gzip file; unpack it first");
  EXPECT_EQ(Refusal(std::string("PK\x03\x04\x14\0\0\0\x08\0", 10)),
            "this is a zip archive or a PyTorch checkpoint; a safetensors file is needed");
  EXPECT_EQ(Refusal(std::string("GGUF\x03\0\0\0\x10\0\0\0", 12)),
            "this is a GGUF model; a safetensors file is needed");
  EXPECT_EQ(Refusal("\x08\x07\x12\x07pytorch\x1a"),
            "this is an ONNX model; a safetensors file is needed");
  EXPECT_EQ(Refusal("{\"error\": \"Not found\"}"), "this is a JSON text, not a model");
  EXPECT_EQ(Refusal("<?xml version='1.0'?><Error>"), "this is an XML document, not a model");
}

TEST(Safetensors, NamesAGzipFileThatAnnouncesAPossibleHeader) {
  // 1f 8b 08 00 and no time stamp make a length of 559,903.
  std::string file("\x1f\x8b\x08\0\0\0\0\0", 8);
  EXPECT_EQ(Refusal(file + std::string(559903, 'z')), "this is a gzip file; unpack it first");
  RecordingSink sink;
  SafetensorsStream stream(5000, &sink);
  EXPECT_EQ(Feed(file, 8, &stream).message(), "this is a gzip file; unpack it first");
}

TEST(Safetensors, RefusesAHeaderOfImpossibleLength) {
  const std::string rest(24, '{');
  EXPECT_EQ(Refusal(std::string("\1\0\0\0\0\0\0\0", 8) + rest),
            "this is no safetensors file: its first 8 bytes announce a header of 1 bytes, "
            "expected 2 to 16777216");
  EXPECT_EQ(Refusal(std::string("\1\0\0\1\0\0\0\0", 8) + rest),
            "this is no safetensors file: its first 8 bytes announce a header of 16777217 bytes, "
            "expected 2 to 16777216");
  EXPECT_EQ(Refusal(std::string(8, '\xff') + rest),
            "this is no safetensors file: its first 8 bytes announce a header of "
            "18446744073709551615 bytes, expected 2 to 16777216");
  RecordingSink sink;
  SafetensorsStream stream(40, &sink);
  EXPECT_EQ(Feed(std::string("\41\0\0\0\0\0\0\0", 8) + rest, 1000, &stream).message(),
            "this is no safetensors file: it has 40 bytes and announces a header of 33");
}

TEST(Safetensors, RefusesAHeaderThatIsNoJsonObject) {
  EXPECT_EQ(Refusal(RawFile("{\"w\": }")),
            "safetensors header: no valid JSON at byte 6: Invalid value.");
  EXPECT_EQ(Refusal(RawFile("[1]")),
            "this is no safetensors file: safetensors header: expected an object");
  EXPECT_EQ(Refusal(RawFile("\1\2\3")),
            "this is no safetensors file: safetensors header: no valid JSON at byte 0: "
            "Invalid value.");
}

TEST(Safetensors, RefusesATensorThatIsThereTwice) {
  EXPECT_NE(Refusal(RawFile(R"({"w":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                            R"("w":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})",
                            "xy"))
                .find("the key 'w' stands there twice"),
            std::string::npos);
}

TEST(Safetensors, RefusesMetadataThatIsNoText) {
  EXPECT_EQ(Refusal(RawFile(R"({"__metadata__":[]})")), "__metadata__: expected an object");
  EXPECT_EQ(Refusal(RawFile(R"({"__metadata__":{"format":1}})")),
            "__metadata__: 'format': expected a string");
}

TEST(Safetensors, RefusesNamesThatAreEmptyOrTooLong) {
  const std::string entry = R"(":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})";
  EXPECT_EQ(Refusal(RawFile("{\"" + entry, "x")),
            "a tensor's name has 0 bytes: expected 1 to 256");
  EXPECT_EQ(Refusal(RawFile("{\"" + std::string(257, 'n') + entry, "x")),
            "a tensor's name has 257 bytes: expected 1 to 256");
}

TEST(Safetensors, RefusesTensorsThatAreDescribedWrongly) {
  EXPECT_EQ(EntryRefusal("7"), "tensor 'w': expected an object");
  EXPECT_EQ(EntryRefusal(R"({"shape":[4],"data_offsets":[0,4]})"), "tensor 'w': has no dtype");
  EXPECT_EQ(EntryRefusal(R"({"dtype":"F64","shape":[4],"data_offsets":[0,4]})"),
            "tensor 'w': dtype 'F64' is not supported; this version reads F32, F16, BF16, I8, U8, "
            "I64");
  const std::string shape_expected = "tensor 'w': expected a shape of at most 8 dimensions";
  EXPECT_EQ(EntryRefusal(R"({"dtype":"U8","data_offsets":[0,4]})"), shape_expected);
  EXPECT_EQ(EntryRefusal(R"({"dtype":"U8","shape":4,"data_offsets":[0,4]})"), shape_expected);
  EXPECT_EQ(EntryRefusal(R"({"dtype":"U8","shape":[1,1,1,1,1,1,1,1,4],"data_offsets":[0,4]})"),
            shape_expected);
  for (const char* n : {"-4", "4.5", "\"4\"", "9007199254740992", "9007199254740993", "1e300"}) {
    EXPECT_EQ(EntryRefusal("{\"dtype\":\"U8\",\"shape\":[" + std::string(n) +
                           "],\"data_offsets\":[0,4]}"),
              "tensor 'w': a dimension is no whole number below 2^53");
  }
}

TEST(Safetensors, RefusesOffsetsThatAreNoPair) {
  const std::string expected = "tensor 'w': expected data_offsets [begin, end]";
  EXPECT_EQ(EntryRefusal(R"({"dtype":"U8","shape":[4]})"), expected);
  for (const char* offsets :
       {"[0]", "[0,4,8]", "[4,0]", "[-4,0]", "[0,\"4\"]", "[0.5,4.5]", "[0,9007199254740993]"}) {
    EXPECT_EQ(EntryRefusal("{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":" +
                           std::string(offsets) + "}"),
              expected);
  }
}

TEST(Safetensors, RefusesOffsetsThatDoNotFitTheShape) {
  EXPECT_EQ(EntryRefusal(R"({"dtype":"F32","shape":[2],"data_offsets":[0,4]})"),
            "tensor 'w': its shape takes 8 bytes, its offsets span 4");
  // Numbers of other loaders' accidents: products that wrap to the right size.
  EXPECT_EQ(EntryRefusal(
                R"({"dtype":"F32","shape":[4294967296,4294967296,4],"data_offsets":[0,0]})"),
            "tensor 'w': its shape takes more than 2^64 bytes");
  EXPECT_EQ(EntryRefusal(R"({"dtype":"F32","shape":[4611686018427387905],"data_offsets":[0,4]})"),
            "tensor 'w': a dimension is no whole number below 2^53");
  EXPECT_EQ(EntryRefusal(
                R"({"dtype":"U8","shape":[4294967296,4294967297],"data_offsets":[0,0]})"),
            "tensor 'w': its shape takes more than 2^64 bytes");
  EXPECT_EQ(EntryRefusal(R"({"dtype":"U8","shape":[1073741825,4],"data_offsets":[0,4]})"),
            "tensor 'w': its shape takes 4294967300 bytes, its offsets span 4");
}

TEST(Safetensors, RefusesTensorsThatOverlapOrLeaveAHole) {
  const auto file = [](const char* second) {
    return RawFile(R"({"first":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"second":)" +
                       std::string(second) + "}",
                   std::string(8, 'x'));
  };
  EXPECT_EQ(Refusal(file(R"({"dtype":"U8","shape":[4],"data_offsets":[3,7]})")),
            "tensor 'second': overlaps the tensor before it: it begins at byte 3 of the data, "
            "expected 4");
  EXPECT_EQ(Refusal(file(R"({"dtype":"U8","shape":[3],"data_offsets":[5,8]})")),
            "tensor 'second': leaves a hole after the tensor before it: it begins at byte 5 of "
            "the data, expected 4");
  EXPECT_EQ(Refusal(file(R"({"dtype":"U8","shape":[4],"data_offsets":[0,4]})")),
            "tensor 'second': overlaps the tensor before it: it begins at byte 0 of the data, "
            "expected 4");
}

TEST(Safetensors, RefusesMoreTensorsThanAnyModelHas) {
  const auto file = [](int count) {
    std::string json = "{";
    for (int i = 0; i < count; ++i) {
      json += (i == 0 ? "\"t" : ",\"t") + std::to_string(i) +
              "\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}";
    }
    return RawFile(json + "}");
  };
  RecordingSink sink;
  SafetensorsStream stream(0, &sink);
  EXPECT_TRUE(Feed(file(4096), 1 << 20, &stream).ok());
  EXPECT_EQ(Refusal(file(4097)), "safetensors header: 4097 tensors, expected at most 4096");
  EXPECT_NE(Refusal(file(20000)).find("more values than expected in all"), std::string::npos);
}

TEST(Safetensors, RefusesATensorThatNoMachineHolds) {
  EXPECT_EQ(EntryRefusal(R"({"dtype":"I8","shape":[17179869185],"data_offsets":[0,17179869185]})"),
            "tensor 'w': its shape takes 17179869185 bytes, expected at most 17179869184");
}

TEST(Safetensors, RefusesTensorsBeyondTheKnownEndBeforeItAllocates) {
  const std::string file =
      RawFile(R"({"w":{"dtype":"I8","shape":[1073741824],"data_offsets":[0,1073741824]}})", "x");
  RecordingSink sink;
  SafetensorsStream stream(file.size(), &sink);
  EXPECT_EQ(Feed(file, 1000, &stream).message(),
            "the file has " + std::to_string(file.size()) + " bytes, its header describes " +
                std::to_string(file.size() - 1 + 1073741824) + "; it is cut off");
}

TEST(Safetensors, GivesTheSameErrorToEveryCallAfterIt) {
  RecordingSink sink;
  SafetensorsStream stream(0, &sink);
  const Status status = Feed(RawFile("[1]"), 1000, &stream);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(stream.span_size(), 0u);
    EXPECT_EQ(stream.Commit(1).message(), status.message());
    EXPECT_EQ(stream.Commit(0).message(), status.message());
    EXPECT_EQ(stream.Finish().message(), status.message());
  }
}

TEST(Safetensors, RefusesACommitOfMoreThanTheSpan) {
  RecordingSink sink;
  SafetensorsStream stream(0, &sink);
  EXPECT_EQ(stream.span_size(), 8u);
  const Status status = stream.Commit(9);
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(stream.Finish().message(), status.message());
}

TEST(Safetensors, EndsWithTheErrorOfItsSink) {
  for (const std::string at : {"header", "a", "empty", "c", "end"}) {
    for (const size_t chunk : {size_t{1}, size_t{1000}}) {
      RecordingSink sink(at);
      SafetensorsStream stream(0, &sink);
      const Status status = Feed(SmallFile(), chunk, &stream);
      EXPECT_EQ(status.code(), StatusCode::kIntegrity);
      EXPECT_EQ(status.message(), "the sink refuses " + at);
      const std::string log = sink.log;
      EXPECT_FALSE(stream.Commit(0).ok());
      EXPECT_FALSE(stream.Finish().ok());
      EXPECT_EQ(sink.log, log);  // it is left alone from then on
    }
  }
}

TEST(Safetensors, ReportsEveryAllocationThatFails) {
  const std::string file = SmallFile();
  int failures = 0;
  for (bool ok = false; !ok && failures < 100; failures += !ok) {
    RecordingSink sink;
    SafetensorsStream stream(file.size(), &sink);
    FailAllocationForTest(failures);
    const Status status = Feed(file, 1000, &stream);
    FailAllocationForTest(-1);
    ok = status.ok();
    ASSERT_TRUE(ok || status.code() == StatusCode::kOutOfMemory) << status.message();
    EXPECT_EQ(stream.Finish().message(), status.message());
  }
  // The header, its parser's headroom and copy, the three tensors that are not empty.
  EXPECT_EQ(failures, 6);
}

}  // namespace
}  // namespace simile

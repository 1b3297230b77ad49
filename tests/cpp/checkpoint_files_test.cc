// SPDX-License-Identifier: Apache-2.0
// Which small files of a checkpoint are looked for and kept, and what a model card says.
#include "convert/checkpoint_files.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "convert/model_card.h"
#include "gtest/gtest.h"

namespace simile {
namespace {

TEST(CheckpointFilesTest, KeepsOnlyWhatIsWanted) {
  CheckpointFiles files;
  files.Add("other.json", Buffer<uint8_t>());
  files.Add("../config.json", Buffer<uint8_t>());
  files.Add("model.safetensors", Buffer<uint8_t>());
  EXPECT_FALSE(files.Has("other.json"));
  EXPECT_FALSE(files.Has("../config.json"));
  EXPECT_FALSE(files.Has("model.safetensors"));
  files.Add("2_Dense/config.json", Buffer<uint8_t>());
  EXPECT_TRUE(files.Has("2_Dense/config.json"));
}

bool Contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

TEST(CheckpointFilesTest, WantsEachFileOnceAndWhatTheFirstOnesName) {
  CheckpointFiles files;
  const std::vector<std::string> first = files.WantedNext();
  EXPECT_TRUE(Contains(first, "config.json"));
  EXPECT_TRUE(Contains(first, "tokenizer.json"));
  EXPECT_FALSE(Contains(first, "spiece.model"));
  const std::string modules = R"([{"path": ""}, {"path": "1_Pooling"}, {"path": "../up"},
      {"path": "2_Dense"}])";
  Buffer<uint8_t> bytes;
  ASSERT_TRUE(bytes.Append(reinterpret_cast<const uint8_t*>(modules.data()), modules.size()).ok());
  files.Add("modules.json", std::move(bytes));
  const std::vector<std::string> second = files.WantedNext();
  EXPECT_TRUE(Contains(second, "1_Pooling/config.json"));
  EXPECT_TRUE(Contains(second, "2_Dense/config.json"));
  EXPECT_TRUE(Contains(second, "spiece.model"));  // there is no tokenizer.json
  EXPECT_FALSE(Contains(second, "../up/config.json"));
  EXPECT_FALSE(Contains(second, "config.json"));
  EXPECT_TRUE(files.WantedNext().empty());
}

TEST(ModelCardTest, LicenseComesFromTheFrontMatterAlone) {
  EXPECT_EQ(LicenseOfModelCard("---\nlicense: mit\n---\n"), "mit");
  EXPECT_EQ(LicenseOfModelCard("---\r\nlanguage: en\r\nlicense: \"apache-2.0\"\r\n---\r\n"),
            "apache-2.0");
  EXPECT_EQ(LicenseOfModelCard("---\nlicense:\n- cc-by-4.0\n- mit\n---\n"), "cc-by-4.0");
  EXPECT_EQ(LicenseOfModelCard("---\nlanguage: en\n---\nlicense: mit\n"), "unknown");
  EXPECT_EQ(LicenseOfModelCard("# Model\nlicense: mit\n"), "unknown");
  EXPECT_EQ(LicenseOfModelCard("---\nlicense: \xff\xfe\n---\n"), "unknown");
  EXPECT_EQ(LicenseOfModelCard("---\nlicense:\n---\n"), "unknown");
  EXPECT_EQ(LicenseOfModelCard("---\nlicense: mit"), "mit");
  EXPECT_EQ(LicenseOfModelCard(""), "unknown");
}

}  // namespace
}  // namespace simile

// SPDX-License-Identifier: Apache-2.0
// What a cross-encoder's tokenizer puts between two texts, as its files say.
#include "convert/tokenizer_pair.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace simile {
namespace {

Result<uint32_t> Read(std::string_view tokenizer, std::string_view config, bool has_types) {
  CheckpointFiles files;
  for (const auto& [name, text] : {std::pair("tokenizer.json", tokenizer),
                                   std::pair("tokenizer_config.json", config)}) {
    if (text.empty()) continue;
    Buffer<uint8_t> bytes;
    EXPECT_TRUE(bytes.Append(reinterpret_cast<const uint8_t*>(text.data()), text.size()).ok());
    files.Add(name, std::move(bytes));
  }
  return ReadPairSeparators(files, has_types);
}

// A template's list from "[CLS] $A:0 [SEP]": types are 0 unless said.
std::string TemplateList(std::string_view text) {
  std::string list;
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    std::string_view part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const bool is_second = part.ends_with(":1");
    if (is_second) part.remove_suffix(2);
    const bool is_text = part.starts_with('$');
    if (is_text) part.remove_prefix(1);
    list += list.empty() ? "" : ",";
    list += std::string(is_text ? R"({"Sequence": {"id": ")" : R"({"SpecialToken": {"id": ")") +
            std::string(part) + R"(", "type_id": )" + (is_second ? "1}}" : "0}}");
  }
  return "[" + list + "]";
}

std::string Template(std::string_view single, std::string_view pair) {
  return R"({"post_processor": {"type": "Sequence", "processors": [{"type": "ByteLevel"},
      {"type": "TemplateProcessing", "single": )" + TemplateList(single) + R"(, "pair": )" +
         TemplateList(pair) + "}]}}";
}

std::string Refusal(const Result<uint32_t>& result) {
  return result.ok() ? "" : result.status().message();
}

TEST(TokenizerPair, ATemplateIsCounted) {
  const std::string bert = Template("[CLS] $A [SEP]", "[CLS] $A [SEP] $B:1 [SEP]:1");
  EXPECT_EQ(Read(bert, "", true).value(), 1u);
  EXPECT_EQ(Read(Template("<s> $A </s>", "<s> $A </s> </s> $B </s>"), "", false).value(), 2u);
  EXPECT_EQ(Read(Template("$A <e> <f>", "$A <e> <f> $B <e> <f>"), "", false).value(), 1u);
  EXPECT_EQ(Read(Template("$A <e>", "$A $B:1 <e>:1"), "", true).value(), 0u);
  EXPECT_EQ(Read(Template("<s> $A", "<s> $A $B:1"), "", true).value(), 1u);  // of no tokens
}

TEST(TokenizerPair, ATemplateThatIsNotOfTheTextsEndsIsRefused) {
  for (const char* pair : {
           "<t> $A </s> $B </s>",           // another beginning
           "<s> $A </s> $B <t>",            // another end
           "<s> $A <t> $B </s>",            // another separator
           "<s> $A </s> <s> $B </s>",       // a beginning within
           "<s> $A </s> </s> </s> </s> </s> </s> </s> </s> </s> $B </s>"}) {
    EXPECT_EQ(Refusal(Read(Template("<s> $A </s>", pair), "", false)),
              "tokenizer.json: 'post_processor': 'pair': is supported with the special tokens of "
              "'single', those behind the text 0 to 8 times between the texts")
        << pair;
  }
  EXPECT_NE(Refusal(Read(Template("<s> $A", "<s> $A <s> $B"), "", false)), "");
  for (const char* pair : {"$B $A", "$A $A", "$A", "$A $B $A", ""}) {
    EXPECT_NE(Refusal(Read(Template("$A", pair), "", false)), "") << pair;
  }
  EXPECT_NE(Refusal(Read(R"({"post_processor": {"type": "TemplateProcessing", "single": [],
      "pair": [{"Sequence": {}}]}})", "", false)), "");
}

TEST(TokenizerPair, RobertaHasTwoAndBertOne) {
  const auto of_type = [](const std::string& type, bool has_types) {
    return Read(R"({"post_processor": {"type": ")" + type + R"("}})", "", has_types);
  };
  EXPECT_EQ(of_type("BertProcessing", true).value(), 1u);
  EXPECT_EQ(of_type("RobertaProcessing", false).value(), 2u);
  EXPECT_FALSE(of_type("RobertaProcessing", true).ok());
  EXPECT_EQ(Read(R"({"post_processor": null})", "", true).value(), 1u);
}

TEST(TokenizerPair, WithoutATokenizerJsonTheClassSaysIt) {
  EXPECT_EQ(Read("", "", true).value(), 1u);
  EXPECT_EQ(Read("", R"({"tokenizer_class": "BertTokenizer"})", true).value(), 1u);
  for (const char* name : {"XLMRobertaTokenizer", "XLMRobertaTokenizerFast"}) {
    const std::string config = "{\"tokenizer_class\": \"" + std::string(name) + "\"}";
    EXPECT_EQ(Read("", config, false).value(), 2u);
  }
}

TEST(TokenizerPair, AModelWithTokenTypesNeedsATokenizerThatGivesThem) {
  const std::string without = Template("[CLS] $A [SEP]", "[CLS] $A [SEP] $B [SEP]");
  EXPECT_EQ(Read(without, "", false).value(), 1u);
  EXPECT_EQ(Refusal(Read(without, "", true)),
            "config.json: 'type_vocab_size': the model has token types, but its tokenizer gives "
            "the second text of a pair none; that is not supported");
  const std::string bert = Template("[CLS] $A [SEP]", "[CLS] $A [SEP] $B:1 [SEP]:1");
  EXPECT_FALSE(Read(bert, R"({"model_input_names": ["input_ids"]})", true).ok());
  EXPECT_TRUE(Read(bert, R"({"model_input_names": ["token_type_ids"]})", true).ok());
}

}  // namespace
}  // namespace simile

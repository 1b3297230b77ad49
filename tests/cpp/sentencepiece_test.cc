// SPDX-License-Identifier: Apache-2.0
// Sentencepiece tokenizers on models made here.

#include "text/sentencepiece.h"

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tiny_sentencepiece.h"

namespace simile {
namespace {

using Ids = std::vector<uint32_t>;

TinySentencepiece XlmRoberta() {
  TinySentencepiece model;
  model.pieces.push_back({"<s>", 0, PieceType::kControl});
  model.pieces.push_back({"</s>", 0, PieceType::kControl});
  for (const char* piece : {"▁the", "▁cat", "s", "▁sat", "▁"}) model.pieces.push_back({piece, -2});
  return model;
}

SentencepieceConfig XlmRobertaConfig() {
  SentencepieceConfig config;
  config.vocab_size = 10;
  config.id_offset = 1;
  config.unk_id = 3;
  config.prefix_ids = {0};
  config.suffix_ids = {2};
  config.literals = {{"<s>", 0, false, false}, {"<mask>", 9, true, false}};
  return config;
}

std::unique_ptr<Tokenizer> Make(const TinySentencepiece& model, const SentencepieceConfig& config) {
  Result<std::unique_ptr<Tokenizer>> made = MakeSentencepiece(model.Bytes(), config);
  EXPECT_TRUE(made.ok()) << made.status().message();
  return made.ok() ? std::move(made.value()) : nullptr;
}

Buffer<Token> TokensOf(const Tokenizer& tokenizer, std::string_view text, size_t max = SIZE_MAX) {
  Buffer<Token> tokens;
  EXPECT_TRUE(tokenizer.Tokenize(text, max, &tokens).ok());
  return tokens;
}

Ids IdsOf(const Tokenizer& tokenizer, std::string_view text, size_t max = SIZE_MAX) {
  Ids ids;
  for (const Token& token : TokensOf(tokenizer, text, max)) ids.push_back(token.id);
  return ids;
}

std::string RefusalOf(const TinySentencepiece& model, const SentencepieceConfig& config = {}) {
  const Result<std::unique_ptr<Tokenizer>> made = MakeSentencepiece(model.Bytes(), config);
  if (made.ok()) return "";
  EXPECT_EQ(made.status().code(), StatusCode::kBadModel);
  return made.status().message();
}

TEST(Sentencepiece, ShiftsPiecesAndAddsTokensAsTheConfigurationSays) {
  const auto tokenizer = Make(XlmRoberta(), XlmRobertaConfig());
  EXPECT_EQ(IdsOf(*tokenizer, "the cats sat"), Ids({0, 4, 5, 6, 7, 2}));
  EXPECT_EQ(IdsOf(*tokenizer, ""), Ids({0, 2}));
  EXPECT_EQ(tokenizer->vocab_size(), 10u);
}

TEST(Sentencepiece, OffsetsPointIntoTheOriginalText) {
  const auto tokenizer = Make(XlmRoberta(), XlmRobertaConfig());
  const Buffer<Token> tokens = TokensOf(*tokenizer, " the  cats");
  ASSERT_EQ(tokens.size(), 5u);
  EXPECT_EQ(tokens[1].begin, 1u);
  EXPECT_EQ(tokens[1].end, 4u);
  EXPECT_EQ(tokens[3].begin, 9u);
  EXPECT_EQ(tokens[3].end, 10u);
  EXPECT_EQ(tokens[4].begin, 0u);
  EXPECT_EQ(tokens[4].end, 0u);
}

TEST(Sentencepiece, ARunOfUnknownCharactersIsOneUnknownToken) {
  const auto tokenizer = Make(XlmRoberta(), XlmRobertaConfig());
  EXPECT_EQ(IdsOf(*tokenizer, "the жж s"), Ids({0, 4, 8, 3, 8, 6, 2}));
  EXPECT_EQ(IdsOf(*tokenizer, "\xff\xfe"), Ids({0, 8, 3, 2}));
}

TEST(Sentencepiece, LiteralTokensAreCutOutOfTheRawTextWithTheirSpace) {
  const auto tokenizer = Make(XlmRoberta(), XlmRobertaConfig());
  EXPECT_EQ(IdsOf(*tokenizer, "the \u3000<mask> cat<s>"), Ids({0, 4, 9, 5, 0, 2}));
  const Buffer<Token> tokens = TokensOf(*tokenizer, "the \u3000<mask> cat");
  EXPECT_EQ(tokens[2].begin, 3u);
  EXPECT_EQ(tokens[2].end, 13u);
  EXPECT_EQ(tokens[3].begin, 14u);
}

TEST(Sentencepiece, ATextThatIsCutKeepsItsAddedTokens) {
  const auto tokenizer = Make(XlmRoberta(), XlmRobertaConfig());
  Buffer<Token> tokens;
  const Result<TokenizeResult> result = tokenizer->Tokenize("the cat sat", 3, &tokens);
  ASSERT_TRUE(result.ok());
  EXPECT_TRUE(result.value().truncated);
  EXPECT_EQ(result.value().full_count, 5u);
  EXPECT_EQ(IdsOf(*tokenizer, "the cat sat", 3), Ids({0, 4, 2}));
  EXPECT_EQ(IdsOf(*tokenizer, "the cat sat", 2), Ids({0, 2}));
}

TinySentencepiece Bpe() {
  TinySentencepiece model;
  model.is_bpe = true;
  model.byte_fallback = true;
  for (int byte = 0; byte < 256; ++byte) {
    char name[8];
    std::snprintf(name, sizeof(name), "<0x%02X>", byte);
    model.pieces.push_back({name, 0, PieceType::kByte});
  }
  const char* pieces[] = {"ab", "▁ab", "▁", "a", "b"};
  for (int i = 0; i < 5; ++i) model.pieces.push_back({pieces[i], -static_cast<float>(i)});
  return model;
}

TEST(Sentencepiece, BpeMergesByScoreAndFallsBackToBytes) {
  const auto tokenizer = Make(Bpe(), {});
  EXPECT_EQ(IdsOf(*tokenizer, "aba"), Ids({258, 260}));
  EXPECT_EQ(IdsOf(*tokenizer, "é"), Ids({259, 1 + 0xC3, 1 + 0xA9}));
  const Buffer<Token> tokens = TokensOf(*tokenizer, "aé");
  EXPECT_EQ(tokens[2].begin, 1u);
  EXPECT_EQ(tokens[2].end, 3u);
}

// Runs of one letter: every piece is found at every place.
TinySentencepiece Runs(bool is_bpe) {
  TinySentencepiece model;
  model.is_bpe = is_bpe;
  for (int size = 1; size <= 32; ++size) {
    model.pieces.push_back({std::string(size, 'a'), -static_cast<float>(size)});
  }
  return model;
}

TEST(Sentencepiece, AMegabyteWithoutASpaceIsCutWholly) {
  const std::string text(1 << 20, 'a');
  for (const bool is_bpe : {false, true}) {
    const auto tokenizer = Make(Runs(is_bpe), {});
    const Buffer<Token> tokens = TokensOf(*tokenizer, text);
    ASSERT_GE(tokens.size(), text.size() / 32);
    EXPECT_EQ(tokens[tokens.size() - 1].end, text.size());
  }
}

TEST(Sentencepiece, RefusesPiecesThatTheLibraryCannotHold) {
  const std::pair<TinyPiece, const char*> cases[] = {
      {{std::string(513, 'a')}, "piece 1: expected 1 to 512 bytes, found 513"},
      {{""}, "piece 1: expected 1 to 512 bytes, found 0"},
      {{std::string("a\0b", 3)}, "piece 1 has a NUL in it"},
      {{"a", INFINITY}, "piece 1: its score is not finite"},
      {{"<unk2>", 0, PieceType::kUnknown}, "unk is already defined"},
      {{"<0x41>", 0, PieceType::kByte}, "byte_fallback"},
  };
  for (const auto& [piece, message] : cases) {
    TinySentencepiece model;
    model.pieces.push_back(piece);
    EXPECT_NE(RefusalOf(model).find(message), std::string::npos) << RefusalOf(model);
  }
}

TEST(Sentencepiece, RefusesUserDefinedPiecesThatNestTooDeeply) {
  TinySentencepiece model;
  model.pieces.push_back({"b", -1});
  for (int size = 1; size <= 64; ++size) {
    model.pieces.push_back({std::string(size, 'a'), 0, PieceType::kUserDefined});
  }
  EXPECT_EQ(RefusalOf(model), "");
  model.pieces.push_back({std::string(65, 'a'), 0, PieceType::kUserDefined});
  EXPECT_NE(RefusalOf(model).find("begin alike"), std::string::npos);
}

TEST(Sentencepiece, RefusesBytesThatAreNoModel) {
  for (const std::string bytes : {"", "\x0a", "\x0b\x0c", "[not a model]", "\x0a\xff\xff\xff\xff\xff"}) {
    Buffer<uint8_t> buffer;
    ASSERT_TRUE(buffer.Append(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()).ok());
    const auto made = MakeSentencepiece(std::move(buffer), {});
    ASSERT_FALSE(made.ok());
    EXPECT_EQ(made.status().code(), StatusCode::kBadModel);
  }
}

TEST(Sentencepiece, RefusesWhatWouldBecomeMuchMoreThanItIs) {
  TinySentencepiece model = XlmRoberta();
  std::string proto = model.Proto();
  for (int i = 0; i < (1 << 20); ++i) proto += std::string("\x0a\0", 2);
  Buffer<uint8_t> bytes;
  ASSERT_TRUE(bytes.Append(reinterpret_cast<const uint8_t*>(proto.data()), proto.size()).ok());
  const auto made = MakeSentencepiece(std::move(bytes), {});
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.status().message(),
            "tokenizer.model: expected at most 1048576 pieces, found 1048584");
}

TEST(Sentencepiece, RefusesAConfigurationThatContradictsTheModel) {
  SentencepieceConfig config = XlmRobertaConfig();
  config.vocab_size = 8;
  EXPECT_NE(RefusalOf(XlmRoberta(), config).find("8 pieces from id 1 on"), std::string::npos);
  config = XlmRobertaConfig();
  config.suffix_ids = {10};
  EXPECT_NE(RefusalOf(XlmRoberta(), config).find("an added id"), std::string::npos);
  config = XlmRobertaConfig();
  config.suffix_ids = {1, 2};
  EXPECT_NE(RefusalOf(XlmRoberta(), config).find("more than 2 tokens"), std::string::npos);
  config = XlmRobertaConfig();
  config.literals.push_back({"<s>", 1, false, false});
  EXPECT_NE(RefusalOf(XlmRoberta(), config).find("there twice"), std::string::npos);
}

}  // namespace
}  // namespace simile

// SPDX-License-Identifier: Apache-2.0
#include "text/wordpiece.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "text/vocabulary.h"

namespace simile {
namespace {

using Words = std::vector<std::string>;

constexpr std::string_view kVocab =
    "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n"
    "un\n##aff\n##able\n##a\nhello\nworld\n##s\n,\n!\n[\n]\n.\n"
    "cafe\nx\n##x\ni\nσ\n##σ\nß\n中\n文\nᄀ\n##ᅡ\n##ᆨ\n"
    ";\na\nñ\n##\u0307\nba\n##\u302e\n##\u1b44\nabc";

Buffer<uint8_t> Bytes(std::string_view text) {
  Buffer<uint8_t> bytes;
  EXPECT_TRUE(
      bytes.Append(reinterpret_cast<const uint8_t*>(text.data()), text.size()).ok());
  return bytes;
}

class WordPieceTest : public testing::Test {
 protected:
  void Make(const WordPieceConfig& config = {}) {
    Result<std::unique_ptr<Tokenizer>> made = MakeWordPiece(Bytes(kVocab), config);
    ASSERT_TRUE(made.ok()) << made.status().message();
    tokenizer_ = std::move(made.value());
  }
  void SetUp() override { Make(); }

  std::vector<Token> Tokens(std::string_view text, size_t max_tokens = 256) {
    Buffer<Token> tokens;
    const Result<TokenizeResult> result = tokenizer_->Tokenize(text, max_tokens, &tokens);
    EXPECT_TRUE(result.ok());
    if (result.ok()) last_ = result.value();
    return std::vector<Token>(tokens.begin(), tokens.end());
  }

  // The tokens' texts, without [CLS] and [SEP].
  Words Split(std::string_view text) {
    Words words;
    for (const Token& token : Tokens(text)) words.push_back(Line(token.id));
    EXPECT_EQ(words.front(), "[CLS]");
    EXPECT_EQ(words.back(), "[SEP]");
    return Words(words.begin() + 1, words.end() - 1);
  }

  // What the tokens' offsets cut out of the text.
  Words Cut(std::string_view text) {
    Words words;
    const std::vector<Token> tokens = Tokens(text);
    for (size_t i = 1; i + 1 < tokens.size(); ++i) {
      words.emplace_back(text.substr(tokens[i].begin, tokens[i].end - tokens[i].begin));
    }
    return words;
  }

  static std::string Line(uint32_t id) {
    size_t begin = 0;
    for (uint32_t i = 0; i < id; ++i) begin = kVocab.find('\n', begin) + 1;
    return std::string(kVocab.substr(begin, kVocab.find('\n', begin) - begin));
  }

  std::unique_ptr<Tokenizer> tokenizer_;
  TokenizeResult last_;
};

TEST_F(WordPieceTest, GivesOnlyTheSpecialTokensForAnEmptyText) {
  EXPECT_EQ(Split(""), Words{});
  EXPECT_EQ(Split(" \t\n\r\u00a0\u3000"), Words{});
  EXPECT_EQ(last_.full_count, 2u);
  EXPECT_FALSE(last_.truncated);
}

TEST_F(WordPieceTest, TakesTheLongestMatchFirst) {
  EXPECT_EQ(Split("unaffable"), (Words{"un", "##aff", "##able"}));
  EXPECT_EQ(Split("Hello, worlds!"), (Words{"hello", ",", "world", "##s", "!"}));
}

TEST_F(WordPieceTest, MakesAWholeWordUnknownIfAPartOfItIs) {
  EXPECT_EQ(Split("unaffq hello"), (Words{"[UNK]", "hello"}));
  EXPECT_EQ(Cut("unaffq hello"), (Words{"unaffq", "hello"}));
}

TEST_F(WordPieceTest, StripsAccentsAndLowersCase) {
  EXPECT_EQ(Split("CAFÉ cafe\u0301"), (Words{"cafe", "cafe"}));
  EXPECT_EQ(Cut("CAFÉ cafe\u0301"), (Words{"CAFÉ", "cafe"}));
  EXPECT_EQ(Split("İ"), Words{"i"});
  EXPECT_EQ(Split("ΣΣ"), (Words{"σ", "##σ"}));  // no final sigma
  EXPECT_EQ(Split("ẞ"), Words{"ß"});
}

TEST_F(WordPieceTest, RemovesControlsWithinAWord) {
  const std::string text = std::string("he\u200dl\x01l\0o\u00ad", 12);
  EXPECT_EQ(Split(text), Words{"hello"});
  EXPECT_EQ(Split("a\u0085bc"), Words{"abc"});
}

TEST_F(WordPieceTest, DropsInvalidBytesAsReplacementCharacters) {
  EXPECT_EQ(Split("he\xffllo\xed\xa0\x80 \xf0\x9f"), Words{"hello"});
  EXPECT_EQ(Cut("he\xffllo\xc3"), Words{"he\xffllo"});
}

TEST_F(WordPieceTest, SetsChineseCharactersApart) {
  EXPECT_EQ(Split("x中文x"), (Words{"x", "中", "文", "x"}));
  EXPECT_EQ(Cut("x中文x"), (Words{"x", "中", "文", "x"}));
}

TEST_F(WordPieceTest, GivesEachJamoThePlaceOfItsSyllable) {
  EXPECT_EQ(Split("각"), (Words{"ᄀ", "##ᅡ", "##ᆨ"}));
  EXPECT_EQ(Cut("각"), (Words{"각", "각", "각"}));
}

TEST_F(WordPieceTest, SplitsAtPunctuationThatDecompositionBrings) {
  EXPECT_EQ(Split("x\u037ex"), (Words{"x", ";", "x"}));  // Greek question mark
}

TEST_F(WordPieceTest, OrdersCombiningCharactersCanonically) {
  // U+1B44 has class 9, U+302E class 224; U+0301 between them vanishes.
  EXPECT_EQ(Split("ba\u302e\u0301\u1b44"), (Words{"ba", "##\u1b44", "##\u302e"}));
  // As in the reference, places follow the original order.
  EXPECT_EQ(Cut("ba\u302e\u0301\u1b44"), (Words{"ba", "\u302e", "\u0301"}));
  // A mark of class 0 is stripped as well, but nothing passes it.
  EXPECT_EQ(Split("ba\u302e\u093a\u1b44"), (Words{"ba", "##\u302e", "##\u1b44"}));
}

TEST_F(WordPieceTest, MatchesSpecialTokensInTheRawTextOnly) {
  EXPECT_EQ(Split("[MASK]"), Words{"[MASK]"});
  EXPECT_EQ(Split("x[SEP]x[CLS][PAD]"), (Words{"x", "[SEP]", "x", "[CLS]", "[PAD]"}));
  EXPECT_EQ(Cut("x[SEP]x [CLS]"), (Words{"x", "[SEP]", "x", "[CLS]"}));
  EXPECT_EQ(Split("[mask]"), (Words{"[", "[UNK]", "]"}));
  EXPECT_EQ(Split("[SE\u200dP]"), (Words{"[", "[UNK]", "]"}));
  EXPECT_EQ(Split("[[UNK]]"), (Words{"[", "[UNK]", "]"}));
}

TEST_F(WordPieceTest, PrefersTheLongerOfTwoSpecialTokens) {
  WordPieceConfig config;
  config.special_tokens = {"a", "abc"};
  Make(config);
  EXPECT_EQ(Split("xabcax"), (Words{"x", "abc", "a", "x"}));
}

TEST_F(WordPieceTest, KeepsTheSpecialTokensWhenItTruncates) {
  const std::vector<Token> tokens = Tokens("x x x hello world", 5);
  ASSERT_EQ(tokens.size(), 5u);
  EXPECT_EQ(Line(tokens[0].id), "[CLS]");
  EXPECT_EQ(Line(tokens[3].id), "x");
  EXPECT_EQ(Line(tokens[4].id), "[SEP]");
  EXPECT_EQ(last_.full_count, 7u);
  EXPECT_TRUE(last_.truncated);
  EXPECT_EQ(Tokens("x x x hello world", 7).size(), 7u);
  EXPECT_FALSE(last_.truncated);
  EXPECT_EQ(Tokens("x x", 2).size(), 2u);
}

TEST_F(WordPieceTest, AppendsToTheTokensThatAreThere) {
  Buffer<Token> tokens;
  ASSERT_TRUE(tokenizer_->Tokenize("hello", 256, &tokens).ok());
  ASSERT_TRUE(tokenizer_->Tokenize("world", 256, &tokens).ok());
  ASSERT_EQ(tokens.size(), 6u);
  EXPECT_EQ(Line(tokens[1].id), "hello");
  EXPECT_EQ(Line(tokens[4].id), "world");
}

TEST_F(WordPieceTest, CountsTheCharactersOfAWordAfterNormalisation) {
  EXPECT_EQ(Split(std::string(99, 'x')).size(), 99u);
  EXPECT_EQ(Split(std::string(100, 'X')).size(), 100u);
  EXPECT_EQ(Split(std::string(101, 'x')), Words{"[UNK]"});
  std::string accented;
  for (int i = 0; i < 100; ++i) accented += "x\u0301";
  EXPECT_EQ(Split(accented).size(), 100u);
  EXPECT_EQ(Split(accented + "x"), Words{"[UNK]"});
  EXPECT_EQ(Cut(accented + "x"), Words{accented + "x"});
}

TEST_F(WordPieceTest, TakesLinearTimeForHostileTexts) {
  // A quadratic tokenizer would need minutes for each.
  const size_t size = 1000000;
  std::string marks = "x";
  for (size_t i = 0; i < size; ++i) marks += i % 2 == 0 ? "\u0301" : "\u302e";
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(Split(std::string(size, 'x')), Words{"[UNK]"});
  EXPECT_EQ(Split(marks), Words{"[UNK]"});
  Split(std::string(size, '['));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

TEST_F(WordPieceTest, KeepsCaseAndAccentsWhenToldTo) {
  WordPieceConfig config;
  config.lowercase = false;
  config.strip_accents = false;
  Make(config);
  EXPECT_EQ(Split("hello Hello ã"), (Words{"hello", "[UNK]", "[UNK]"}));
  config.lowercase = true;
  Make(config);
  EXPECT_EQ(Split("Ñ İ"), (Words{"ñ", "i", "##\u0307"}));
}

TEST_F(WordPieceTest, SplitsAtControlSpacesWhenItDoesNotClean) {
  WordPieceConfig config;
  config.clean_text = false;
  Make(config);
  EXPECT_EQ(Split("x\u0085x\vx"), (Words{"x", "x", "x"}));
  EXPECT_EQ(Split("x\u200bx"), Words{"[UNK]"});
}

TEST_F(WordPieceTest, JoinsChineseCharactersWhenToldTo) {
  WordPieceConfig config;
  config.handle_chinese_chars = false;
  Make(config);
  EXPECT_EQ(Split("中 文中"), (Words{"中", "[UNK]"}));
}

TEST_F(WordPieceTest, NamesAMaximumThatIsTooSmall) {
  Buffer<Token> tokens;
  const Result<TokenizeResult> result = tokenizer_->Tokenize("x", 1, &tokens);
  EXPECT_EQ(result.status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(result.status().message(), "max_tokens: expected at least 2, found 1");
}

TEST_F(WordPieceTest, SurvivesEveryFailedAllocation) {
  const std::string text = "hello " + std::string(200, '!') + "ba\u302e\u0301\u1b44 x中";
  Buffer<Token> tokens;
  bool succeeded = false;
  for (int countdown = 0; countdown < 100 && !succeeded; ++countdown) {
    tokens.Free();
    FailAllocationForTest(countdown);
    const Result<TokenizeResult> result = tokenizer_->Tokenize(text, 256, &tokens);
    FailAllocationForTest(-1);
    succeeded = result.ok();
    if (succeeded) continue;
    EXPECT_EQ(result.status().code(), StatusCode::kOutOfMemory);
    EXPECT_EQ(tokens.size(), 0u);
  }
  EXPECT_TRUE(succeeded);
  EXPECT_EQ(tokens.size(), 208u);
}

TEST(WordPieceVocabulary, ReportsEveryFailedAllocation) {
  for (int countdown = 0; countdown < 2; ++countdown) {
    Buffer<uint8_t> bytes = Bytes(kVocab);
    FailAllocationForTest(countdown);
    const auto made = MakeWordPiece(std::move(bytes), {});
    FailAllocationForTest(-1);
    EXPECT_EQ(made.status().code(), StatusCode::kOutOfMemory);
  }
}

std::string MakeError(const std::string& vocab, const WordPieceConfig& config = {}) {
  const auto made = MakeWordPiece(Bytes(vocab), config);
  EXPECT_EQ(made.status().code(), StatusCode::kBadModel);
  return made.status().message();
}

TEST(WordPieceVocabulary, NamesTheLineThatIsWrong) {
  EXPECT_EQ(MakeError("a\n\nb\n"), "tokenizer.vocab line 2 is empty");
  EXPECT_EQ(MakeError("a\nb\na\n"), "tokenizer.vocab line 3 repeats line 1");
  EXPECT_EQ(MakeError("a\n\xff\n"), "tokenizer.vocab line 2 is not UTF-8");
  EXPECT_EQ(MakeError("a\nb\n" + std::string(257, 'c')),
            "tokenizer.vocab line 3: expected at most 256 bytes, found 257");
}

TEST(WordPieceVocabulary, NamesTheSpecialTokenThatIsMissing) {
  EXPECT_EQ(MakeError(""), "tokenizer.vocab lacks the special token '[UNK]'");
  EXPECT_EQ(MakeError("[UNK]\n[CLS]\n[SEP]\n[PAD]\n"),
            "tokenizer.vocab lacks the special token '[MASK]'");
}

TEST(WordPieceVocabulary, RefusesMoreThanAMillionLines) {
  std::string vocab;
  for (size_t i = 0; i <= size_t{1} << 20; ++i) vocab += std::to_string(i) + "\n";
  EXPECT_EQ(MakeError(vocab), "tokenizer.vocab has more than 1048576 lines");
}

TEST(WordPieceVocabulary, RefusesLinesChosenToShareAHash) {
  // 600 lines get 2048 slots; each of these wants the same one.
  std::string vocab;
  size_t lines = 0;
  for (uint32_t i = 0; lines < 600; ++i) {
    const std::string line = std::to_string(i);
    if (PrefixHash(line).value() % 2048 != 7) continue;
    vocab += line + "\n";
    ++lines;
  }
  EXPECT_EQ(MakeError(vocab),
            "tokenizer.vocab line 513 has the same hash as too many other lines");
}

TEST(WordPieceVocabulary, RefusesLimitsThatItCannotKeep) {
  WordPieceConfig config;
  config.max_word_chars = 257;
  EXPECT_EQ(MakeError(std::string(kVocab), config),
            "tokenizer: max_input_chars_per_word: expected 1 to 256, found 257");
  config = {};
  config.special_tokens.assign(65, "[MASK]");
  EXPECT_EQ(MakeError(std::string(kVocab), config),
            "tokenizer: expected at most 64 special tokens, found 65");
  config.special_tokens = {""};
  EXPECT_EQ(MakeError(std::string(kVocab), config),
            "tokenizer.vocab lacks the special token ''");
}

TEST(WordPieceVocabulary, ReadsLinesThatEndInCarriageReturns) {
  const auto made =
      MakeWordPiece(Bytes("[PAD]\r\n[UNK]\r\n[CLS]\r\n[SEP]\r\n[MASK]\r\nx\r\n"), {});
  ASSERT_TRUE(made.ok()) << made.status().message();
  EXPECT_EQ(made.value()->vocab_size(), 6u);
  Buffer<Token> tokens;
  ASSERT_TRUE(made.value()->Tokenize("x", 256, &tokens).ok());
  EXPECT_EQ(tokens[1].id, 5u);
}

}  // namespace
}  // namespace simile

// SPDX-License-Identifier: Apache-2.0
// Fuzzes the WordPiece tokenizer: the input is a byte of options, a byte of
// limits, a vocabulary up to the first NUL, and a text. Whatever they are,
// nothing may crash, and tokens must lie where they say.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "text/wordpiece.h"

namespace {

void Check(bool condition) {
  if (!condition) std::abort();
}

simile::WordPieceConfig MakeConfig(uint8_t options) {
  simile::WordPieceConfig config;
  config.clean_text = (options & 1) == 0;
  config.lowercase = (options & 2) == 0;
  config.strip_accents = (options & 4) == 0;
  config.handle_chinese_chars = (options & 8) == 0;
  if ((options & 16) != 0) config.max_word_chars = 3;
  if ((options & 32) != 0) config.special_tokens = {"a", "ab", "[CLS]"};
  if ((options & 64) != 0) config.continuing_prefix = "";
  return config;
}

// Half of the vocabularies are made valid by the tokens that must be there.
simile::Buffer<uint8_t> MakeVocab(uint8_t options, std::string_view lines) {
  std::string vocab;
  if ((options & 128) == 0) vocab = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nab\n##b\n";
  vocab += lines;
  simile::Buffer<uint8_t> bytes;
  Check(bytes.Append(reinterpret_cast<const uint8_t*>(vocab.data()), vocab.size()).ok());
  return bytes;
}

void CheckTokens(const simile::Buffer<simile::Token>& tokens, size_t text_size,
                 const simile::Tokenizer& tokenizer) {
  Check(tokens.size() >= 2);
  uint32_t last_begin = 0;
  for (size_t i = 0; i < tokens.size(); ++i) {
    const simile::Token& token = tokens[i];
    Check(token.id < tokenizer.vocab_size());
    if (i == 0 || i + 1 == tokens.size()) {
      Check(token.begin == 0 && token.end == 0);
      continue;
    }
    Check(token.begin < token.end && token.end <= text_size);
    Check(token.begin >= last_begin);
    last_begin = token.begin;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 2, size - 2);
  const size_t vocab_end = std::min(rest.find('\0'), rest.size());
  const std::string_view text = rest.substr(std::min(vocab_end + 1, rest.size()));
  const auto made =
      simile::MakeWordPiece(MakeVocab(data[0], rest.substr(0, vocab_end)), MakeConfig(data[0]));
  if (!made.ok()) {
    Check(!made.status().message().empty());
    return 0;
  }
  const size_t max_tokens = 2 + data[1];
  simile::Buffer<simile::Token> tokens;
  const auto result = made.value()->Tokenize(text, max_tokens, &tokens);
  Check(result.ok());
  CheckTokens(tokens, text.size(), *made.value());
  Check(tokens.size() == std::min(result.value().full_count, max_tokens));
  // The border's promise: text bytes and two tokens are always enough.
  Check(result.value().full_count <= text.size() + 2);

  simile::Buffer<simile::Token> again;
  Check(made.value()->Tokenize(text, max_tokens, &again).ok());
  Check(again.size() == tokens.size() &&
        std::memcmp(again.data(), tokens.data(), tokens.size_bytes()) == 0);
  return 0;
}

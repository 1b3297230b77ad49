// SPDX-License-Identifier: Apache-2.0
// Fuzzes sentencepiece models and what is checked of them: the input is two bytes of
// options, the size of a model file in two bytes, that file, and a text. Half of the
// files get an unknown piece and a piece, without which few would be models. Whatever they are,
// nothing may crash or hang, and tokens must lie where they say.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include "text/sentencepiece.h"

namespace {

constexpr size_t kHeadBytes = 4;

void Check(bool condition) {
  if (!condition) std::abort();
}

simile::SentencepieceConfig MakeConfig(uint8_t options) {
  simile::SentencepieceConfig config;
  config.id_offset = options & 3;
  config.unk_id = (options & 4) != 0 ? 1 : 0;
  if ((options & 8) != 0) config.prefix_ids = {0};
  if ((options & 16) != 0) config.suffix_ids = {1};
  if ((options & 32) != 0) config.literals = {{"a", 0, true, true}, {"ab", 1, false, true}};
  return config;
}

// A piece that is unknown, and "▁a".
std::string SomePieces() {
  using std::string_literals::operator""s;
  return "\x0a\x09\x0a\x05<unk>\x18\x02"s + "\x0a\x0b\x0a\x04\xe2\x96\x81\x61\x15\0\0\0\0"s;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < kHeadBytes) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + kHeadBytes,
                              size - kHeadBytes);
  const size_t model_bytes = std::min<size_t>(data[2] + 256 * data[3], rest.size());
  std::string file = (data[1] & 1) != 0 ? SomePieces() : "";
  file += rest.substr(0, model_bytes);
  simile::Buffer<uint8_t> bytes;
  Check(bytes.Append(reinterpret_cast<const uint8_t*>(file.data()), file.size()).ok());
  const auto tokenizer = simile::MakeSentencepiece(std::move(bytes), MakeConfig(data[0]));
  if (!tokenizer.ok()) {
    Check(!tokenizer.status().message().empty());
    return 0;
  }
  const std::string_view text = rest.substr(model_bytes);
  simile::Buffer<simile::Token> tokens;
  if (!tokenizer.value()->Tokenize(text, SIZE_MAX, &tokens).ok()) return 0;
  for (const simile::Token& token : tokens) {
    Check(token.id < tokenizer.value()->vocab_size());
    Check(token.begin <= token.end && token.end <= text.size());
  }
  return 0;
}

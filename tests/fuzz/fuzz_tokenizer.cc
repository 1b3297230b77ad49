// SPDX-License-Identifier: Apache-2.0
// Fuzzes the tokenizers. WordPiece: the input is a byte of options, a byte of limits,
// a vocabulary up to the first NUL, and a text. The others (text/steps_tokenizer.h):
// four bytes choose steps, flags and the model, then a table of pieces up to the first
// NUL (made of its lines, or, as a stranger's, of its bytes) and a text. Whatever they
// are, nothing may crash, and tokens must lie where they say.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "text/make_tokenizer.h"
#include "text/piece_table.h"
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

using simile::NormalizerStep;
using simile::PreTokenizerStep;

// Steps from bits: each kind of them may be there, in this order.
simile::TokenizerSteps MakeSteps(uint8_t normalize, uint8_t split, uint8_t flags) {
  simile::TokenizerSteps steps;
  const NormalizerStep::Type normalizers[] = {
      NormalizerStep::Type::kBert, NormalizerStep::Type::kNfkc, NormalizerStep::Type::kNmt,
      NormalizerStep::Type::kReplace, NormalizerStep::Type::kCollapseSpaces,
      NormalizerStep::Type::kPrepend, NormalizerStep::Type::kStrip, NormalizerStep::Type::kNfc};
  for (int i = 0; i < 8; ++i) {
    if ((normalize >> i & 1) == 0) continue;
    NormalizerStep step;
    step.type = normalizers[i];
    step.pattern = "a";
    step.content = (flags & 1) != 0 ? "b " : "";
    steps.normalizers.push_back(step);
  }
  const PreTokenizerStep::Type pre_tokenizers[] = {
      PreTokenizerStep::Type::kWhitespace, PreTokenizerStep::Type::kDigits,
      PreTokenizerStep::Type::kPunctuation, PreTokenizerStep::Type::kSplit,
      PreTokenizerStep::Type::kMetaspace, PreTokenizerStep::Type::kByteLevel};
  for (int i = 0; i < 6; ++i) {
    if ((split >> i & 1) == 0) continue;
    PreTokenizerStep step;
    step.type = pre_tokenizers[i];
    step.pattern = static_cast<simile::SplitPattern>(split >> 6);
    step.text = "b";
    step.behavior = static_cast<simile::SplitBehavior>(flags % 5);
    steps.pre_tokenizers.push_back(step);
  }
  steps.added_tokens = {{"ab", 2, (flags & 2) != 0, (flags & 4) != 0, true, false},
                        {"B", 3, false, true, (flags & 8) != 0, true}};
  steps.trim_offsets = (flags & 16) != 0;
  steps.fuse_unk = (flags & 32) != 0;
  steps.byte_fallback = (flags & 64) != 0;
  steps.ignore_merges = (flags & 128) != 0;
  steps.unk_id = 0;
  return steps;
}

// The lines as pieces, scored by their place; any two neighbours that add up merge.
simile::Buffer<uint8_t> MakeTable(std::string_view lines) {
  std::vector<std::string> pieces = {"a", "ab", "b"};
  while (!lines.empty()) {
    const size_t end = std::min(lines.find('\n'), lines.size());
    if (end > 0) pieces.emplace_back(lines.substr(0, end));
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
  std::sort(pieces.begin(), pieces.end());
  pieces.erase(std::unique(pieces.begin(), pieces.end()), pieces.end());
  simile::PieceTableParts parts;
  for (const std::string& piece : pieces) {
    parts.keys.emplace_back(piece, static_cast<uint32_t>(parts.scores.size()));
    parts.scores.push_back(-1.0 - static_cast<double>(parts.scores.size() % 7));
  }
  parts.piece_count = static_cast<uint32_t>(parts.scores.size());
  for (uint32_t i = 0; i + 2 < parts.piece_count; ++i) parts.merges.push_back({i, i + 1, i + 2});
  auto table = simile::BuildPieceTable(parts);
  Check(table.ok());
  return std::move(table.value());
}

void FuzzSteps(const uint8_t* data, size_t size) {
  const std::string_view rest(reinterpret_cast<const char*>(data) + 4, size - 4);
  const bool is_raw = (data[3] & 4) != 0;
  const size_t table_end = is_raw ? std::min<size_t>(rest.size(), 64 + data[3])
                                  : std::min(rest.find('\0'), rest.size());
  const std::string_view text = rest.substr(std::min(table_end + 1, rest.size()));
  simile::Buffer<uint8_t> table;
  if (is_raw) {
    Check(table.Append(data + 4, table_end).ok());
  } else {
    table = MakeTable(rest.substr(0, table_end));
  }
  simile::TokenizerConfig config;
  config.kind = static_cast<simile::TokenizerKind>(data[3] % 3);
  config.has_steps = true;
  config.steps = MakeSteps(data[0], data[1], data[2]);
  const auto made = simile::MakeTokenizer(config, std::move(table));
  if (!made.ok()) {
    Check(!made.status().message().empty());
    return;
  }
  simile::Buffer<simile::Token> tokens;
  const size_t max_tokens = 2 + data[3];
  const auto result = made.value()->Tokenize(text, max_tokens, &tokens);
  Check(result.ok());
  Check(tokens.size() == std::min(result.value().full_count, max_tokens));
  for (const simile::Token& token : tokens) {
    Check(token.id < made.value()->vocab_size());
    Check(token.begin <= token.end && token.end <= text.size());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 5) return 0;
  if ((data[0] & 1) != 0) {
    FuzzSteps(data + 1, size - 1);
    return 0;
  }
  ++data;
  --size;
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

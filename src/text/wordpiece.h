// SPDX-License-Identifier: Apache-2.0
// BERT's WordPiece tokenizer: clean, split at white space, punctuation and CJK,
// then greedy longest match over the vocabulary. Equal, id for id, to the
// BertTokenizer of Hugging Face tokenizers 0.23.3 (tests/golden shows it).

#ifndef SIMILE_TEXT_WORDPIECE_H_
#define SIMILE_TEXT_WORDPIECE_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "text/tokenizer.h"

namespace simile {

// What tokenizer.json / tokenizer_config.json say of a BERT tokenizer.
struct WordPieceConfig {
  bool clean_text = true;
  bool lowercase = true;
  bool strip_accents = true;
  bool handle_chinese_chars = true;
  uint32_t max_word_chars = 100;          // longer words are unk_token
  std::string continuing_prefix = "##";
  std::string unk_token = "[UNK]";
  std::string cls_token = "[CLS]";
  std::string sep_token = "[SEP]";
  // Matched literally in the text, before anything else.
  std::vector<std::string> special_tokens = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"};
};

// vocab: the content of a vocab.txt, one token a line, the id is the line
// number; the tokenizer keeps the bytes and copies no table. kBadModel if a line
// is empty, repeated, over 256 bytes or no UTF-8, a special token is missing, or
// there are more than 2^20 lines.
Result<std::unique_ptr<Tokenizer>> MakeWordPiece(Buffer<uint8_t> vocab,
                                                 const WordPieceConfig& config);

}  // namespace simile

#endif  // SIMILE_TEXT_WORDPIECE_H_

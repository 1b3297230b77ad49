// SPDX-License-Identifier: Apache-2.0
// How a checkpoint's tokenizer joins the two texts that a cross-encoder reads.

#ifndef SIMILE_CONVERT_TOKENIZER_PAIR_H_
#define SIMILE_CONVERT_TOKENIZER_PAIR_H_

#include <cstdint>

#include "base/status.h"
#include "convert/checkpoint_files.h"

namespace simile {

// TokenizerConfig::pair_separators. has_types: the model has token types, which must then
// be 0 up to the second text and 1 from there on; others are kBadModel.
Result<uint32_t> ReadPairSeparators(const CheckpointFiles& files, bool has_types);

}  // namespace simile

#endif  // SIMILE_CONVERT_TOKENIZER_PAIR_H_

// SPDX-License-Identifier: Apache-2.0
// What is checked of a sentencepiece file before the library parses it: how much
// it would make of it. A piece of two bytes becomes an object of a hundred.

#ifndef SIMILE_SENTENCEPIECE_MODEL_BYTES_H_
#define SIMILE_SENTENCEPIECE_MODEL_BYTES_H_

#include <string_view>

#include "base/status.h"

namespace simile {

// kBadModel if the bytes are no protocol buffer, are too many, hold too many pieces
// or too much beside pieces and normalisation.
Status CheckModelBytes(std::string_view proto);

}  // namespace simile

#endif  // SIMILE_SENTENCEPIECE_MODEL_BYTES_H_

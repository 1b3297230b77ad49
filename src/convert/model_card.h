// SPDX-License-Identifier: Apache-2.0
// What a checkpoint's README.md says: its licence.

#ifndef SIMILE_CONVERT_MODEL_CARD_H_
#define SIMILE_CONVERT_MODEL_CARD_H_

#include <string>
#include <string_view>

namespace simile {

// The `license:` of a model card's front matter, or "unknown".
std::string LicenseOfModelCard(std::string_view readme);

}  // namespace simile

#endif  // SIMILE_CONVERT_MODEL_CARD_H_

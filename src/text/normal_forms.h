// SPDX-License-Identifier: Apache-2.0
// The normalisation forms of an AlignedText, as the reference's library aligns them.
// Reference: Unicode Standard Annex #15.

#ifndef SIMILE_TEXT_NORMAL_FORMS_H_
#define SIMILE_TEXT_NORMAL_FORMS_H_

#include "base/status.h"
#include "text/aligned_text.h"

namespace simile {

enum class NormalForm { kNfd, kNfc, kNfkd, kNfkc };

Status Normalize(NormalForm form, AlignedText* text);

}  // namespace simile

#endif  // SIMILE_TEXT_NORMAL_FORMS_H_

// SPDX-License-Identifier: Apache-2.0
// config.json of a checkpoint -> the parts of its encoder. Each family of models says
// the same things by other names, and leaves unsaid what its code knows; this is the
// one place that knows both. Defaults are those of transformers 5.23.

#ifndef SIMILE_CONVERT_ARCHITECTURES_H_
#define SIMILE_CONVERT_ARCHITECTURES_H_

#include "base/json.h"
#include "base/status.h"
#include "model/model_config.h"

namespace simile {

// Fills config->encoder, and config->classifier where the checkpoint is one of a
// sequence classifier (a cross-encoder). max_positions is 0 where the model has no
// limit of its own. kBadModel names the member that is unsupported, missing or
// contradictory.
Status ReadArchitecture(const JsonReader& config_json, ModelConfig* config);

// One for each family (bert_families.cc, decoder_families.cc, other_families.cc).
Status ReadBert(const JsonReader& reader, EncoderConfig* config);
Status ReadRoberta(const JsonReader& reader, EncoderConfig* config);
Status ReadMpnet(const JsonReader& reader, EncoderConfig* config);
Status ReadDistilBert(const JsonReader& reader, EncoderConfig* config);
Status ReadNomicBert(const JsonReader& reader, EncoderConfig* config);
Status ReadModernBert(const JsonReader& reader, EncoderConfig* config);
Status ReadT5(const JsonReader& reader, EncoderConfig* config);
Status ReadLlama(const JsonReader& reader, EncoderConfig* config);
Status ReadQwen3(const JsonReader& reader, EncoderConfig* config);
Status ReadUseLite(const JsonReader& reader, EncoderConfig* config);

}  // namespace simile

#endif  // SIMILE_CONVERT_ARCHITECTURES_H_

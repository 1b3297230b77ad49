// SPDX-License-Identifier: Apache-2.0
// The modules that sentence-transformers runs one after the other: a transformer, a
// pooling, perhaps dense layers and a normalisation. Its older formats (one flag for
// each pooling mode) and that of version 6 are read.

#ifndef SIMILE_CONVERT_MODULES_H_
#define SIMILE_CONVERT_MODULES_H_

#include <string>
#include <vector>

#include "base/status.h"
#include "convert/checkpoint_files.h"
#include "model/model_config.h"

namespace simile {

// Fills pooling, dense and normalize; the encoder and the classifier are there already.
// dense_folders: where the weights of each dense layer are. kBadModel names what is
// unsupported, missing or contradictory.
Status ReadModules(const CheckpointFiles& files, ModelConfig* config,
                   std::vector<std::string>* dense_folders);

// "torch.nn.modules.activation.Tanh"; `reader` names the file.
Status ReadTorchActivation(const JsonReader& reader, std::string_view member,
                           DenseActivation* out);

}  // namespace simile

#endif  // SIMILE_CONVERT_MODULES_H_

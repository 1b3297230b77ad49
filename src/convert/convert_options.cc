// SPDX-License-Identifier: Apache-2.0
#include "base/json.h"
#include "convert/converter.h"

namespace simile {

Result<ConvertOptions> ParseConvertOptions(std::string_view text) {
  SIMILE_ASSIGN_OR_RETURN(const Json json, Json::Parse(text, "convert options"));
  const JsonReader reader(json, "convert options");
  ConvertOptions options;
  std::string precision = "int8";
  SIMILE_RETURN_IF_ERROR(reader.ReadOptional("precision", &precision));
  SIMILE_RETURN_IF_ERROR(reader.ReadOptional("name", &options.name));
  SIMILE_RETURN_IF_ERROR(reader.ReadOptional("source", &options.source));
  SIMILE_RETURN_IF_ERROR(reader.ReadOptional("license", &options.license));
  if (precision != "int8" && precision != "f32") {
    return InvalidArgument("precision: expected 'int8' or 'f32', got '" + precision + "'");
  }
  options.precision = precision == "f32" ? WeightPrecision::kF32 : WeightPrecision::kInt8;
  return options;
}

}  // namespace simile

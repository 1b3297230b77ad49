# SPDX-License-Identifier: Apache-2.0
# RapidJSON: headers, for src/base/json.cc.

simile_source_dir(dir rapidjson)
add_library(outside_rapidjson INTERFACE)
target_include_directories(outside_rapidjson SYSTEM INTERFACE ${dir}/include)

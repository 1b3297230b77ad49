# SPDX-License-Identifier: Apache-2.0
# sentencepiece: its two models and its normaliser, with the part of protobuf that it
# brings, for src/sentencepiece/piece_model.cc. It throws, and so is the one library
# that is compiled with exceptions; natively it is linked in, for WebAssembly into a
# module of its own (wasm/CMakeLists.txt).

simile_source_dir(dir sentencepiece)

set(sentencepiece_sources
  src/bpe_model.cc
  src/builtin_pb/sentencepiece_model.pb.cc
  src/error.cc
  src/model_interface.cc
  src/normalizer.cc
  src/unigram_model.cc
  src/util.cc
  third_party/absl/flags/flag.cc
)
set(protobuf_sources
  arena.cc
  arenastring.cc
  bytestream.cc
  coded_stream.cc
  common.cc
  extension_set.cc
  generated_enum_util.cc
  generated_message_table_driven_lite.cc
  generated_message_util.cc
  implicit_weak_message.cc
  int128.cc
  message_lite.cc
  parse_context.cc
  repeated_field.cc
  status.cc
  statusor.cc
  stringpiece.cc
  stringprintf.cc
  structurally_valid.cc
  strutil.cc
  time.cc
  wire_format_lite.cc
  zero_copy_stream.cc
  zero_copy_stream_impl.cc
  zero_copy_stream_impl_lite.cc
)
list(TRANSFORM protobuf_sources PREPEND third_party/protobuf-lite/)
list(TRANSFORM sentencepiece_sources PREPEND ${dir}/)
list(TRANSFORM protobuf_sources PREPEND ${dir}/)

# How whatever throws or catches is compiled, and what is made of it linked.
set(SIMILE_EXCEPTIONS -fexceptions)
set(SIMILE_EXCEPTIONS_LINK)
if(EMSCRIPTEN)
  list(APPEND SIMILE_EXCEPTIONS -fwasm-exceptions)
  set(SIMILE_EXCEPTIONS_LINK -fwasm-exceptions)
endif()

# The header that its own build would make.
set(generated ${PROJECT_BINARY_DIR}/sentencepiece)
file(CONFIGURE OUTPUT ${generated}/config.h CONTENT
"#define PACKAGE_STRING \"sentencepiece\"
#define VERSION \"0.2.1\"
#define INSTALL_DATADIR \"\"
")

add_library(outside_sentencepiece STATIC EXCLUDE_FROM_ALL
  ${sentencepiece_sources} ${protobuf_sources})
target_include_directories(outside_sentencepiece SYSTEM PUBLIC
  ${dir} ${dir}/src ${dir}/src/builtin_pb ${dir}/third_party ${dir}/third_party/protobuf-lite
  ${generated})
target_compile_definitions(outside_sentencepiece
  PUBLIC _USE_INTERNAL_STRING_VIEW HAVE_PTHREAD=1 NDEBUG)
target_compile_features(outside_sentencepiece PUBLIC cxx_std_20)
target_link_libraries(outside_sentencepiece PRIVATE simile_outside)
if(EMSCRIPTEN)
  target_compile_options(outside_sentencepiece PRIVATE -Oz)
endif()
# Last on the command line, after simile_outside's opposite.
set_source_files_properties(${sentencepiece_sources} ${protobuf_sources} PROPERTIES
  COMPILE_OPTIONS "${SIMILE_EXCEPTIONS}")

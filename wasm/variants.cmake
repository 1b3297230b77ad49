# SPDX-License-Identifier: Apache-2.0
# How the module is linked. The four variants share one list of options and
# differ by two switches of the build tree: SIMILE_RELAXED_SIMD and
# SIMILE_THREADS (see CMakePresets.json). Parts, which are fetched only when a model
# needs them, have one variant.

set(common_link_options
  --no-entry  # a library: no main
  # One ES module for pages and workers. Without Node in the list it holds no import
  # of Node's own, which bundlers cannot resolve; Node runs it all the same, since
  # JavaScript gives it what differs there. It looks for no file either: JavaScript
  # names them, in one place (js/module-files.js).
  -sMODULARIZE=1 -sEXPORT_ES6=1 -sENVIRONMENT=web,worker -sUSE_ES6_IMPORT_META=0
  # The oldest engines with the SIMD that every variant needs.
  -sMIN_CHROME_VERSION=91 -sMIN_FIREFOX_VERSION=89 -sMIN_SAFARI_VERSION=160400
  # Runs under a Content-Security-Policy with nothing but 'wasm-unsafe-eval'.
  -sDYNAMIC_EXECUTION=0
  # Files are JavaScript's affair.
  -sFILESYSTEM=0
  # What pages download of Emscripten's is no more than what js/instantiate.js hands it.
  "-sINCOMING_MODULE_JS_API=[instantiateWasm,mainScriptUrlOrBlob,print,printErr,wasmMemory]"
  -sSTRICT=1
  # Every engine that we run in has BigInt and a TextDecoder: no glue of theirs.
  -sWASM_BIGINT=1
  -sTEXTDECODER=2
  # Memory comes from JavaScript, which can bound it, and grows to what a 32-bit
  # module can have. When there is no more, malloc returns null and we say so.
  -sIMPORTED_MEMORY=1 -sALLOW_MEMORY_GROWTH=1 -sMAXIMUM_MEMORY=4GB -sABORTING_MALLOC=0
  # Emscripten's 64 KB are too few for parsing and for Embind together.
  -sSTACK_SIZE=1MB
)
set(module_link_options
  -O3
  # Embind knows its types by other ids without RTTI, so its library must be the
  # one without, too.
  -lembind -fno-rtti -fno-exceptions
  -sEXPORTED_FUNCTIONS=_malloc,_free
  # The way to the sentencepiece part.
  "SHELL:--js-library ${CMAKE_CURRENT_LIST_DIR}/sentencepiece_import.js"
)
set(part_link_options
  -Oz  # it is small or it is not worth fetching
  # What throws inside is caught inside.
  ${SIMILE_EXCEPTIONS_LINK}
  -sEXPORTED_FUNCTIONS=_malloc,_free,_callSentencepiece
)
set(module_thread_link_options
  # Workers exist before the first call, as many as JavaScript asks for: a thread
  # that is not there at once cannot be waited for on a page.
  "-sPTHREAD_POOL_SIZE=Module[\"pthreadPoolSize\"]"
  # One thread more than that fails like any thread that cannot start.
  -sPTHREAD_POOL_SIZE_STRICT=2
  -sDEFAULT_PTHREAD_STACK_SIZE=256KB
  # dispose() ends the workers.
  -sEXPORTED_RUNTIME_METHODS=PThread
  # Which class its workers are of.
  "SHELL:--pre-js ${CMAKE_CURRENT_LIST_DIR}/thread-workers.js"
)

# simile_wasm_module(TARGET): links TARGET as the module of this build tree's
# variant into js/wasm/, where js/ finds it unbuilt.
function(simile_wasm_module target)
  set(name simd)
  if(SIMILE_RELAXED_SIMD)
    set(name relaxed-simd)
  endif()
  target_compile_definitions(${target} PRIVATE EMSCRIPTEN_HAS_UNBOUND_TYPE_NAMES=0)  # no RTTI
  target_link_options(${target} PRIVATE ${common_link_options} ${module_link_options})
  if(SIMILE_THREADS)
    string(APPEND name -threads)
    target_link_options(${target} PRIVATE ${module_thread_link_options})
  endif()
  simile_wasm_output(${target} simile-${name})
endfunction()

# simile_wasm_part(TARGET NAME): links TARGET as a part.
function(simile_wasm_part target name)
  target_link_options(${target} PRIVATE ${common_link_options} ${part_link_options})
  simile_wasm_output(${target} ${name})
endfunction()

function(simile_wasm_output target name)
  set(dir ${CMAKE_CURRENT_FUNCTION_LIST_DIR})
  set_target_properties(${target} PROPERTIES
    OUTPUT_NAME ${name}
    SUFFIX .js
    RUNTIME_OUTPUT_DIRECTORY ${PROJECT_SOURCE_DIR}/js/wasm
    LINK_DEPENDS "${CMAKE_CURRENT_FUNCTION_LIST_FILE};${dir}/thread-workers.js;${dir}/sentencepiece_import.js")
endfunction()

// SPDX-License-Identifier: Apache-2.0
// The files of each variant of the module: Emscripten's glue, which threads start from
// too, and the WebAssembly. Every URL is written out, because bundlers find files by
// such literals and leave them as they are; none is fetched before its variant is
// chosen.

/** @type {Record<import("./variants.js").VariantName, { glueUrl: () => URL, wasmUrl: () => URL }>} */
export const moduleFiles = {
  "simd": {
    glueUrl: () => new URL("./wasm/simile-simd.js", import.meta.url),
    wasmUrl: () => new URL("./wasm/simile-simd.wasm", import.meta.url),
  },
  "simd-threads": {
    glueUrl: () => new URL("./wasm/simile-simd-threads.js", import.meta.url),
    wasmUrl: () => new URL("./wasm/simile-simd-threads.wasm", import.meta.url),
  },
  "relaxed-simd": {
    glueUrl: () => new URL("./wasm/simile-relaxed-simd.js", import.meta.url),
    wasmUrl: () => new URL("./wasm/simile-relaxed-simd.wasm", import.meta.url),
  },
  "relaxed-simd-threads": {
    glueUrl: () => new URL("./wasm/simile-relaxed-simd-threads.js", import.meta.url),
    wasmUrl: () => new URL("./wasm/simile-relaxed-simd-threads.wasm", import.meta.url),
  },
};

// SPDX-License-Identifier: Apache-2.0
// Before packing: Emscripten's glue in js/wasm/ as small as it gets. Bundlers leave
// these files as they are (js/module-files.js), so that nobody else would do it.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { minify } from "terser";
import { parts, variants } from "./setup/build.mjs";
import { writeInPlace } from "./setup/files.mjs";
import { root } from "./setup/paths.mjs";

for (const name of [...variants, ...parts]) {
  const path = join(root, `js/wasm/simile-${name}.js`);
  const { code } = await minify(await readFile(path, "utf8"), {
    // It is a module of its own, run by engines of 2021 and later.
    module: true, ecma: 2020, compress: { passes: 3, unsafe_arrows: true, unsafe_methods: true, keep_fargs: false },
  });
  await writeInPlace(path, code);
}

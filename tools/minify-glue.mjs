// SPDX-License-Identifier: Apache-2.0
// Emscripten's glue as small as it gets. Bundlers leave these files as they are
// (js/module-files.js), so that nobody else would do it. Run as a program, before
// packing, it does so in js/wasm/.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parts, variants } from "./setup/build.mjs";
import { writeInPlace } from "./setup/files.mjs";
import { root } from "./setup/paths.mjs";

/** @param {string} dir that the modules are in */
export async function minifyGlue(dir) {
  const { minify } = await import("terser"); // not there before the npm packages are
  for (const name of [...variants, ...parts]) {
    const path = join(dir, `simile-${name}.js`);
    const { code } = await minify(await readFile(path, "utf8"), {
      // It is a module of its own, run by engines of 2021 and later.
      module: true, ecma: 2020, compress: { passes: 3, unsafe_arrows: true, unsafe_methods: true, keep_fargs: false },
    });
    await writeInPlace(path, code);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await minifyGlue(join(root, "js/wasm"));

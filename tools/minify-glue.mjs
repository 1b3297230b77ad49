// SPDX-License-Identifier: Apache-2.0
// Before packing: Emscripten's glue in js/wasm/ as small as it gets. Bundlers leave
// these files as they are (js/module-files.js), so that nobody else would do it.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { minify } from "terser";
import { variants } from "./setup/build.mjs";
import { writeInPlace } from "./setup/files.mjs";
import { root } from "./setup/paths.mjs";

for (const variant of variants) {
  const path = join(root, `js/wasm/simile-${variant}.js`);
  const { code } = await minify(await readFile(path, "utf8"), { module: true });
  await writeInPlace(path, code);
}

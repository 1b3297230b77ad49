// SPDX-License-Identifier: Apache-2.0
// Finds programs: on PATH, and of our own native build.

import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { root } from "./site.js";

/** @param {string[]} names any of them will do */
export function findProgram(...names) {
  for (const name of names) {
    for (const folder of (process.env.PATH ?? "").split(delimiter)) {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return join(folder, name);
      } catch {
        // not here
      }
    }
  }
  throw new Error(`none of ${names.join(", ")} is on PATH`);
}

/**
 * A program of the native build tree.
 * @param {string} name
 */
export function nativeProgram(name) {
  const path = join(root, "build/native-release/tests", name);
  accessSync(path, constants.X_OK);
  return path;
}

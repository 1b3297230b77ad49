// SPDX-License-Identifier: Apache-2.0
// Finds programs on PATH.

import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

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

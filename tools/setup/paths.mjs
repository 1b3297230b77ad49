// SPDX-License-Identifier: Apache-2.0
// Where things are: the source tree, its build folders, and the cache folder,
// which lies outside the tree and may be deleted at any time.

import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export const buildDir = join(root, "build");
export const logDir = join(buildDir, "logs");
export const distDir = join(root, "dist");

export const cacheDir = process.env.SIMILE_CACHE
  ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "simile");
export const downloadDir = join(cacheDir, "downloads");
export const sourceDir = join(cacheDir, "sources");
export const modelDir = join(cacheDir, "models");
export const toolDir = join(cacheDir, "tools");
export const cacheStampDir = join(cacheDir, "stamps");
export const buildStampDir = join(buildDir, "stamps");

/** Every outside thing: tools/dependencies.json. */
export const dependencies = JSON.parse(
  readFileSync(join(root, "tools", "dependencies.json"), "utf8"));

// SPDX-License-Identifier: Apache-2.0
// What is in the packed package, how large it is, and that it brings nothing else.

import { mkdir, readFile, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { listFiles } from "../../tools/setup/files.mjs";
import { root } from "../browser/support/site.js";
import { installApp, removeApps, run } from "./support/apps.js";

const timeoutMs = 120_000;
const maxInstalledBytes = 5_000_000;

const allowed = [
  /^(CHANGELOG\.md|LICENSE|NOTICE|README\.md|package\.json)$/,
  /^js\/((adapters|cli)\/)?[a-z0-9-]+\.js$/,
  /^js\/types\/(adapters\/)?[a-z0-9-]+\.d\.ts$/,
  /^js\/wasm\/simile-((relaxed-)?simd(-threads)?|sentencepiece)\.(js|wasm)$/,
  /^js\/data\/(README\.md|calibration\.txt)$/,
];

/** @type {string} */
let app;
/** @type {string} */
let installed;
/** @type {string[]} */
let files;
/** @type {Record<string, any>} */
let manifest;
beforeAll(async () => {
  app = await installApp("esbuild");
  installed = join(app, "node_modules/simile");
  files = (await listFiles(installed)).sort();
  manifest = JSON.parse(await readFile(join(installed, "package.json"), "utf8"));
}, timeoutMs);
afterAll(removeApps, timeoutMs);

describe("the packed package", () => {
  test("holds all of js/ and nothing that does not belong", async () => {
    expect(files.filter((file) => !allowed.some((pattern) => pattern.test(file)))).toEqual([]);
    const here = (await listFiles(join(root, "js"))).map((file) => `js/${file}`).sort();
    expect(files.filter((file) => file.startsWith("js/"))).toEqual(here);
  });

  test("has no dependency and no script that an install runs", async () => {
    const kinds = ["dependencies", "optionalDependencies", "peerDependencies", "bundleDependencies"];
    expect(kinds.filter((kind) => manifest[kind] !== undefined)).toEqual([]);
    const runs = ["preinstall", "install", "postinstall", "prepare"];
    expect(Object.keys(manifest.scripts ?? {}).filter((name) => runs.includes(name))).toEqual([]);
    expect(await readdir(join(app, "node_modules"))).toEqual([".bin", ".package-lock.json", "simile"]);
  });

  test("takes at most 5 MB once installed", async () => {
    const sizes = await Promise.all(files.map(async (file) => (await stat(join(installed, file))).size));
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(maxInstalledBytes);
  });

  test("says where every subpath and its types are", async () => {
    /** @param {any} target @returns {string[]} */
    const paths = (target) => typeof target === "string" ? [target] : Object.values(target).flatMap(paths);
    const named = paths([manifest.exports, manifest.main, manifest.bin]).filter((path) => !path.includes("*"));
    expect(named.map((path) => path.replace(/^\.\//, "")).filter((path) => !files.includes(path))).toEqual([]);
  });

  test.each(["nodenext", "bundler"])("has types for a strict user without Node's types (%s)", async (resolution) => {
    const folder = join(app, resolution);
    await mkdir(folder);
    await writeFile(join(folder, "user.ts"), `import { load, SimileError, type RankedDocument } from "simile";
      export async function best(texts: string[]): Promise<RankedDocument | undefined> {
        try {
          const model = await load("/m.simile", { onProgress: ({ fraction }) => console.log(fraction.toFixed()) });
          return (await model.rank("query", texts))[0];
        } catch (error) {
          if (error instanceof SimileError && error.code === "network") return undefined;
          throw error;
        }
      }\n`);
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ files: ["user.ts"], compilerOptions: {
      strict: true, noEmit: true, types: [], target: "es2022", lib: ["es2023", "esnext.disposable", "dom", "dom.asynciterable"],
      module: resolution === "nodenext" ? "nodenext" : "esnext", moduleResolution: resolution,
    } }));
    await run(folder, process.execPath, join(root, "node_modules/typescript/bin/tsc"));
  }, timeoutMs);
});

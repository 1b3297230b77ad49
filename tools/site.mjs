// SPDX-License-Identifier: Apache-2.0
// dist/: the page of web/, the package as dist/simile/ (bundle.mjs), and the converted
// models. A static host needs nothing else.

import { createHash } from "node:crypto";
import { cp, mkdir, readFile, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { mixedTexts } from "../bench/mixture.mjs";
import { bundlePackage } from "./bundle.mjs";
import { listFiles, putInPlace, writeInPlace } from "./setup/files.mjs";
import { modelSource } from "./setup/models.mjs";
import { buildStampDir, dependencies, distDir, root } from "./setup/paths.mjs";
import { run } from "./setup/process.mjs";
import { step } from "./setup/report.mjs";
import { contentOf, unlessUnchanged } from "./setup/stamp.mjs";

const precisions = ["int8", "f32"];

export const convertedModel = (name, precision) => join(distDir, "models", `${name}.${precision}.simile`);

/** Every model in every precision, converted by the package's own command. */
async function convertModels() {
  // What the converter computes is in the module; every variant computes the same.
  const converter = await contentOf(["js/wasm/simile-simd.wasm", "js/cli", "js/data"]);
  for (const model of dependencies.models) {
    for (const precision of precisions) {
      const output = convertedModel(model.name, precision);
      const stamp = join(buildStampDir, `convert-${model.name}-${precision}.json`);
      await step(`convert ${model.name} to ${precision}`, () =>
        unlessUnchanged(stamp, { converter, model, precision }, [output], async () => {
          await mkdir(join(distDir, "models"), { recursive: true });
          await putInPlace(output, (temporary) =>
            run(process.execPath, [join(root, "js/cli/simile.js"), "convert", modelSource(model.name),
              "-o", temporary, "--weights", precision], { log: "convert" }));
        }));
    }
  }
}

/**
 * Of the package, what a page never asks for; and wasm/, of which it takes one variant.
 * The page of measurements is for those who are online.
 */
const notForPages = /^(bench|simile\/wasm)\//;

/**
 * What the service worker keeps: the files of the page and the package, and a name
 * for this build of them.
 * @param {string} dir the page, put together
 */
export async function writeOfflineList(dir) {
  const all = (await listFiles(dir)).filter((file) =>
    !file.startsWith("models/") && file !== "offline.json" && !file.endsWith(".md"));
  const hash = createHash("sha256");
  for (const file of all) hash.update(file).update(await readFile(join(dir, file)));
  const files = all.filter((file) =>
    /\.(js|css|svg|html)$/.test(file) && !notForPages.test(file) && file !== "sw.js");
  const list = { version: hash.digest("hex").slice(0, 16), files };
  await writeInPlace(join(dir, "offline.json"), `${JSON.stringify(list, null, 1)}\n`);
}

async function assemble() {
  const fromWeb = await readdir(join(root, "web"));
  const kept = new Set([...fromWeb, "simile", "models", "offline.json"]);
  for (const entry of await readdir(distDir)) {
    if (!kept.has(entry)) await rm(join(distDir, entry), { recursive: true });
  }
  for (const entry of fromWeb) {
    await putInPlace(join(distDir, entry), (temporary) =>
      cp(join(root, "web", entry), temporary, { recursive: true }));
  }
  await bundlePackage(join(distDir, "simile"));
  const golden = await readFile(join(root, "tests/golden/texts.txt"), "utf8");
  await writeInPlace(join(distDir, "bench/texts.json"), JSON.stringify(mixedTexts(golden.trimEnd().split("\n"))));
  // No peers, until `npm run bench -- --site` puts some there.
  await writeInPlace(join(distDir, "bench/peers/manifest.json"), JSON.stringify({ versions: {} }));
  await writeOfflineList(distDir);
}

/** Makes dist/. The modules, the models' sources and the npm packages must be there. */
export async function buildSite() {
  await convertModels();
  await step("page into dist/", assemble);
}

// SPDX-License-Identifier: Apache-2.0
// The peers: onnxruntime-web and transformers.js by npm, into the cache folder, and
// the models for them, made from the same weights by onnxruntime's own quantiser in
// Python. Nothing else of the project needs any of it.

import { cp, mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { putInPlace, writeInPlace } from "../tools/setup/files.mjs";
import { modelSource } from "../tools/setup/models.mjs";
import { cacheDir, cacheStampDir, distDir } from "../tools/setup/paths.mjs";
import { run, SetupError, which } from "../tools/setup/process.mjs";
import { step } from "../tools/setup/report.mjs";
import { unlessUnchanged } from "../tools/setup/stamp.mjs";
import { productsDir } from "./native-setup.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const benchDir = join(cacheDir, "bench");
const pythonDir = join(benchDir, "python");
const modelFolder = join(benchDir, "models/all-minilm-l6-v2");
const modelFiles = ["config.json", "onnx/model.onnx", "onnx/model_quantized.onnx", "tokenizer.json", "tokenizer_config.json"];
const packages = join(benchDir, "node_modules");
const transformers = join(packages, "@huggingface/transformers");

/**
 * What a page needs of the peers: folders by their path below bench/peers/, and
 * the files that it may ask for there. Whichever ort transformers.js brings, it is
 * the one it runs on.
 */
const peerFiles = {
  onnxruntime: [join(packages, "onnxruntime-web/dist"),
    ["ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm"]],
  transformers: [join(transformers, "dist"), ["transformers.min.js"]],
  "transformers-ort": [join(transformers, "node_modules/onnxruntime-web/dist"),
    ["ort-wasm-simd-threaded.asyncify.mjs", "ort-wasm-simd-threaded.asyncify.wasm",
      "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm"]],
  "models/all-minilm-l6-v2": [modelFolder, modelFiles],
};

/** @param {string} name */
const contentOf = (name) => readFile(join(here, name), "utf8");

async function installPackages() {
  const inputs = [await contentOf("package.json"), await contentOf("package-lock.json")];
  return unlessUnchanged(join(cacheStampDir, "bench-npm.json"), inputs, [packages], async () => {
    for (const name of ["package.json", "package-lock.json"]) await cp(join(here, name), join(benchDir, name));
    await run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { log: "bench-npm", cwd: benchDir });
  });
}

/** @param {string} python */
async function installQuantizer(python) {
  const requirements = await contentOf("requirements.txt");
  return unlessUnchanged(join(cacheStampDir, "bench-python.json"), requirements, [pythonDir], () =>
    run(python, ["-m", "pip", "install", "--quiet", "--no-deps", "--upgrade", "--target", pythonDir,
      "-r", join(here, "requirements.txt")], { log: "bench-python" }));
}

/** @param {string} python */
async function makeModels(python) {
  const script = [await contentOf("make_peer_model.py"), await contentOf("requirements.txt")];
  const outputs = modelFiles.map((name) => join(modelFolder, name));
  return unlessUnchanged(join(cacheStampDir, "bench-model.json"), script, outputs, async () => {
    await mkdir(dirname(modelFolder), { recursive: true });
    await run(python, [join(here, "make_peer_model.py"), modelSource("all-minilm-l6-v2"), modelFolder],
      { log: "bench-model", env: { PYTHONPATH: pythonDir, PYTHONDONTWRITEBYTECODE: "1" } });
  });
}

async function versionOf(dir) {
  return JSON.parse(await readFile(join(dir, "package.json"), "utf8")).version;
}

/**
 * @typedef {object} Peers
 * @property {Record<string, string>} folders by their path below bench/peers/
 * @property {{ versions: Record<string, string> }} manifest what a page learns of
 *   them: bench/peers/manifest.json
 */

/** @returns {Promise<Peers>} */
export async function setUpPeers() {
  const python = which("python3");
  if (python === null) throw new SetupError("python3 is not on PATH: the peers' models are made with it");
  await mkdir(benchDir, { recursive: true });
  await step("onnxruntime-web, transformers.js", installPackages);
  await step("onnxruntime's quantiser", () => installQuantizer(python));
  await step("the peers' models", () => makeModels(python));
  const manifestDir = join(benchDir, "manifest");
  const manifest = {
    versions: {
      "onnxruntime-web": await versionOf(join(packages, "onnxruntime-web")),
      "transformers.js": await versionOf(transformers),
    },
  };
  await mkdir(manifestDir, { recursive: true });
  await writeInPlace(join(manifestDir, "manifest.json"), JSON.stringify(manifest));
  const folders = Object.fromEntries(Object.entries(peerFiles).map(([path, [folder]]) => [path, folder]));
  return { folders: { "": manifestDir, ...folders }, manifest };
}

/** The peers and the kernels into the page, for a host where visitors may measure them too. */
export async function copyPeersIntoPage({ manifest }) {
  await putInPlace(join(distDir, "bench/peers"), async (target) => {
    for (const [path, [folder, files]] of Object.entries(peerFiles)) {
      for (const file of files) await cp(join(folder, file), join(target, path, file));
    }
    await writeInPlace(join(target, "manifest.json"), JSON.stringify(manifest));
  });
  await putInPlace(join(distDir, "bench/products"), (target) => cp(productsDir, target, { recursive: true }));
}

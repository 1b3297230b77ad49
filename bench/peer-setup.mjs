// SPDX-License-Identifier: Apache-2.0
// The peer: onnxruntime-web by npm, into the cache folder, and the model for it,
// made from the same weights by onnxruntime's own quantiser in Python. Nothing
// else of the project needs either.

import { cp, mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { modelSource } from "../tools/setup/models.mjs";
import { cacheDir, cacheStampDir } from "../tools/setup/paths.mjs";
import { run, SetupError, which } from "../tools/setup/process.mjs";
import { step } from "../tools/setup/report.mjs";
import { unlessUnchanged } from "../tools/setup/stamp.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const benchDir = join(cacheDir, "bench");
const pythonDir = join(benchDir, "python");
const modelsDir = join(benchDir, "models");
const peerDist = join(benchDir, "node_modules/onnxruntime-web/dist");

/** @param {string} name */
const contentOf = (name) => readFile(join(here, name), "utf8");

async function installPackages() {
  const packages = [await contentOf("package.json"), await contentOf("package-lock.json")];
  return unlessUnchanged(join(cacheStampDir, "bench-npm.json"), packages, [peerDist], async () => {
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
async function makeModel(python) {
  const output = join(modelsDir, "all-minilm-l6-v2.int8.onnx");
  const script = [await contentOf("make_peer_model.py"), await contentOf("requirements.txt")];
  return unlessUnchanged(join(cacheStampDir, "bench-model.json"), script, [output], async () => {
    await mkdir(modelsDir, { recursive: true });
    await run(python, [join(here, "make_peer_model.py"), modelSource("all-minilm-l6-v2"), output],
      { log: "bench-model", env: { PYTHONPATH: pythonDir, PYTHONDONTWRITEBYTECODE: "1" } });
  });
}

/** @returns {Promise<{ peerDist: string, peerModels: string }>} folders */
export async function setUpPeer() {
  const python = which("python3");
  if (python === null) throw new SetupError("python3 is not on PATH: the peer's model is made with it");
  await mkdir(benchDir, { recursive: true });
  await step("onnxruntime-web", installPackages);
  await step("onnxruntime's quantiser", () => installQuantizer(python));
  await step("the peer's model", () => makeModel(python));
  return { peerDist, peerModels: modelsDir };
}

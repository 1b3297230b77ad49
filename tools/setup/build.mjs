// SPDX-License-Identifier: Apache-2.0
// Builds with CMake's presets, each in build/<preset>.

import { existsSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { writeInPlace } from "./files.mjs";
import { buildDir, buildStampDir, cacheDir, dependencies, root } from "./paths.mjs";
import { run } from "./process.mjs";
import { step } from "./report.mjs";
import { contentOf, unlessUnchanged } from "./stamp.mjs";

export const variants = ["simd", "simd-threads", "relaxed-simd", "relaxed-simd-threads"];

const commonInputs = ["CMakeLists.txt", "CMakePresets.json", "cmake", "src", "tests/CMakeLists.txt"];

/** Configures `preset`, from nothing if another toolchain configured it before. */
async function configure(toolchain, preset, log) {
  const dir = join(buildDir, preset);
  const toolchainFile = join(dir, "toolchain.txt");
  if (await readFile(toolchainFile, "utf8").catch(() => "") !== toolchain.id) {
    await rm(dir, { recursive: true, force: true });
  }
  const settings = [`-DSIMILE_CACHE_DIR=${cacheDir}`];
  const command = ["cmake", "--preset", preset, ...settings];
  if (preset.startsWith("wasm-")) command.unshift("emcmake");
  else command.push(`-DCMAKE_C_COMPILER=${toolchain.cc}`, `-DCMAKE_CXX_COMPILER=${toolchain.cxx}`);
  await run(command[0], command.slice(1), { log, env: toolchain.env, cwd: root });
  await writeInPlace(toolchainFile, toolchain.id);
}

/**
 * Builds `targets` of one preset, unless nothing that they are made of changed.
 * @param {import("./toolchain.mjs").Toolchain} toolchain
 * @param {string} preset
 * @param {{targets: string[], inputs: string[], outputs: string[]}} what inputs
 *   relative to the tree beside the common ones, outputs absolute
 */
export async function build(toolchain, preset, { targets, inputs, outputs }) {
  const log = `build-${preset}`;
  const state = {
    toolchain: toolchain.id,
    cacheDir,
    sources: dependencies.sources.map(({ sha256 }) => sha256),
    inputs: await contentOf([...commonInputs, ...inputs]),
  };
  const stamp = join(buildStampDir, `${preset}-${targets.join("-")}.json`);
  await step(`build ${preset}: ${targets.join(", ")}`, () =>
    unlessUnchanged(stamp, state, outputs, async () => {
      // ninja knows of the .js alone: without its .wasm it has to be linked again.
      if (!outputs.every(existsSync)) await Promise.all(outputs.map((path) => rm(path, { force: true })));
      await configure(toolchain, preset, log);
      await run("cmake", ["--build", join(buildDir, preset), "--parallel", String(availableParallelism()),
        "--target", ...targets], { log, env: toolchain.env });
    }));
}

/** What is fetched only when a model needs it; one variant serves all. */
export const parts = ["sentencepiece"];

/** The module in all variants and its parts, into js/wasm/. */
export async function buildModules(toolchain) {
  for (const part of parts) {
    const outputs = [".js", ".wasm"].map((suffix) => join(root, "js/wasm", `simile-${part}${suffix}`));
    await build(toolchain, "wasm-simd", { targets: [`simile_${part}_part`], inputs: ["wasm"], outputs });
  }
  for (const variant of variants) {
    const outputs = [".js", ".wasm"].map((suffix) => join(root, "js/wasm", `simile-${variant}${suffix}`));
    await build(toolchain, `wasm-${variant}`, { targets: ["simile"], inputs: ["wasm"], outputs });
  }
}

/** The C++ tests of one preset; returns the program. */
export async function buildTests(toolchain, preset) {
  const program = join(buildDir, preset, "tests", preset.startsWith("wasm-") ? "simile_tests.js" : "simile_tests");
  await build(toolchain, preset, { targets: ["simile_tests"], inputs: ["tests/cpp"], outputs: [program] });
  return program;
}

/** The program that hashes vectors natively, for the browser tests to compare with. */
export async function buildVectorHash(toolchain) {
  const outputs = [join(buildDir, "native-release/tests/vector_hash")];
  await build(toolchain, "native-release", { targets: ["vector_hash"], inputs: ["tests/cpp"], outputs });
}

/** The program that makes a forward pass natively, to be counted or timed; returns it. */
export async function buildPassCost(toolchain) {
  const program = join(buildDir, "native-release/tests/pass_cost");
  await build(toolchain, "native-release", { targets: ["pass_cost"], inputs: ["tests/cpp"], outputs: [program] });
  return program;
}

/** The fuzz targets; returns the programs. */
export async function buildFuzzers(toolchain, names) {
  const outputs = names.map((name) => join(buildDir, "native-fuzz/tests", name));
  await build(toolchain, "native-fuzz", { targets: names, inputs: ["tests/fuzz"], outputs });
  return outputs;
}

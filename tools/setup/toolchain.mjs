// SPDX-License-Identifier: Apache-2.0
// The compilers and build tools: found on PATH, or installed on Debian 12, and
// proved by building one small module.

import { existsSync, realpathSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { canInstall, debianPackages, installBinaryen, installPackages, linkAcorn } from "./debian.mjs";
import { withTemporaryDir } from "./files.mjs";
import { cacheStampDir, dependencies, downloadDir, toolDir } from "./paths.mjs";
import { ask, run, SetupError, which } from "./process.mjs";
import { step } from "./report.mjs";
import { unlessUnchanged } from "./stamp.mjs";

const binaryenDir = join(toolDir, "binaryen-120");
const dependency = (name) => dependencies.toolchain.find((entry) => entry.name === name);

/** The first number of the form 1.2 or 1.2.3 that `command --version` prints, or null. */
function versionOf(command) {
  return /\d+\.\d+(\.\d+)?/.exec(ask(command, ["--version"]) ?? "")?.[0] ?? null;
}

/** Whether version `a` is `b` or newer. */
export function isAtLeast(a, b) {
  const [x, y] = [a, b].map((version) => version.split(".").map(Number));
  for (let i = 0; i < y.length; ++i) {
    if ((x[i] ?? 0) !== y[i]) return (x[i] ?? 0) > y[i];
  }
  return true;
}

const isDebianEmcc = (emcc) => realpathSync(emcc).startsWith("/usr/share/emscripten/");

function hasEmsdk() {
  const emcc = which("emcc");
  return emcc !== null && !isDebianEmcc(emcc)
    && isAtLeast(versionOf(emcc) ?? "0", dependency("emscripten").minimum);
}

async function install() {
  const wanted = dependencies.toolchain.filter(({ name }) => name !== "emscripten" || !hasEmsdk());
  await step("toolchain packages", () => installPackages(debianPackages(wanted)));
  if (hasEmsdk()) return;
  await linkAcorn();
  await step("binaryen 120", () => installBinaryen(dependency("binaryen"), binaryenDir));
}

/** What to do about a dependency of which no command is there, or null if one is. */
function complaint({ name, minimum, commands = [], places }) {
  if (commands.length === 0) return null;
  const found = commands.map(which).find((path) => path !== null);
  const hint = places.find((place) => place.hint)?.hint ?? `install ${name} with your system's package manager`;
  if (!found) return `${commands[0]} is not on PATH: ${hint}`;
  const version = minimum && (versionOf(found) ?? "0");
  if (minimum && !isAtLeast(version, minimum)) return `${found} is version ${version}, ${minimum} is needed: ${hint}`;
  return null;
}

async function smokeTest({ env }) {
  const program = `#include <emscripten/bind.h>
#include <wasm_simd128.h>
int Next(int x) { return wasm_i32x4_extract_lane(wasm_i32x4_add(wasm_i32x4_splat(x), wasm_i32x4_splat(1)), 2); }
EMSCRIPTEN_BINDINGS(smoke) { emscripten::function("next", &Next); }
`;
  await withTemporaryDir(join(downloadDir, "smoke"), async (dir) => {
    await writeFile(join(dir, "smoke.cc"), program);
    await run("em++", ["-O2", "-msimd128", "-lembind", "-sMODULARIZE", "-sEXPORT_ES6",
      join(dir, "smoke.cc"), "-o", join(dir, "smoke.mjs")], { log: "toolchain", env });
    const url = JSON.stringify(`file://${join(dir, "smoke.mjs")}`);
    await run(process.execPath, ["--input-type=module", "-e",
      `const m = await (await import(${url})).default(); if (m.next(41) !== 42) process.exit(1);`],
    { log: "toolchain" });
  });
}

/**
 * @typedef {object} Toolchain
 * @property {Record<string, string>} env what every build command needs
 * @property {string} cc the native compilers (clang)
 * @property {string} cxx
 * @property {string} id changes when a compiler does
 */

/** @returns {Promise<Toolchain>} */
export async function setUpToolchain() {
  if (canInstall()) await install();
  const complaints = dependencies.toolchain.map(complaint).filter((text) => text !== null);
  if (complaints.length > 0) throw new SetupError(complaints.join("\n  "));

  const env = {};
  if (isDebianEmcc(which("emcc")) && existsSync(binaryenDir)) env.EM_BINARYEN_ROOT = join(binaryenDir, "usr");
  const cc = dependency("clang").commands.map(which).find((path) => path !== null);
  const cxx = cc.replace(/clang([^/\\]*)$/, "clang++$1");
  const id = [versionOf(which("emcc")), realpathSync(which("emcc")), cxx, versionOf(cxx), JSON.stringify(env)].join(" ");
  const toolchain = { env, cc, cxx, id };
  await mkdir(downloadDir, { recursive: true });
  await step(`toolchain: Emscripten ${versionOf(which("emcc"))}, clang ${versionOf(cxx)}`, () =>
    unlessUnchanged(join(cacheStampDir, "toolchain.json"), id, [], () => smokeTest(toolchain)));
  return toolchain;
}

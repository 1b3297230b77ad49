// SPDX-License-Identifier: Apache-2.0
// Checks of the tree itself: the layer rule, the list of outside things, the
// sizes of what is shipped. By hand: `node tools/checks.mjs`.

import { readFile, readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { parts, variants } from "./setup/build.mjs";
import { listFiles } from "./setup/files.mjs";
import { dependencies, root } from "./setup/paths.mjs";

/** Which files may include which outside headers. */
const outsideHeaders = [
  [/^(xnnpack|xnnpack\/.*)(\.h)?$/, /^products\/micro_kernels\.cc$/],
  [/^pthreadpool/, /^products\/thread_pool\.cc$/],
  [/^rapidjson\//, /^base\/json[a-z_]*\.(cc|h)$/],
  [/^bearssl/, /^base\/sha256\.cc$/],
  [/^hwy\//, /^simd\//],
  [/^(sentencepiece_|unigram_model|bpe_model|model_interface|normalizer\.h|common\.h)/, /^sentencepiece\/piece_model\.cc$/],
  [/^emscripten/, /^$/],
];

/** The layers that each layer may include: what src/CMakeLists.txt says it NEEDS, all the way down. */
function parseLayers(cmake) {
  const needs = new Map();
  for (const [, name, body] of cmake.matchAll(/^simile_layer\((\w+)([^)]*)\)/gm)) {
    needs.set(name, /NEEDS((?:\s+[a-z]+)+)/.exec(body)?.[1].trim().split(/\s+/) ?? []);
  }
  const reach = (name) => new Set([name, ...needs.get(name).flatMap((need) => [...reach(need)])]);
  return new Map([...needs.keys()].map((name) => [name, reach(name)]));
}

async function checkLayers() {
  const src = join(root, "src");
  const layers = parseLayers(await readFile(join(src, "CMakeLists.txt"), "utf8"));
  const wrong = [];
  for (const file of (await listFiles(src)).filter((path) => /\.(cc|h)$/.test(path))) {
    const allowed = layers.get(dirname(file));
    if (!allowed) {
      wrong.push(`${file}: its folder is no layer in src/CMakeLists.txt`);
      continue;
    }
    const text = await readFile(join(src, file), "utf8");
    for (const [, header] of text.matchAll(/^\s*#\s*include\s+["<]([^">]+)[">]/gm)) {
      const layer = layers.has(dirname(header)) ? dirname(header) : null;
      if (layer && !allowed.has(layer)) wrong.push(`${file} includes ${header}: ${dirname(file)} does not need ${layer}`);
      const owner = outsideHeaders.find(([pattern]) => pattern.test(header))?.[1];
      if (owner && !owner.test(file)) wrong.push(`${file} includes ${header}, which belongs to another file`);
    }
  }
  return wrong;
}

async function checkSourcesAreBuilt() {
  const wrong = [];
  for (const dir of ["src", "tests"]) {
    const cmake = await readFile(join(root, dir, "CMakeLists.txt"), "utf8");
    for (const path of (await listFiles(join(root, dir))).filter((file) => file.endsWith(".cc"))) {
      // A fuzz target is named without its suffix.
      const name = path.startsWith("fuzz/") ? basename(path, ".cc") : basename(path);
      if (!cmake.split(/[\s/()]+/).includes(name)) wrong.push(`${dir}/${path} is not in ${dir}/CMakeLists.txt`);
    }
  }
  return wrong;
}

async function checkNpmList() {
  const { dependencies: shipped, devDependencies } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  const listed = Object.fromEntries(dependencies.npm.map(({ name, version }) => [name, version]));
  const wrong = Object.keys({ ...listed, ...devDependencies })
    .filter((name) => listed[name] !== devDependencies[name])
    .map((name) => `${name}: tools/dependencies.json has ${listed[name]}, package.json ${devDependencies[name]}`);
  if (shipped) wrong.push("package.json: the package has no dependencies at run time");
  const lock = await readFile(join(root, "package-lock.json"), "utf8");
  if (/"resolved"/.test(lock)) wrong.push("package-lock.json names a registry: see .npmrc");
  return wrong;
}

/** Bytes of a variant's .js and .wasm together. */
const sizeBudget = { raw: 1_000_000, gzip: 400_000, brotli: 350_000 };
/** The same of a part. */
const partBudget = { raw: 350_000, gzip: 130_000, brotli: 110_000 };

async function measure(path) {
  const data = await readFile(path);
  const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: data.length } };
  return { raw: data.length, gzip: gzipSync(data, { level: 9 }).length, brotli: brotliCompressSync(data, quality).length };
}

async function checkSizes() {
  const wrong = [];
  const budgets = [...variants.map((name) => [name, sizeBudget]), ...parts.map((name) => [name, partBudget])];
  for (const [name, budget] of budgets) {
    const files = await Promise.all([".js", ".wasm"].map((suffix) =>
      measure(join(root, "js/wasm", `simile-${name}${suffix}`))));
    const sizes = Object.keys(budget).map((kind) => [kind, files[0][kind] + files[1][kind]]);
    console.log(`  ${name}: ${sizes.map(([kind, bytes]) => `${kind} ${(bytes / 1000).toFixed(1)} KB`).join(", ")}`);
    wrong.push(...sizes.filter(([kind, bytes]) => bytes > budget[kind])
      .map(([kind, bytes]) => `simile-${name}: ${bytes} bytes ${kind}, the budget is ${budget[kind]}`));
  }
  return wrong;
}

async function checkSetupImports() {
  const wrong = [];
  for (const file of await readdir(join(root, "tools/setup"))) {
    const text = await readFile(join(root, "tools/setup", file), "utf8");
    for (const [, module] of text.matchAll(/\bfrom "([^"]+)"/g)) {
      if (!/^(node:|\.)/.test(module)) wrong.push(`tools/setup/${file} imports ${module}: the set-up runs before npm`);
    }
  }
  return wrong;
}

const checks = {
  "a layer includes only what it needs": checkLayers,
  "every C++ source is built": checkSourcesAreBuilt,
  "npm packages are those of the list": checkNpmList,
  "the set-up has no dependencies": checkSetupImports,
  "each variant keeps its size budget": checkSizes,
};

export async function runChecks() {
  const result = { passed: 0, failed: 0, details: "" };
  for (const [title, check] of Object.entries(checks)) {
    const wrong = await check().catch((error) => [error.message]);
    if (wrong.length === 0) result.passed += 1;
    else {
      result.failed += 1;
      result.details += `${title}: not so\n${wrong.map((line) => `  ${line}\n`).join("")}`;
    }
  }
  return result;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { passed, failed, details } = await runChecks();
  console.log(`${details}${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}

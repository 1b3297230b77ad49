// SPDX-License-Identifier: Apache-2.0
// The test runners: each runs one program, or one kind, and counts what passed
// and failed. `needs` names the set-up steps that it takes for granted.

import { mkdir, readFile, rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { runChecks } from "./checks.mjs";
import { runInstructionCount } from "./instructions.mjs";
import { preparePackageTests } from "./package-tests.mjs";
import { buildFuzzers, buildTests, buildVectorHash } from "./setup/build.mjs";
import { modelSource } from "./setup/models.mjs";
import { buildDir, logDir, modelDir, root } from "./setup/paths.mjs";
import { logFile, runToLog } from "./setup/process.mjs";
import { buildSite } from "./site.mjs";

const fuzzSeconds = 20;
const fuzzTargets = ["fuzz_model_file", "fuzz_sentencepiece", "fuzz_tokenizer"];

// An allocation that cannot be had is null, as it is in the module.
const sanitizerOptions = { ASAN_OPTIONS: "allocator_may_return_null=1:detect_leaks=1", UBSAN_OPTIONS: "print_stacktrace=1" };

/** Runs a program with a fresh log; returns its exit code and output. */
async function runFresh(command, args, { log, env }) {
  await rm(logFile(log), { force: true });
  const code = await runToLog(command, args, { log, env, cwd: root });
  return { code, output: await readFile(logFile(log), "utf8").catch(() => "") };
}

const tail = (text, lines = 20) => text.trimEnd().split("\n").slice(-lines).join("\n");

async function runGoogleTest(toolchain, preset) {
  const program = await buildTests(toolchain, preset);
  const [command, args] = preset.startsWith("wasm-") ? [process.execPath, [program]] : [program, []];
  const { code, output } = await runFresh(command, args, {
    log: `test-${preset}`,
    env: { ...sanitizerOptions, SIMILE_TEST_MODEL: modelSource("all-minilm-l6-v2"), SIMILE_TEST_MODELS: modelDir },
  });
  const count = (pattern) => output.match(pattern)?.length ?? 0;
  const passed = count(/^\[ {7}OK \] /gm);
  const failedNames = new Set([...output.matchAll(/^\[ {2}FAILED {2}\] (\S+\.\S+?),? .*\(\d+ ms\)$/gm)].map((m) => m[1]));
  // A crash ends the program in the middle of a test that has neither line.
  const failed = failedNames.size || (code === 0 && passed > 0 ? 0 : 1);
  return { passed, failed, details: failed > 0 ? `${tail(output)}\nall of it in ${logFile(`test-${preset}`)}` : "" };
}

async function runFuzzers(toolchain) {
  const programs = await buildFuzzers(toolchain, fuzzTargets);
  const result = { passed: 0, failed: 0, details: "" };
  for (const [i, program] of programs.entries()) {
    const name = fuzzTargets[i];
    const corpus = join(buildDir, "fuzz", name);
    await mkdir(corpus, { recursive: true });
    const { code, output } = await runFresh(program,
      [corpus, `-max_total_time=${fuzzSeconds}`, "-max_len=65536", "-malloc_limit_mb=-1", `-artifact_prefix=${logDir}/${name}-`],
      { log: name, env: sanitizerOptions });
    if (code === 0) result.passed += 1;
    else {
      result.failed += 1;
      result.details += `${name}:\n${tail(output)}\n`;
    }
  }
  return result;
}

/** One line for each failed test of a file, or for the file that could not run. */
function failuresOf({ name, message, assertionResults, status }) {
  const firstLine = (text) => stripVTControlCharacters(text).split("\n").find((line) => line.trim() !== "")?.trim();
  const failed = assertionResults.filter((test) => test.status === "failed");
  if (failed.length === 0 && status === "failed") return [`${relative(root, name)}: ${firstLine(message)}`];
  return failed.map(({ fullName, failureMessages }) => `${fullName}: ${firstLine(failureMessages[0] ?? "")}`);
}

async function runJest(folder) {
  const report = join(logDir, `jest-${folder}.json`);
  await rm(report, { force: true });
  const { output } = await runFresh(process.execPath,
    ["--experimental-vm-modules", join(root, "node_modules/jest/bin/jest.js"), "--json", `--outputFile=${report}`,
      "--testPathPatterns", `tests/${folder}/`], { log: `test-${folder}`, env: { NODE_NO_WARNINGS: "1" } });
  const results = JSON.parse(await readFile(report, "utf8").catch(() => "null"));
  if (results === null) return { passed: 0, failed: 1, details: tail(output) };
  // A file that cannot even be loaded has no failed tests of its own.
  const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
  return {
    passed: results.numPassedTests,
    failed: failed || (results.success && results.numPassedTests > 0 ? 0 : 1),
    details: results.testResults.flatMap(failuresOf).join("\n"),
  };
}

/** The package's JSDoc and its users' view of it, and the .d.ts files that it ships. */
async function runTypeCheck() {
  const result = { passed: 0, failed: 0, details: "" };
  for (const project of ["tsconfig.json", "tsconfig.types.json"]) {
    const { code, output } = await runFresh(process.execPath,
      [join(root, "node_modules/typescript/bin/tsc"), "-p", join(root, project)], { log: `test-${project}` });
    if (code === 0) result.passed += 1;
    else {
      result.failed += 1;
      result.details += `${project}:\n${tail(output)}\n`;
    }
  }
  return result;
}

/** In the order in which they run: what is quick and what finds most comes first. */
export const runners = [
  { name: "checks", needs: ["packages", "sources", "modules"], run: runChecks },
  { name: "types", needs: ["packages"], run: runTypeCheck },
  {
    name: "C++ natively under ASan and UBSan",
    needs: ["sources", "models", "checkpoints"],
    run: (toolchain) => runGoogleTest(toolchain, "native-asan"),
  },
  { name: "C++ as WebAssembly under Node", needs: ["sources"], run: (toolchain) => runGoogleTest(toolchain, "wasm-simd-threads") },
  { name: "fuzzing", needs: ["sources"], run: runFuzzers },
  {
    name: "instructions of a pass",
    needs: ["valgrind", "packages", "sources", "models", "modules"],
    run: async (toolchain) => { await buildSite(); return runInstructionCount(toolchain); },
  },
  {
    name: "js",
    needs: ["packages", "sources", "models", "checkpoints", "modules"],
    run: async () => { await buildSite(); return runJest("js"); },
  },
  {
    name: "browsers",
    needs: ["browsers", "packages", "sources", "models", "modules"],
    run: async (toolchain) => {
      await buildVectorHash(toolchain);
      await buildSite();
      return runJest("browser");
    },
  },
  {
    name: "package",
    needs: ["browsers", "packages", "sources", "models", "modules"],
    run: async () => { await buildSite(); await preparePackageTests(); return runJest("package"); },
  },
];

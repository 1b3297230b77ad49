// SPDX-License-Identifier: Apache-2.0
// `npm test`: every runner, from a fresh clone. A runner that fails does not keep
// the others from running; full output is in build/logs/. The last line is the sum.

import { setUp } from "./setup/index.mjs";
import { SetupError } from "./setup/process.mjs";
import { runners } from "./test-runners.mjs";

const start = performance.now();
const sum = { passed: 0, failed: 0 };

/** Runs one runner and prints its result; what it throws is a failure. */
async function runOne({ name, run }, toolchain) {
  const began = performance.now();
  let result;
  try {
    result = await run(toolchain);
  } catch (error) {
    result = { passed: 0, failed: 1, details: error instanceof SetupError ? error.message : error.stack };
  }
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`${name}: ${result.passed} passed, ${result.failed} failed (${seconds} s)`);
  if (result.details) console.log(result.details.replace(/^/gm, "  "));
  sum.passed += result.passed;
  sum.failed += result.failed;
}

const only = process.argv.slice(2);
const chosen = runners.filter(({ name }) => only.length === 0 || only.some((word) => name.includes(word)));
const isNeeded = (step) => chosen.some(({ needs }) => needs.includes(step));
try {
  const steps = ["browsers", "valgrind", "packages", "sources", "models", "checkpoints", "modules"];
  await setUp(steps.filter(isNeeded), async (toolchain) => {
    for (const runner of chosen) await runOne(runner, toolchain);
  });
} catch (error) {
  console.log(error instanceof SetupError ? `set-up failed: ${error.message}` : error);
  sum.failed += 1;
}
console.log(`\nin ${((performance.now() - start) / 60_000).toFixed(1)} minutes`);
console.log(`${sum.passed} passed, ${sum.failed} failed`);
process.exitCode = sum.failed > 0 || sum.passed === 0 ? 1 : 0;

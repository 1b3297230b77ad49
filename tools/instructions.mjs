// SPDX-License-Identifier: Apache-2.0
// How many instructions a forward pass takes, natively, as callgrind counts them: a
// figure that no other program on the machine disturbs. x86-64 alone, where one int8
// kernel is always chosen; its baseline is what clang 19 makes of the release build.

import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { buildPassCost } from "./setup/build.mjs";
import { distDir, logDir } from "./setup/paths.mjs";
import { ask, which } from "./setup/process.mjs";

const kernel = "4x4c8__sse41_ld64";
/** Of one pass by its tokens, as measured; all-MiniLM-L6-v2, int8. */
const measured = { 16: 101_970_380, 128: 861_221_852 };
/** What it may grow by before it is told. */
const margin = 1.03;

const skipped = (reason) => ({ passed: 0, failed: 0, details: `skipped: ${reason}` });

/** @param {string} program @param {string} tokens */
async function countOf(program, tokens) {
  const log = join(logDir, `instructions-${tokens}.txt`);
  const model = join(distDir, "models/all-minilm-l6-v2.int8.simile");
  const printed = ask("valgrind", ["--tool=callgrind", "--callgrind-out-file=/dev/null",
    "--toggle-collect=MeasuredPass", `--log-file=${log}`, program, model, tokens]);
  const text = await readFile(log, "utf8").catch(() => "");
  await rm(log, { force: true });
  return { kernel: printed?.trim(), count: Number(/Collected : (\d+)/.exec(text)?.[1]) };
}

/** @param {import("./setup/toolchain.mjs").Toolchain} toolchain */
export async function runInstructionCount(toolchain) {
  if (process.arch !== "x64") return skipped("the figures are of x86-64");
  if (!which("valgrind")) return skipped("valgrind is not here");
  const program = await buildPassCost(toolchain);
  const result = { passed: 0, failed: 0, details: "" };
  for (const [tokens, before] of Object.entries(measured)) {
    const { kernel: ran, count } = await countOf(program, tokens);
    const isGood = ran === kernel && count > 0 && count <= before * margin;
    result[isGood ? "passed" : "failed"] += 1;
    result.details += `${tokens} tokens: ${count} instructions, ${(count / Number(tokens) / 1e6).toFixed(2)} million ` +
      `a token (${ran}); before: ${before}${isGood ? "" : `, at most ${Math.floor(before * margin)} of ${kernel}`}\n`;
  }
  return { ...result, details: result.details.trimEnd() };
}

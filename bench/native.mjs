// SPDX-License-Identifier: Apache-2.0
// The engine natively (tests/cpp/pass_cost.cc) against its WebAssembly self in the page,
// one thread, by turns. Natively XNNPACK's 128-bit kernels multiply: the build runs on
// every processor of its kind, and chooses none by what a newer one has.

import { promisify } from "node:util";
import { execFile } from "node:child_process";
import { convertedModel } from "../tools/site.mjs";
import { byKey, figure } from "../web/bench/measure/summary.js";
import { BenchPage, eachLoad } from "./bench-page.mjs";
import { warmUpMs } from "./scenarios.mjs";

const runtimes = ["simile", "simile-simd"];
// The program is started anew for each length; it is quick, and more runs steady it.
const runsPerTurn = 4;

/** @param {string} program @param {number} tokens @param {number} runs */
async function timeNatively(program, tokens, runs) {
  const model = convertedModel("all-minilm-l6-v2", "int8");
  const { stdout } = await promisify(execFile)(program, [model, String(tokens), String(runs)]);
  const [kernel, ms] = stdout.trim().split("\n");
  return { kernel, ms: Number(ms) };
}

/**
 * @param {string} program
 * @param {import("./peer-setup.mjs").Peers} peers
 * @param {import("./measure.mjs").Options} options
 * @param {(line: string) => void} tell
 */
export async function measureNative(program, peers, options, tell) {
  let kernel;
  const found = await eachLoad(peers, options, { title: "native", serving: { isolated: true } }, tell, async (browser, server) => {
    const page = await BenchPage.open(browser, server.url("/"), runtimes, { threads: 1, worker: false });
    await page.call("warmUp", warmUpMs);
    const times = {};
    for (const tokens of options.lengths) {
      const native = await timeNatively(program, tokens, options.runs * runsPerTurn);
      kernel = native.kernel;
      times[tokens] = { native: [native.ms], ...await page.call("latency", tokens, options.runs) };
    }
    await page.close();
    return times;
  });
  return { kernel, latency: byKey(found, (of) => byKey(of, figure)) };
}

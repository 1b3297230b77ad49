// SPDX-License-Identifier: Apache-2.0
// Where the time goes: V8's sampling profiler over the module with the names of its
// functions, one thread, and each function's kind of work (profile-kinds.mjs).

import { browsers } from "../tests/browser/support/browsers.js";
import { rounded } from "../web/bench/measure/summary.js";
import { BenchPage, serveBench } from "./bench-page.mjs";
import { profileDir } from "./native-setup.mjs";
import { kindOf, kinds } from "./profile-kinds.mjs";

const sampleMicroseconds = 100;
const profiledMs = 2000;
const warmUpMs = 1000;
const shownFunctions = 12;

/** Self time of each function, in samples; what was idle is left out. */
function selfSamples({ nodes, samples }) {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const found = new Map();
  for (const id of samples) {
    const frame = frames.get(id);
    if (frame.functionName === "(idle)" || frame.functionName === "(root)") continue;
    const key = `${frame.functionName} ${frame.url}`;
    const one = found.get(key) ?? { name: frame.functionName, kind: kindOf(frame), count: 0 };
    one.count += 1;
    found.set(key, one);
  }
  return [...found.values()];
}

/** @param {{ name: string, kind: string, count: number }[]} functions */
function sharesOf(functions) {
  const total = functions.reduce((sum, { count }) => sum + count, 0);
  const shareOf = (kind) => functions.filter((one) => one.kind === kind).reduce((sum, { count }) => sum + count, 0) / total;
  return {
    samples: total,
    kinds: Object.fromEntries(kinds.map((kind) => [kind, rounded(shareOf(kind))])),
    functions: functions.sort((a, b) => b.count - a.count).slice(0, shownFunctions)
      .map(({ name, kind, count }) => ({ name, kind, share: rounded(count / total) })),
  };
}

/**
 * @param {import("./peer-setup.mjs").Peers} peers
 * @param {import("./measure.mjs").Options} options
 * @param {(line: string) => void} tell
 */
export async function measureProfile(peers, { lengths }, tell) {
  const server = await serveBench(peers, { isolated: true, folders: { "/simile/wasm/": profileDir } });
  const browser = await browsers.chromium();
  try {
    const page = await BenchPage.open(browser, server.url("/"), ["simile"], { threads: 1, worker: false });
    const session = await page.playwright.context().newCDPSession(page.playwright);
    await session.send("Profiler.enable");
    await session.send("Profiler.setSamplingInterval", { interval: sampleMicroseconds });
    await page.call("warmUp", warmUpMs);
    const found = {};
    for (const tokens of lengths) {
      const [once] = (await page.call("latency", tokens, 1)).simile;
      await session.send("Profiler.start");
      await page.call("latency", tokens, Math.max(3, Math.round(profiledMs / once)));
      found[tokens] = sharesOf(selfSamples((await session.send("Profiler.stop")).profile));
      tell(`profile of ${tokens} tokens`);
    }
    await page.close();
    return found;
  } finally {
    await browser.close();
    await server.close();
  }
}

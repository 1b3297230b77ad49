// SPDX-License-Identifier: Apache-2.0
// A bulk embed of many texts, in fresh pages, and what the page feels meanwhile
// (web/bench/measure/bulk.js).

import { browsers } from "../tests/browser/support/browsers.js";
import { figure } from "../web/bench/measure/summary.js";
import { serveBench } from "./bench-page.mjs";
import { readReference } from "./fidelity.mjs";

const textCount = 10_000;

/**
 * @param {import("./peer-setup.mjs").Peers} peers
 * @param {import("./measure.mjs").Options} options
 * @param {(line: string) => void} tell
 */
export async function measureBulk(peers, { browser: name, loads }, tell) {
  const reference = await readReference();
  // Short, as most lists are; each another one.
  const texts = Array.from({ length: textCount }, (_, i) => `${i} ${reference[i % reference.length].text.slice(0, 60)}`);
  const result = {};
  for (const isolated of [true, false]) {
    const server = await serveBench(peers, { isolated });
    const browser = await browsers[name]();
    const found = [];
    try {
      for (let i = 0; i < loads; ++i) {
        const page = await browser.newPage();
        await page.goto(server.url("/bench/start.html?runtime=none"));
        found.push(await page.evaluate(async (all) =>
          (await import("/bench/measure/bulk.js")).measureBulk(all), texts));
        await page.close();
        tell(`bulk ${i + 1} of ${loads}, ${isolated ? "isolated" : "not isolated"}`);
      }
    } finally {
      await browser.close();
      await server.close();
    }
    result[isolated ? "isolated" : "not isolated"] = Object.fromEntries(
      Object.keys(found[0]).map((key) => [key, figure(found.map((one) => [one[key]]))]));
  }
  return result;
}

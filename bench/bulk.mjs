// SPDX-License-Identifier: Apache-2.0
// A bulk embed of many texts, in fresh pages, and what the page feels meanwhile
// (web/bench/measure/bulk.js).

import { figure } from "../web/bench/measure/summary.js";
import { callInEmptyPage, eachLoad } from "./bench-page.mjs";
import { readReference } from "./fidelity.mjs";

const textCount = 10_000;

/**
 * @param {import("./peer-setup.mjs").Peers} peers
 * @param {import("./measure.mjs").Options} options
 * @param {(line: string) => void} tell
 */
export async function measureBulk(peers, options, tell) {
  const reference = await readReference();
  // Short, as most lists are; each another one.
  const texts = Array.from({ length: textCount }, (_, i) => `${i} ${reference[i % reference.length].text.slice(0, 60)}`);
  const what = { module: "/bench/measure/bulk.js", name: "measureBulk", args: [texts] };
  const result = {};
  for (const isolated of [true, false]) {
    const title = isolated ? "isolated" : "not isolated";
    const found = await eachLoad(peers, options, { title: `bulk, ${title},`, serving: { isolated } }, tell,
      (browser, server) => callInEmptyPage(browser, server, what));
    result[title] = Object.fromEntries(
      Object.keys(found[0]).map((key) => [key, figure(found.map((one) => [one[key]]))]));
  }
  return result;
}

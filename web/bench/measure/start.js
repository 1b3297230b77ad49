// SPDX-License-Identifier: Apache-2.0
// start.html?runtime=NAME: from navigation to the first vector of one runtime, by
// its defaults. What it found is told as JSON in <body data-result>.

import { measurePage } from "./memory.js";
import { openRuntime } from "./runtimes/index.js";

const sentence = { text: "I love machine learning", ids: [101, 1045, 2293, 3698, 4083, 102] };
// 256 tokens: as much as the model reads.
const longest = { text: "word ".repeat(254), ids: [101, ...Array(254).fill(2773), 102] };

async function measure() {
  const query = new URLSearchParams(location.search);
  const startedMs = performance.now();
  const runtime = await openRuntime(query.get("runtime") ?? "simile", {});
  const openMs = performance.now();
  await runtime.embed([sentence]);
  const firstVectorMs = performance.now();
  const result = { startedMs, openMs, firstVectorMs };
  if (query.get("memory") === null) return result;
  for (let i = 0; i < 4; ++i) await runtime.embed([longest]);
  return { ...result, heapBytes: runtime.heapBytes(), pageBytes: await measurePage() };
}

document.body.dataset.result = JSON.stringify(
  await measure().catch((error) => ({ error: String(error?.message ?? error) })));

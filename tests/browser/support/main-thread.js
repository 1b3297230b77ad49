// SPDX-License-Identifier: Apache-2.0
// How long the tasks of a page's main thread were, from Chromium's own trace. In
// time on the processor, so that another program's work on this machine counts
// for little.

/**
 * @param {import("playwright-core").Page} page
 * @param {() => Promise<unknown>} work
 * @returns {Promise<number[]>} ms, longest first
 */
export async function traceTasks(page, work) {
  const session = await page.context().newCDPSession(page);
  /** @type {any[]} */
  const events = [];
  session.on("Tracing.dataCollected", ({ value }) => events.push(...value));
  await session.send("Tracing.start", {
    transferMode: "ReportEvents",
    traceConfig: { includedCategories: ["toplevel", "disabled-by-default-devtools.timeline", "blink.user_timing"] },
  });
  await work();
  await page.evaluate(() => performance.mark("traced"));
  const complete = new Promise((resolve) => session.once("Tracing.tracingComplete", resolve));
  await session.send("Tracing.end");
  await complete;
  await session.detach();
  const idOf = (/** @type {any} */ { pid, tid }) => `${pid} ${tid}`;
  const mains = new Set(events
    .filter(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain").map(idOf));
  // Of this page's process: the browser's own windows are pages, too.
  const { pid } = events.find(({ name }) => name === "traced");
  return events
    .filter((event) => event.name.endsWith("RunTask") && event.tdur !== undefined && event.pid === pid && mains.has(idOf(event)))
    .map(({ tdur }) => tdur / 1000).sort((a, b) => b - a);
}

/**
 * The longest task, in ms, of the best of three tries: what is slow is slow each
 * time, and a busy machine is not.
 * @param {number} limitMs no further try once one stays within this
 * @param {() => Promise<number[]>} attempt gives the tasks of one try
 */
export async function longestTask(limitMs, attempt) {
  let best = Infinity;
  for (let tries = 0; tries < 3 && best > limitMs; ++tries) {
    const tasks = await attempt();
    if (tasks.length === 0) throw new Error("no task of the main thread was seen");
    best = Math.min(best, tasks[0]);
  }
  return best;
}

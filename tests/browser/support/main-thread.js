// SPDX-License-Identifier: Apache-2.0
// How long the tasks of a page's main thread were, from Chromium's own trace. In
// time on the processor, so that another program's work on this machine counts
// for nothing.

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
    traceConfig: { includedCategories: ["toplevel", "disabled-by-default-devtools.timeline"] },
  });
  await work();
  const complete = new Promise((resolve) => session.once("Tracing.tracingComplete", resolve));
  await session.send("Tracing.end");
  await complete;
  await session.detach();
  const idOf = (/** @type {any} */ { pid, tid }) => `${pid} ${tid}`;
  const mains = new Set(events
    .filter(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain").map(idOf));
  return events.filter((event) => event.name.endsWith("RunTask") && event.tdur !== undefined && mains.has(idOf(event)))
    .map(({ tdur }) => tdur / 1000).sort((a, b) => b - a);
}

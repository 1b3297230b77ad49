// SPDX-License-Identifier: Apache-2.0
// The page of measurements: what is published, and what a visitor's click measures,
// with Simile alone (no peer's files are here) and few runs.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { browsers } from "./support/browsers.js";
import { freshPageForEach } from "./support/fresh-page.js";
import { serveSite, strictCsp } from "./support/site.js";

const timeoutMs = 180_000;
const quick = "/bench/?lengths=8,32&runs=2&texts=8";

/** @type {import("./support/server.js").StaticServer} */
let server;
/** @type {import("playwright-core").Page} */
let page;
beforeAll(async () => {
  server = await serveSite({ isolated: true, csp: strictCsp });
}, timeoutMs);
afterAll(() => server.close());
freshPageForEach(browsers.chromium, (fresh) => {
  page = /** @type {import("playwright-core").Page} */ (fresh.playwright);
});

const settled = () => page.waitForFunction(() => document.body.dataset.state !== "loading");

/** What each chart of a part of the page shows. @param {string} part */
const charts = (part) => page.evaluate((selector) => [...document.querySelectorAll(`${selector} figure`)].map((figure) => ({
  title: figure.querySelector("h3").textContent,
  gist: figure.querySelector("svg").getAttribute("aria-label"),
  shapes: figure.querySelectorAll("svg rect, svg circle").length,
  rows: figure.querySelectorAll("tbody tr").length,
})), part);

/** @returns {Promise<any>} what the button of a visitor saves */
async function saved() {
  const [download] = await Promise.all([page.waitForEvent("download"), page.click("#save")]);
  return JSON.parse(await readFile(await download.path(), "utf8"));
}

test("the published figures are drawn, each with its gist and its numbers", async () => {
  await page.goto(server.url("/bench/"));
  await settled();
  expect(await page.getAttribute("body", "data-state")).toBe("ready");
  expect(await page.textContent("#machine")).toMatch(/^\d{4}-\d\d-\d\d: .*onnxruntime-web \d.*page loads\.$/);
  const drawn = await charts("#charts");
  expect(drawn.length).toBeGreaterThan(5);
  for (const { title, gist, shapes, rows } of drawn) {
    expect([title, gist]).toEqual([title, expect.stringMatching(/\d/)]);
    expect(gist).not.toMatch(/NaN|undefined/);
    expect(shapes).toBeGreaterThanOrEqual(rows);
    expect(rows).toBeGreaterThan(1);
  }
}, timeoutMs);

test("a click measures Simile here, says that it runs alone, and draws the same charts", async () => {
  await page.goto(server.url(quick));
  await settled();
  expect(await page.textContent("#own-about")).toMatch(/without the peers' files/);
  /** @type {string[]} */
  const foreign = [];
  page.on("request", (request) => {
    if (!request.url().startsWith(server.url("/")) && !request.url().startsWith("blob:")) foreign.push(request.url());
  });
  await page.click("#run");
  await page.waitForFunction(() => !["running", undefined].includes(document.body.dataset.own), null, { timeout: timeoutMs });
  expect([await page.getAttribute("body", "data-own"), await page.textContent("#error")]).toEqual(["done", ""]);
  expect((await charts("#own-charts")).map(({ title }) => title)).toEqual(expect.arrayContaining(
    ["One text", "A batch of 32 texts of 32 tokens", "Texts of mixed lengths, one by one", "The same texts in one call"]));
  const { scenarios: { "one-thread": { latency, throughput } }, machine, failures } = await saved();
  expect(Object.keys(latency)).toEqual(["8", "32"]);
  for (const found of [...Object.values(latency), ...Object.values(throughput)]) {
    expect(Object.keys(found)).toEqual(["simile", "simile-simd"]);
    for (const { median, best, loads } of Object.values(found)) {
      expect(median).toBeGreaterThan(0);
      expect(best).toBeGreaterThan(0);
      expect(loads).toEqual([median]);
    }
  }
  expect(latency["32"].simile.best).toBeGreaterThan(latency["8"].simile.best);
  expect(machine.isolated).toBe(true);
  expect([failures, foreign]).toEqual([{}, []]);
}, timeoutMs);

test("measuring can be stopped, and started again", async () => {
  await page.goto(server.url("/bench/?lengths=8,16,32&runs=2&texts=8"));
  await settled();
  await page.click("#run");
  await page.click("#stop");
  await page.waitForFunction(() => document.body.dataset.own === "stopped", null, { timeout: timeoutMs });
  expect(await page.isVisible("#run")).toBe(true);
  expect(await page.evaluate(() => document.activeElement.id)).toBe("run");
  expect(await charts("#own-charts")).toEqual([]);
}, timeoutMs);

test("axe-core finds nothing to complain about, light and dark, and nothing sticks out of a phone's width", async () => {
  const axe = await readFile(createRequire(import.meta.url).resolve("axe-core"), "utf8");
  const look = /** @type {any} */ (new Function(`${axe}; return globalThis.axe.run()
    .then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)]))`));
  await page.setViewportSize({ width: 360, height: 740 });
  await page.goto(server.url("/bench/"));
  await settled();
  await page.evaluate(() => { for (const one of document.querySelectorAll("details")) one.open = true; });
  expect(await page.evaluate(look)).toEqual([]);
  await page.click("#theme");
  expect(await page.evaluate(look)).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
}, timeoutMs);

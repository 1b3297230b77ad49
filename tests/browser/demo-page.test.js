// SPDX-License-Identifier: Apache-2.0
// The demo page as a person meets it, in each engine.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { browsers } from "./support/browsers.js";
import { demoPage, type } from "./support/in-page.js";
import { expectReferenceScores } from "./support/reference.js";
import { modelPath, serveSite, strictCsp } from "./support/site.js";

const timeoutMs = 120_000;

/** @type {import("./support/server.js").StaticServer} */
let server;
beforeAll(async () => {
  server = await serveSite({ isolated: true, csp: strictCsp });
});
afterAll(() => server.close());

describe.each(Object.entries(browsers))("in %s", (name, launch) => {
  /** @type {import("./support/browsers.js").Browser} */
  let browser;
  /** @type {import("./support/browsers.js").Page} */
  let page;
  beforeAll(async () => {
    browser = await launch();
  }, timeoutMs);
  afterAll(() => browser?.close(), timeoutMs);
  beforeEach(async () => {
    page = await browser.newPage();
  }, timeoutMs);
  afterEach(() => page.close(), timeoutMs);

  test("the page ranks the three sentences as the reference does", async () => {
    await page.goto(server.url("/"));
    const { state, error, ranking } = await page.evaluate(demoPage);
    expect({ state, error }).toEqual({ state: "ready", error: "" });
    expect(ranking.map(({ text }) => text))
      .toEqual(["Artificial intelligence is amazing", "Bananas are yellow"]);
    expectReferenceScores(ranking.map(({ score }) => score), "int8");
  }, timeoutMs);

  test("the ranking follows what is typed, and the last key wins", async () => {
    await page.goto(server.url("/"));
    await page.evaluate(demoPage);
    const fruit = "The fruit is ripe and sweet";
    await page.evaluate(type, [
      { id: "sentences", value: `Bananas are yellow\n\n  My dog barks  \n${fruit}` },
      { id: "query", value: "My d" },
      { id: "query", value: "My dog b" },
      { id: "query", value: "A dog that barks" },
    ]);
    const { ranking } = await page.evaluate(demoPage);
    expect(ranking).toHaveLength(3);
    expect(ranking[0].text).toBe("My dog barks");
    await page.evaluate(type, [{ id: "query", value: "" }]);
    expect((await page.evaluate(demoPage)).ranking).toEqual([]);
    await page.evaluate(type, [{ id: "query", value: fruit }]);
    expect((await page.evaluate(demoPage)).ranking[0].score).toBeCloseTo(1, 5);
  }, timeoutMs);

  test("a model that is not there is told in a sentence", async () => {
    server.faults.set(modelPath, { status: 404 });
    await page.goto(server.url("/"));
    const { state, error } = await page.evaluate(demoPage);
    server.faults.clear();
    expect(state).toBe("error");
    expect(error).toMatch(/404.*\(network\)/);
  }, timeoutMs);

  test("axe-core finds nothing to complain about", async () => {
    const axe = await readFile(createRequire(import.meta.url).resolve("axe-core"), "utf8");
    await page.goto(server.url("/"));
    await page.evaluate(demoPage);
    const violations = await page.evaluate(new Function(`${axe}; return globalThis.axe.run()
      .then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)]))`));
    expect(violations).toEqual([]);
  }, timeoutMs);
});

describe("in Chromium alone", () => {
  /** @type {import("./support/browsers.js").Browser} */
  let browser;
  /** @type {import("playwright-core").Page} */
  let page;
  beforeAll(async () => {
    browser = await browsers.chromium();
  }, timeoutMs);
  afterAll(() => browser?.close(), timeoutMs);
  beforeEach(async () => {
    page = /** @type {import("playwright-core").Page} */ ((await browser.newPage()).playwright);
  }, timeoutMs);
  afterEach(() => page.context().close(), timeoutMs);

  test("the f32 model gives the reference's cosines", async () => {
    await page.goto(server.url("/?model=f32"));
    const { ranking } = await page.evaluate(demoPage);
    expectReferenceScores(ranking.map(({ score }) => score), "f32");
  }, timeoutMs);

  test("the address can ask for a variant and a number of threads", async () => {
    await page.goto(server.url("/?variant=simd-threads&threads=3"));
    const { variant, threads } = await page.evaluate(demoPage);
    expect([variant, threads]).toEqual(["simd-threads", "3"]);
  }, timeoutMs);

  test("a variant that does not exist is told in a sentence", async () => {
    await page.goto(server.url("/?variant=mmx"));
    const { state, error } = await page.evaluate(demoPage);
    expect(state).toBe("error");
    expect(error).toMatch(/variant.*'mmx'.*\(invalid_argument\)/);
  }, timeoutMs);

  test("nothing is asked of another origin, and nothing at all after the load", async () => {
    /** @type {string[]} */
    const requests = [];
    page.context().on("request", (request) => requests.push(request.url()));
    await page.goto(server.url("/"));
    await page.evaluate(demoPage);
    expect(requests.filter((url) => !url.startsWith(server.url("/")))).toEqual([]);
    const [seen, served] = [requests.length, server.requests.length];
    await page.fill("#query", "What do apes eat?");
    expect((await page.evaluate(demoPage)).ranking[0].text).toBe("Bananas are yellow");
    expect([requests.length, server.requests.length]).toEqual([seen, served]);
  }, timeoutMs);

  test("the keyboard alone is enough", async () => {
    await page.goto(server.url("/"));
    await page.evaluate(demoPage);
    await page.keyboard.press("Tab");
    await page.keyboard.press("ControlOrMeta+A");
    await page.keyboard.type("What do apes eat?");
    await page.keyboard.press("Tab");
    await page.keyboard.press("ControlOrMeta+End");
    await page.keyboard.type("\nMonkeys love fruit");
    const { ranking } = await page.evaluate(demoPage);
    expect(ranking).toHaveLength(3);
    expect(ranking[0].text).toBe("Monkeys love fruit");
  }, timeoutMs);

  test("nothing sticks out of a phone's width, even a very long word", async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    await page.goto(server.url("/"));
    await page.evaluate(demoPage);
    await page.fill("#sentences", `${"a".repeat(200)}\nBananas are yellow\nAnd a third one`);
    await page.evaluate(demoPage);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width).toBeLessThanOrEqual(360);
  }, timeoutMs);
});

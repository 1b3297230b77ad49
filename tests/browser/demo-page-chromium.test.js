// SPDX-License-Identifier: Apache-2.0
// The demo page in Chromium, for what one engine is enough or needed for.

import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { browsers } from "./support/browsers.js";
import { chooseExample, heatMap, offlineState } from "./support/demo-page.js";
import { freshPageForEach } from "./support/fresh-page.js";
import { demoPage } from "./support/in-page.js";
import { expectReferenceScores } from "./support/reference.js";
import { modelPath, serveSite, strictCsp } from "./support/site.js";

const timeoutMs = 120_000;
const three = ["Artificial intelligence is amazing", "Bananas are yellow"];

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

test("a host that sends no headers will do: one thread, and the reason is told", async () => {
  const plain = await serveSite();
  try {
    await page.goto(plain.url("/"));
    const { state, ranking, threads } = await page.evaluate(demoPage);
    expect([state, threads]).toEqual(["ready", "1"]);
    expectReferenceScores(ranking.map(({ score }) => score), "int8");
    expect(await page.textContent("#variant-reason")).toMatch(/one thread: /);
    expect(await page.evaluate(offlineState)).toBe("yes");
  } finally {
    await plain.close();
  }
}, timeoutMs);

test("the address can ask for a list and a sentence", async () => {
  await page.goto(server.url("/?example=tricky&q=heavy%20rain"));
  const { ranking } = await page.evaluate(demoPage);
  expect(ranking[0].text).toBe("It is raining cats and dogs.");
  expect(await page.inputValue("#query")).toBe("heavy rain");
}, timeoutMs);

test("nothing is asked of another origin, and nothing at all once the page is kept", async () => {
  /** @type {string[]} */
  const requests = [];
  page.context().on("request", (request) => requests.push(request.url()));
  await page.goto(server.url("/"));
  await page.evaluate(demoPage);
  await page.evaluate(offlineState);
  expect(requests.filter((url) => !url.startsWith(server.url("/")))).toEqual([]);
  const [seen, served] = [requests.length, server.requests.length];
  await page.fill("#query", "What do apes eat?");
  expect((await page.evaluate(demoPage)).ranking[0].text).toBe("Bananas are yellow");
  await page.evaluate(chooseExample, "novels");
  await page.evaluate(heatMap, 12);
  expect([requests.length, server.requests.length]).toEqual([seen, served]);
}, timeoutMs);

test("a new build replaces the kept one, and the model is kept once", async () => {
  await page.goto(server.url("/"));
  await page.evaluate(demoPage);
  await page.evaluate(offlineState);
  const list = JSON.stringify({ version: "next", files: ["main.js", "style.css"] });
  server.faults.set("/offline.json", { change: () => Buffer.from(list) });
  const before = server.requests.filter((path) => path === modelPath).length;
  await page.goto(server.url("/"));
  await page.evaluate(demoPage);
  await page.evaluate(offlineState);
  server.faults.clear();
  const kept = (await page.evaluate(() => caches.keys())).filter((name) => name.startsWith("simile-page-"));
  expect(kept).toContain("simile-page-next");
  expect(kept.filter((name) => name !== "simile-page-model")).toHaveLength(1);
  // At most the load itself asks; keeping does not.
  expect(server.requests.filter((path) => path === modelPath).length).toBeLessThanOrEqual(before + 1);
}, timeoutMs);

test("the keyboard alone is enough", async () => {
  await page.goto(server.url("/"));
  await page.evaluate(demoPage);
  await page.keyboard.press("Tab"); // skip link
  await page.keyboard.press("Enter");
  expect(await page.evaluate(() => document.activeElement.id)).toBe("query");
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.type("What do apes eat?");
  /** @param {string} id */
  const tabTo = async (id) => {
    for (let i = 0; i < 20 && await page.evaluate(() => document.activeElement.id) !== id; ++i) {
      await page.keyboard.press("Tab");
    }
    expect(await page.evaluate(() => document.activeElement.id)).toBe(id);
  };
  await tabTo("own-toggle");
  await page.keyboard.press("Enter");
  expect(await page.evaluate(() => document.activeElement.id)).toBe("sentences");
  await page.keyboard.press("ControlOrMeta+End");
  await page.keyboard.type("\nMonkeys love fruit");
  await tabTo("file");
  const { ranking } = await page.evaluate(demoPage);
  expect(ranking).toHaveLength(3);
  expect(ranking[0].text).toBe("Monkeys love fruit");
}, timeoutMs);

test("a screen reader is told the result once typing has paused", async () => {
  await page.goto(server.url("/"));
  await page.evaluate(demoPage);
  await page.evaluate(() => {
    globalThis.said = [];
    new MutationObserver(() => globalThis.said.push(document.getElementById("announcement").textContent))
      .observe(document.getElementById("announcement"), { childList: true });
  });
  await page.locator("#query").pressSequentially(" for yellow bananas", { delay: 5 });
  await page.waitForFunction(() => globalThis.said.length > 0);
  expect(await page.evaluate(() => globalThis.said)).toHaveLength(1);
  expect(await page.evaluate(() => globalThis.said[0])).toMatch(/^Closest of 2: /);
}, timeoutMs);

test.each([["light", "rgb(248, 247, 244)"], ["dark", "rgb(17, 18, 23)"]])(
  "the page is %s where the system is, and stays as the person chose", async (scheme, background) => {
    const colour = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    await page.emulateMedia({ colorScheme: /** @type {any} */ (scheme) });
    await page.goto(server.url("/"));
    expect(await colour()).toBe(background);
    await page.click("#theme");
    const chosen = await colour();
    expect(chosen).not.toBe(background);
    await page.reload();
    expect(await colour()).toBe(chosen);
  }, timeoutMs);

test("nothing sticks out of a phone's width, even a very long word", async () => {
  await page.setViewportSize({ width: 360, height: 740 });
  await page.goto(server.url("/?example=novels"));
  await page.evaluate(demoPage);
  await page.evaluate(heatMap, 12);
  await page.click("#own-toggle");
  await page.fill("#sentences", `${"a".repeat(200)}\nBananas are yellow\nAnd a third one\nAnd a fourth`);
  await page.fill("#query", "b".repeat(120));
  await page.evaluate(demoPage);
  await page.evaluate(heatMap, 4);
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(width).toBeLessThanOrEqual(360);
}, timeoutMs);

test("nothing moves for a person who asked for that", async () => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await page.goto(server.url("/?example=novels"));
  await page.evaluate(demoPage);
  await page.fill("#query", "a magic school");
  await page.evaluate(demoPage);
  expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
}, timeoutMs);

test("of a list longer than a thousand the first thousand are taken, and reading them can be cancelled", async () => {
  await page.goto(server.url("/"));
  await page.evaluate(demoPage);
  const lines = Array.from({ length: 1300 }, (_, i) => `This is sentence number ${i + 1} of a long list`);
  await page.setInputFiles("#file", { name: "long.txt", mimeType: "text/plain", buffer: Buffer.from(lines.join("\n")) });
  await page.click("#cancel");
  expect((await page.evaluate(demoPage)).ranking.map(({ text }) => text)).toEqual(three);
  await page.setInputFiles("#file", { name: "long.txt", mimeType: "text/plain", buffer: Buffer.from(lines.join("\n")) });
  await page.waitForSelector("#more");
  await page.evaluate(demoPage);
  expect(await page.textContent("#more")).toMatch(/of 1,000/);
  expect(await page.textContent("#own-note")).toBe("The first 1,000 of 1,300 are used. The first 100 are shown here, and the others count too.");
  await page.click("#more");
  expect((await page.evaluate(demoPage)).ranking).toHaveLength(50);
  expect(await page.evaluate(() => [...document.activeElement.parentElement.children].indexOf(document.activeElement))).toBe(10);
}, timeoutMs);

test("what the text area does not show of a long paste counts, until all of it is replaced", async () => {
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto(server.url("/"));
  await page.evaluate(demoPage);
  const lines = Array.from({ length: 150 }, (_, i) => `Sentence number ${i + 1}`);
  await page.evaluate((text) => navigator.clipboard.writeText(text), lines.join("\n"));
  await page.click("#own-toggle");
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.press("ControlOrMeta+V");
  await page.waitForFunction(() => document.getElementById("about").textContent.includes("150"));
  expect((await page.inputValue("#sentences")).split("\n")).toEqual(lines.slice(0, 100));
  await page.keyboard.type("Another one\n");
  await page.waitForFunction(() => document.getElementById("about").textContent.includes("151"));
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.type("Only this");
  await page.waitForFunction(() => document.getElementById("about").textContent.includes(": 1 sentence."));
  expect((await page.evaluate(demoPage)).ranking.map(({ text }) => text)).toEqual(["Only this"]);
}, timeoutMs);

// SPDX-License-Identifier: Apache-2.0
// The demo page as a person meets it, in each engine.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { examples } from "../../web/parts/examples.js";
import { browsers } from "./support/browsers.js";
import {
  askPackage, choose, chooseExample, dropFile, heatMap, offlineState, pasteText, tableChoice, tokens, wordPairs,
} from "./support/demo-page.js";
import { freshPageForEach } from "./support/fresh-page.js";
import { demoPage, type } from "./support/in-page.js";
import { expectReferenceScores } from "./support/reference.js";
import { modelPath, serveSite, strictCsp } from "./support/site.js";

const timeoutMs = 120_000;
const three = ["Artificial intelligence is amazing", "Bananas are yellow"];

/** What each example's first query finds. */
const found = {
  "three": "Artificial intelligence is amazing",
  "help-desk": "Where is my parcel?",
  "novels": "Androids walk among us, and a bounty hunter doubts that he is human.",
  "tricky": "Borrowing money has become more expensive.",
};

/** @type {import("./support/server.js").StaticServer} */
let server;
beforeAll(async () => {
  server = await serveSite({ isolated: true, csp: strictCsp });
});
afterAll(() => server.close());

describe.each(Object.entries(browsers))("in %s", (name, launch) => {
  /** @type {import("./support/browsers.js").Page} */
  let page;
  freshPageForEach(launch, (fresh) => {
    page = fresh;
  });

  const texts = (/** @type {{ ranking: { text: string }[] }} */ { ranking }) =>
    ranking.map(({ text }) => text);

  test("the page ranks the three sentences as the reference does", async () => {
    await page.goto(server.url("/"));
    const { state, error, ranking } = await page.evaluate(demoPage);
    expect({ state, error }).toEqual({ state: "ready", error: "" });
    expect(texts({ ranking })).toEqual(three);
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
    await page.evaluate(type, [{ id: "query", value: " " }]);
    expect(texts(await page.evaluate(demoPage))).toEqual(["Bananas are yellow", "My dog barks", fruit]);
    await page.evaluate(type, [{ id: "query", value: fruit }]);
    expect((await page.evaluate(demoPage)).ranking[0].score).toBeCloseTo(1, 5);
    await page.evaluate(type, [{ id: "sentences", value: "" }]);
    expect(texts(await page.evaluate(demoPage))).toEqual([]);
  }, timeoutMs);

  test("each example is one click away and finds what it should", async () => {
    await page.goto(server.url("/"));
    await page.evaluate(demoPage);
    for (const { id } of [...examples].reverse()) {
      await page.evaluate(chooseExample, id);
      expect([id, texts(await page.evaluate(demoPage))[0]]).toEqual([id, found[id]]);
    }
  }, timeoutMs);

  test("a CSV file is dropped, and one of its columns chosen", async () => {
    await page.goto(server.url("/"));
    await page.evaluate(demoPage);
    await page.evaluate(dropFile, {
      name: "animals.csv",
      type: "text/csv",
      content: 'id;name;what it does\r\n1;Dog;"Dogs bark; sometimes"\r\n2;Cat;Cats purr\r\n3;Cow;Cows give milk',
    });
    expect(await page.evaluate(tableChoice)).toEqual({
      title: "animals.csv is a table",
      columns: ["id: 1", "name: Dog", "what it does: Dogs bark; sometimes"],
      chosen: 2,
      hasHeader: true,
    });
    await page.evaluate(type, [{ id: "query", value: "a purring kitten" }]);
    expect(texts(await page.evaluate(demoPage))).toHaveLength(3);
    expect(texts(await page.evaluate(demoPage))[0]).toBe("Cats purr");
    await page.evaluate(choose, { id: "column", value: "1" });
    expect(texts(await page.evaluate(demoPage)).sort()).toEqual(["Cat", "Cow", "Dog"]);
    await page.evaluate(choose, { id: "header", value: false });
    expect(texts(await page.evaluate(demoPage)).sort()).toEqual(["Cat", "Cow", "Dog", "name"]);
  }, timeoutMs);

  test("a text file is dropped, and what is no text is told in a sentence", async () => {
    await page.goto(server.url("/"));
    await page.evaluate(demoPage);
    const lines = Array.from({ length: 13 }, (_, i) => `Sentence number ${i + 1}, with a comma`);
    await page.evaluate(dropFile, { name: "list.txt", type: "text/plain", content: lines.join("\r\n") });
    await page.evaluate(demoPage);
    expect(await page.evaluate(tableChoice)).toBeNull();
    expect((await page.evaluate(heatMap, 12))).toHaveLength(13);
    await page.evaluate(dropFile, { name: "cat.png", type: "image/png", content: "\0PNG" });
    const note = await page.evaluate(() => document.getElementById("own-note").textContent);
    expect(note).toMatch(/cat\.png is no text/);
    expect(texts(await page.evaluate(demoPage))).toHaveLength(10);
  }, timeoutMs);

  test("a table pasted from a spreadsheet offers its columns", async () => {
    await page.goto(server.url("/"));
    await page.evaluate(demoPage);
    await page.evaluate(pasteText, "Q1\tDogs bark\nQ2\tCats purr\nQ3\tCows give milk");
    expect(await page.evaluate(tableChoice)).toMatchObject({ chosen: 1, hasHeader: true });
    await page.evaluate(choose, { id: "header", value: false });
    expect(texts(await page.evaluate(demoPage)).sort())
      .toEqual(["Cats purr", "Cows give milk", "Dogs bark"]);
  }, timeoutMs);

  test("the heat map's numbers are the package's, and so are the tokens", async () => {
    await page.goto(server.url("/?example=tricky"));
    await page.evaluate(demoPage);
    const query = "Unbelievably bad banking, isn't it?";
    await page.evaluate(type, [{ id: "query", value: query }]);
    await page.evaluate(demoPage);
    const { matrix, ids } = await page.evaluate(askPackage,
      { query, sentences: examples[3].sentences.slice(0, 12) });
    const shown = await page.evaluate(heatMap, 12);
    shown.forEach((row, i) => row.forEach((text, k) => {
      expect(Math.abs(Number(text.replace("−", "-")) - matrix[i][k])).toBeLessThanOrEqual(0.005001);
    }));
    const read = await page.evaluate(tokens, ids.length);
    expect(read.ids).toEqual(ids);
    expect([read.pieces.at(0), read.pieces.at(-1)]).toEqual(["[CLS]", "[SEP]"]);
    expect(read.pieces.slice(1, -1).join("")).toBe(query.replace(/ /g, ""));
  }, timeoutMs);

  test("a model that is not there is told in a sentence, and can be asked for again", async () => {
    server.faults.set(modelPath, { status: 404 });
    await page.goto(server.url("/"));
    const { state, error } = await page.evaluate(demoPage);
    server.faults.clear();
    expect(state).toBe("error");
    expect(error).toMatch(/^The model could not be loaded\..*404.*\(network\)$/);
    await page.evaluate(() => document.getElementById("retry").click());
    expect(await page.evaluate(demoPage)).toMatchObject({ state: "ready", error: "" });
  }, timeoutMs);

  test("a part of the page that is not there is told in a sentence", async () => {
    server.faults.set("/parts/details.js", { status: 404 });
    await page.goto(server.url("/"));
    const { state, error } = await page.evaluate(demoPage);
    server.faults.clear();
    expect(state).toBe("error");
    expect(error).toMatch(/did not arrive/);
  }, timeoutMs);

  test("the bank that lends is nearer to that of an account than a river's is", async () => {
    const [account, lends, river] = ["go to the bank to open an account", "the bank lends money", "sit on the bank of the river"];
    await page.goto(server.url("/"));
    await page.evaluate(demoPage);
    const pairs = await page.evaluate(wordPairs, 3);
    expect(pairs[0].texts).toEqual([account, lends]);
    expect(pairs[0].similarity).toBeGreaterThan(pairs[1].similarity + 0.03);
    expect(pairs.find(({ texts: both }) => both.join() === [account, river].join()).similarity)
      .toBeLessThan(pairs[0].similarity - 0.05);
    for (const { bar, similarity } of pairs) expect(bar).toBeCloseTo(similarity, 2);
    await page.evaluate(type, [{ id: "word-sentences", value: "The bat flew.\nHe swung a bat!\nno such word" },
      { id: "word", value: "Bat" }]);
    expect((await page.evaluate(wordPairs, 1))[0].texts).toEqual(["The bat flew.", "He swung a bat!"]);
    await page.evaluate(type, [{ id: "word", value: "owl" }]);
    expect(await page.evaluate(wordPairs, 0)).toEqual([]);
    expect(await page.evaluate(() => document.getElementById("word-note").textContent)).toMatch(/“owl” must stand in two/);
  }, timeoutMs);

  test("axe-core finds nothing to complain about, with everything open, light and dark", async () => {
    const axe = await readFile(createRequire(import.meta.url).resolve("axe-core"), "utf8");
    // Of the settled page: a row that is fading in has every contrast on its way.
    const look = new Function(`${axe}; return Promise
      .allSettled(document.getAnimations().map(({ finished }) => finished))
      .then(() => globalThis.axe.run())
      .then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)]))`);
    await page.goto(server.url("/?example=tricky"));
    await page.evaluate(demoPage);
    await page.evaluate(wordPairs, 3);
    await page.evaluate(heatMap, 12);
    await page.evaluate(pasteText, "Q1\tDogs bark\nQ2\tCats purr\nQ3\tCows give milk\nQ4\tBirds sing");
    await page.evaluate(demoPage);
    await page.evaluate(heatMap, 3);
    expect(await page.evaluate(look)).toEqual([]);
    await page.evaluate(() => document.getElementById("theme").click());
    expect(await page.evaluate(look)).toEqual([]);
  }, timeoutMs);

  test("the page works with the server gone", async () => {
    const own = await serveSite({ isolated: true, csp: strictCsp });
    const url = own.url("/");
    try {
      await page.goto(url);
      await page.evaluate(demoPage);
      expect(await page.evaluate(offlineState)).toBe("yes");
    } finally {
      await own.close();
    }
    await page.goto(`${url}?example=help-desk`);
    const { state, error, ranking } = await page.evaluate(demoPage);
    expect({ state, error }).toEqual({ state: "ready", error: "" });
    expect(ranking[0].text).toBe(found["help-desk"]);
  }, timeoutMs);
});

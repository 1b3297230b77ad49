// SPDX-License-Identifier: Apache-2.0
// Work in a worker, in real browsers: what it gives, and how it ends.

import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { browsers } from "./support/browsers.js";
import { expectReferenceScores } from "./support/reference.js";
import { rankThree } from "./support/in-page.js";
import { modelPath, serveSite, strictCsp } from "./support/site.js";

const timeoutMs = 180_000;

/**
 * Kills the worker in the middle of a bulk call, silently: no event tells of it.
 * @param {{ model: string }} argument
 */
async function killMidCall({ model: source }) {
  const { load } = await import("/simile/index.js");
  /** @type {Worker[]} */
  const made = [];
  const worker = () => {
    made.push(new Worker("/simile/worker.js", { type: "module" }));
    return made[made.length - 1];
  };
  const model = await load(source, { worker, workers: 1, threads: 1 });
  const texts = Array.from({ length: 2000 }, (_, i) => `sentence number ${i} of a long list`);
  const [before] = await model.embed(texts[0]);
  let killedAt = 0;
  const onProgress = ({ done }) => {
    if (killedAt || done < 10) return;
    killedAt = performance.now();
    made[0].terminate();
  };
  const error = await model.embed(texts, { onProgress }).then(() => undefined, (reason) => reason);
  const ms = performance.now() - killedAt;
  const [after] = await model.embed(texts[0]);
  model.dispose();
  const { partial } = error;
  return {
    code: error.code, message: error.message, ms, workers: made.length,
    isSame: before.every((x, i) => x === after[i]),
    isPartialRight: before.every((x, i) => x === partial.vectors[i]),
    done: partial.done, isDone: partial.isDone.indexOf(0),
  };
}

/** A query in the middle of a bulk call, then an abort of that. @param {{ model: string }} argument */
async function queryAndAbort({ model: source }) {
  const { load } = await import("/simile/index.js");
  const model = await load(source, { workers: 1 });
  const texts = Array.from({ length: 3000 }, (_, i) => `sentence number ${i} of a long list`);
  const controller = new AbortController();
  let [steps, doneNow] = [0, 0];
  let begin = () => {};
  const begun = new Promise((resolve) => (begin = resolve));
  const bulk = model.embed(texts, {
    signal: controller.signal,
    onProgress: ({ done }) => {
      doneNow = done;
      if (++steps === 2) begin();
    },
  });
  const failed = bulk.catch((error) => ({ error, at: performance.now() }));
  await begun;
  await model.embed("a query");
  const doneAtAnswer = doneNow;
  const abortedAt = performance.now();
  controller.abort();
  const { error, at } = await failed;
  await model.embed("a query");
  const answeredAt = performance.now();
  const { worker } = model.info();
  model.dispose();
  return { worker, name: error.name, doneAtAnswer, abortMs: at - abortedAt, nextMs: answeredAt - abortedAt };
}

/** @param {{ model: string }} argument */
async function everySource({ model: path }) {
  const { load } = await import("/simile/index.js");
  const bytes = await (await fetch(path)).arrayBuffer();
  const sources = {
    url: path,
    URL: new URL(path, location.href),
    buffer: bytes,
    view: new Uint8Array(bytes),
    blob: new Blob([bytes]),
    response: await fetch(path),
    stream: new Blob([bytes]).stream(),
  };
  const results = {};
  for (const [name, source] of Object.entries(sources)) {
    const fractions = [];
    const model = await load(source, { onProgress: ({ fraction }) => fractions.push(fraction) });
    results[name] = {
      first: (await model.embed("the same text"))[0][0],
      last: fractions[fractions.length - 1],
      isMonotone: fractions.every((x, i) => i === 0 || x >= fractions[i - 1]),
      worker: model.info().worker,
    };
    model.dispose();
  }
  return { results, isWhole: bytes.byteLength > 0 };
}

/** @param {{ model: string }} argument */
async function lostStream({ model: path }) {
  const { load } = await import("/simile/index.js");
  let made;
  const worker = () => (made = new Worker("/simile/worker.js", { type: "module" }));
  const model = await load(await fetch(path), { worker });
  const working = model.embed(Array.from({ length: 500 }, () => "a text")).catch((error) => error.code);
  made.terminate();
  const first = await working;
  const second = await model.embed("a text").catch((error) => `${error.code}: ${error.message}`);
  model.dispose();
  return { first, second };
}

/** @param {{ model: string }} argument */
async function twoModels({ model: path }) {
  const { load } = await import("/simile/index.js");
  const [a, b] = await Promise.all([load(path), load(path)]);
  const texts = Array.from({ length: 40 }, (_, i) => `text ${i}`);
  const [first, second] = await Promise.all([a.embed(texts), b.embed(texts)]);
  const isSame = first.data.every((x, i) => x === second.data[i]);
  a.dispose();
  const pending = b.embed(texts).catch((error) => error.code);
  b.dispose();
  b.dispose();
  return { isSame, pending: await pending };
}

/** Loads from bytes for bulk work in three workers. @param {{ model: string }} argument */
async function loadForBulk({ model: path }) {
  const { load } = await import("/simile/index.js");
  const bytes = await (await fetch(path)).blob();
  const model = await load(bytes, { workers: 3, threads: 1 });
  Object.assign(globalThis, { model });
}

/** What the model of loadForBulk does, once for its workers to load and once with them. */
async function bulkWork() {
  const { model } = /** @type {any} */ (globalThis);
  const texts = Array.from({ length: 400 }, (_, i) => `sentence number ${i}`);
  const [first, second] = [await model.embed(texts), await model.embed(texts)];
  const { workers, memoryBytes } = model.info();
  model.dispose();
  return { workers, memoryBytes, isSame: first.data.every((x, i) => x === second.data[i]) };
}

/** @param {{ model: string }} argument */
async function sameBits({ model: path }) {
  const { load } = await import("/simile/index.js");
  const bytes = await (await fetch(path)).blob();
  const texts = (await (await fetch("/golden/texts.txt")).text()).split("\n").slice(0, 200);
  const hashes = {};
  for (const [name, options] of Object.entries({
    here: { worker: false }, one: { workers: 1 }, several: { workers: 3, threads: 1 },
  })) {
    const model = await load(bytes, options);
    await model.embed(texts.slice(0, 64)); // now all workers are there, or will be soon
    const { data } = await model.embed(texts);
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", data));
    hashes[name] = Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
    model.dispose();
  }
  return hashes;
}

describe.each(["chromium", "firefox", "webkit"])("in %s", (engine) => {
  /** @type {import("./support/browsers.js").Browser} */
  let browser;
  /** @type {Record<string, import("./support/server.js").StaticServer>} */
  const servers = {};
  beforeAll(async () => {
    browser = await browsers[engine]();
    servers.plain = await serveSite();
    servers.strict = await serveSite({ csp: strictCsp });
    servers.workerless = await serveSite({ csp: `${strictCsp}; worker-src 'none'` });
    servers.isolated = await serveSite({ isolated: true });
  }, timeoutMs);
  afterAll(async () => {
    await browser?.close();
    await Promise.all(Object.values(servers).map((server) => server.close()));
  }, timeoutMs);

  /** @param {Function} body @param {string} [site] @param {object} [options] */
  async function inPage(body, site = "plain", options = {}) {
    const page = await browser.newPage();
    try {
      await page.goto(servers[site].url("/empty/"));
      return await page.evaluate(body, { model: modelPath, options });
    } finally {
      await page.close();
    }
  }

  test.each(["plain", "strict", "isolated"])("a %s page works in a worker, and ranks right", async (site) => {
    const { info, scores, message } = await inPage(rankThree, site);
    expect(message).toBeUndefined();
    expect(info.worker).toBe(true);
    expectReferenceScores(scores, "int8");
  }, timeoutMs);

  test("a worker that is killed in the middle of a call is noticed, and the next call is right", async () => {
    const { ms, done, isDone, ...rest } = await inPage(killMidCall);
    expect(rest).toEqual({ code: "worker_lost", message: expect.stringMatching(/worker ended/),
      workers: 2, isSame: true, isPartialRight: true });
    expect(ms).toBeLessThan(2000);
    expect(done).toBeGreaterThanOrEqual(10);
    expect(isDone).toBe(done);
  }, timeoutMs);

  test("a query goes ahead of bulk work, and an abort takes effect", async () => {
    const result = await inPage(queryAndAbort);
    expect(result).toMatchObject({ worker: true, name: "AbortError" });
    // One step in fact (scheduler.test.js); a slow page sees several at once.
    expect(result.doneAtAnswer).toBeLessThan(1000);
    expect(result.abortMs).toBeLessThan(50);
    expect(result.nextMs).toBeLessThan(2000); // the worker has let go of 2,000 texts
  }, timeoutMs);

  test("what a page loads from, its worker loads from", async () => {
    const { results, isWhole } = await inPage(everySource);
    const { first } = results.url;
    for (const name of ["url", "URL", "buffer", "view", "blob", "response", "stream"]) {
      expect({ name, ...results[name] }).toEqual({ name, first, last: 1, isMonotone: true, worker: true });
    }
    expect(isWhole).toBe(true); // nobody's buffer is taken away
  }, timeoutMs);

  test("a model from a stream says after a loss that it cannot be read again", async () => {
    expect(await inPage(lostStream)).toEqual({ first: "worker_lost",
      second: expect.stringMatching(/^worker_lost: the model came from a stream/) });
  }, timeoutMs);

  test("two models work at once, and dispose settles what is pending", async () => {
    expect(await inPage(twoModels)).toEqual({ isSame: true, pending: "disposed" });
  }, timeoutMs);

  test("bulk work is shared by several workers, which ask nothing of the network", async () => {
    const page = await browser.newPage();
    try {
      await page.goto(servers.plain.url("/empty/"));
      await page.evaluate(loadForBulk, { model: modelPath });
      const before = servers.plain.requests.length;
      const { workers, isSame, memoryBytes } = await page.evaluate(bulkWork);
      expect({ workers, isSame }).toEqual({ workers: 3, isSame: true });
      expect(memoryBytes).toBeGreaterThan(3 * 20_000_000);
      expect(servers.plain.requests.slice(before)).toEqual([]);
    } finally {
      await page.close();
    }
  }, timeoutMs);

  test("the bits are the same here, in a worker, and in several", async () => {
    const { here, one, several } = await inPage(sameBits);
    expect(here).toMatch(/^[0-9a-f]{64}$/);
    expect({ one, several }).toEqual({ one: here, several: here });
  }, timeoutMs);

  test("where the page's policy forbids workers, work is done without one", async () => {
    const { info, scores, message } = await inPage(rankThree, "workerless");
    expect(message).toBeUndefined();
    expect(info.worker).toBe(false);
    expectReferenceScores(scores, "int8");
  }, timeoutMs);
});

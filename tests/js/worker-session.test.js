// SPDX-License-Identifier: Apache-2.0
// The line to a worker: every way that a worker can end, on a made-up worker and
// a made-up clock; then real workers, Node's.

import { jest } from "@jest/globals";
import { SimileError, load } from "../../js/index.js";
import { LastingSession } from "../../js/lasting-session.js";
import { makeNodeWorker } from "../../js/node-worker.js";
import { WorkerLink } from "../../js/worker-link.js";
import { serve } from "../../js/worker-host.js";
import { checkpoint, convert, expectError, removeCheckpoints, texts } from "./tiny-model.js";

const timing = { beatMs: 500, startBeats: 60, lostBeats: 10 };

/** A worker that does what the test says. */
class FakeWorker {
  /** @type {any[]} */
  received = [];
  isTerminated = false;
  /** @type {Record<string, (event: any) => void>} */
  #listeners = {};

  /** @param {any} message */
  postMessage(message) {
    structuredClone(message);
    this.received.push(message);
  }

  terminate() {
    this.isTerminated = true;
  }

  /** @param {string} type @param {(event: any) => void} listener */
  addEventListener(type, listener) {
    this.#listeners[type] = listener;
  }

  /** @param {string} type @param {object} event */
  emit(type, event) {
    this.#listeners[type](event);
  }

  /** @param {object} data */
  reply(data) {
    this.emit("message", { data });
  }

  /** @param {string} method @returns {any[]} */
  requests(method) {
    return this.received.filter((request) => request.method === method);
  }
}

/** @param {{ isStarted?: boolean }} [options] */
async function linked({ isStarted = true } = {}) {
  const worker = new FakeWorker();
  const link = new WorkerLink(/** @type {any} */ (worker), timing);
  if (isStarted) {
    worker.reply({ id: worker.received[0].id, value: false });
    await link.started;
  }
  return { worker, link };
}

/** Two calls that wait. @param {WorkerLink} link */
function twoCalls(link) {
  const calls = [link.call("tokenize", { text: "a", maxTokens: 5 }), link.call("ping", {})];
  for (const call of calls) call.catch(() => {});
  return calls;
}

describe("a worker that ends", () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  /** @type {[string, (worker: FakeWorker) => void, string, RegExp][]} */
  const ends = [
    ["by an error", (worker) => worker.emit("error", { message: "out of luck" }), "worker_lost", /failed: out of luck/],
    ["by a message that cannot be read", (worker) => worker.emit("messageerror", {}), "worker_lost", /cannot be read/],
    ["by falling silent", () => jest.advanceTimersByTime(500 * 11), "worker_lost", /does not answer/],
    ["by a trap", (worker) => worker.reply({ id: worker.requests("tokenize")[0].id, isDead: true,
      error: { name: "SimileError", code: "internal", message: "the module crashed", cause: "unreachable" } }),
    "internal", /the module crashed/],
  ];

  test.each(ends)("%s rejects everything pending, and later calls", async (_, end, code, message) => {
    const { worker, link } = await linked();
    const calls = twoCalls(link);
    end(worker);
    for (const call of calls) await expectError(call, code, message);
    await expectError(link.call("ping", {}), code, message);
    expect([link.isAlive, worker.isTerminated]).toEqual([false, true]);
    expect(jest.getTimerCount()).toBe(0);
  });

  test.each([
    ["fails", (/** @type {FakeWorker} */ worker) => worker.emit("error", {}), /did not start: it failed/],
    ["says nothing for 30 s", () => jest.advanceTimersByTime(500 * 61), /did not start: it does not answer/],
  ])("before it starts, because it %s, rejects its start", async (_, end, message) => {
    const { worker, link } = await linked({ isStarted: false });
    end(worker);
    await expectError(link.started, "worker_lost", message);
    expect(worker.isTerminated).toBe(true);
  });

  test("silently, by a lock that comes free", async () => {
    /** @type {(() => void)[]} */
    const granted = [];
    const request = (/** @type {string} */ name, /** @type {object} */ options, /** @type {() => void} */ use) => {
      granted.push(use);
      return Promise.resolve();
    };
    const worker = new FakeWorker();
    const link = new WorkerLink(/** @type {any} */ (worker), timing, /** @type {any} */ ({ request }));
    const [start] = worker.requests("start");
    expect(start.args.lockName).toMatch(/^simile /);
    worker.reply({ id: start.id, value: true });
    await link.started;
    const calls = twoCalls(link);
    granted[0]();
    for (const call of calls) await expectError(call, "worker_lost", /the worker ended/);
  });

  test("on dispose settles what is pending with the reason, once", async () => {
    const { worker, link } = await linked();
    const calls = twoCalls(link);
    link.close(new SimileError("disposed", "gone"));
    link.close(new Error("again"));
    for (const call of calls) await expectError(call, "disposed", /gone/);
    expect(worker.isTerminated).toBe(true);
  });
});

describe("a worker that lives", () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  test("may take its time, as long as it answers now and then", async () => {
    const { worker, link } = await linked();
    const call = link.call("tokenize", { text: "a", maxTokens: 5 });
    for (let i = 0; i < 100; ++i) {
      jest.advanceTimersByTime(500 * 9);
      worker.reply({ id: worker.requests("ping").at(-1).id, value: undefined });
    }
    worker.reply({ id: worker.requests("tokenize")[0].id, value: 5, heapBytes: 7 });
    expect([await call, link.heapBytes]).toEqual([5, 7]);
    expect(jest.getTimerCount()).toBe(0); // nothing pending, nothing asked
  });

  test("is asked to give up what was aborted, and its late answer is dropped", async () => {
    const { worker, link } = await linked();
    const controller = new AbortController();
    const reason = new Error("enough");
    const call = link.call("tokenize", { text: "a", maxTokens: 5 }, { signal: controller.signal });
    controller.abort(reason);
    await expect(call).rejects.toBe(reason);
    const [{ id }] = worker.requests("tokenize");
    expect(worker.requests("abort")[0].args).toEqual({ id });
    worker.reply({ id, error: { name: "AbortError", message: "aborted" }, isDead: false });
    expect(link.isAlive).toBe(true);
    await expect(link.call("ping", {}, { signal: controller.signal })).rejects.toBe(reason);
  });

  test("brings errors back with their class, code, index and cause", async () => {
    const { worker, link } = await linked();
    const call = link.call("ping", {});
    worker.reply({ id: worker.requests("ping")[0].id, isDead: false, error: {
      name: "SimileError", code: "invalid_argument", message: "texts[3]", index: 3, cause: "below" } });
    const error = await expectError(call, "invalid_argument", /texts\[3\]/);
    expect([error.index, error.cause.message]).toEqual([3, "below"]);
    expect(link.isAlive).toBe(true);
  });

  test("is not sent what cannot be cloned", async () => {
    const { link } = await linked();
    const unclonable = /** @type {any} */ ({ text: () => {} });
    await expectError(link.call("tokenize", unclonable), "invalid_argument", /cannot be sent to a worker/);
    expect(jest.getTimerCount()).toBe(0);
  });
});

describe("the worker's side", () => {
  /** @param {object} request @returns {Promise<any>} its reply */
  function ask(request) {
    return new Promise((resolve) => {
      serve({
        postMessage: resolve,
        addEventListener: (_, listener) => listener({ data: { id: 1, args: {}, ...request } }),
      });
    });
  }

  test.each(["nothing", "toString", "__proto__", "constructor"])("has no method '%s'", async (method) => {
    expect(await ask({ method })).toMatchObject({ id: 1, error: { code: "internal", message: /** @type {any} */ (
      expect.stringContaining(`no method '${method}'`)) } });
  });

  test("says so when nothing is loaded, or an argument is missing", async () => {
    expect(await ask({ method: "embed" })).toMatchObject({ error: { message: expect.stringMatching(/nothing is loaded/) } });
    expect(await ask({ method: "load", args: undefined })).toHaveProperty("error");
  });
});

describe("a lasting session", () => {
  /** @param {Partial<import("../../js/session.js").Session>} [parts] @returns {any} */
  const session = (parts) => ({ isAlive: true, info: { heapBytes: 1 }, dispose() {}, tokenize: async () => "ok", ...parts });

  test("opens a new one after a loss, once for all calls, and tries again if that fails", async () => {
    let opened = 0;
    const lasting = new LastingSession(session({ isAlive: false }), async () => {
      opened += 1;
      if (opened === 1) throw new Error("no network");
      return session({});
    });
    await expect(lasting.tokenize("a", 5)).rejects.toThrow("no network");
    expect(await Promise.all([1, 2, 3].map(() => lasting.tokenize("a", 5)))).toEqual(["ok", "ok", "ok"]);
    expect(opened).toBe(2);
  });

  test("disposed of while it opens, it disposes of what comes", async () => {
    const dispose = jest.fn();
    /** @type {(session: any) => void} */
    let arrive = () => {};
    const lasting = new LastingSession(session({ isAlive: false }),
      () => new Promise((resolve) => (arrive = resolve)));
    const call = lasting.tokenize("a", 5);
    lasting.dispose();
    arrive(session({ dispose }));
    await expectError(call, "disposed", /./);
    expect(dispose).toHaveBeenCalledTimes(1);
    await expectError(lasting.tokenize("a", 5), "disposed", /./);
    expect(() => lasting.info).toThrow(SimileError);
  });
});

describe("a model in one of Node's workers", () => {
  /** @type {Uint8Array} a Simile file */
  let file;
  /** @type {import("../../js/index.js").Embedder} */
  let here;
  /** @param {number} length */
  const list = (length) => Array.from({ length }, (_, i) => `${texts[i % texts.length]} ${i}`);
  const many = list(300);
  const long = list(5000); // more than is done before a worker is gone

  beforeAll(async () => {
    file = await convert(await checkpoint({ prompts: { query: "the ", document: "", other: "a " } }));
    here = await load(file);
  });
  afterAll(async () => {
    here.dispose();
    await removeCheckpoints();
  });

  /** A maker of workers that remembers them. */
  function maker() {
    /** @type {any[]} */
    const made = [];
    const url = new URL("../../js/worker.js", import.meta.url);
    return { made, worker: /** @type {any} */ (() => made[made.push(makeNodeWorker(url)) - 1]) };
  }

  test.each([1, 3])("gives with %i workers what it gives here", async (workers) => {
    /** @type {number[]} */
    const fractions = [];
    const model = await load(file, { worker: true, workers, onProgress: ({ fraction }) => fractions.push(fraction) });
    /** @type {number[]} */
    const done = [];
    const { data, usage } = await model.embed(many, { onProgress: (progress) => done.push(progress.done) });
    const expected = await here.embed(many);
    expect(data).toEqual(expected.data);
    expect(usage).toEqual(expected.usage);
    expect(done).toEqual([...done].sort((a, b) => a - b));
    expect(done.at(-1)).toBe(many.length);
    expect(fractions.at(-1)).toBe(1);
    expect(await model.rank("cat", texts)).toEqual(await here.rank("cat", texts));
    expect((await model.similarity(texts, ["cat"])).data).toEqual((await here.similarity(texts, ["cat"])).data);
    expect(await model.tokenize("The cats")).toEqual(await here.tokenize("The cats"));
    expect((await model.embed([])).count).toBe(0);
    expect(model.info()).toMatchObject({ ...here.info(), worker: true, workers: expect.any(Number),
      memoryBytes: expect.any(Number), heapBytes: expect.any(Number), memoryPeakBytes: expect.any(Number) });
    model.dispose();
  });

  test("whose worker is killed rejects with what was done, and the next call is right", async () => {
    const { made, worker } = maker();
    const model = await load(file, { worker, workers: 1 });
    const work = model.embed(long, { onProgress: ({ done }) => void (done < long.length && made[0].terminate()) });
    const { partial } = await expectError(work, "worker_lost", /next call starts a fresh one/);
    const expected = await here.embed(long);
    expect(partial.done).toBeGreaterThan(0);
    expect(partial.done).toBeLessThan(long.length);
    const dims = 32;
    partial.isDone.forEach((/** @type {number} */ isDone, /** @type {number} */ i) => {
      if (isDone) expect(partial.vectors.subarray(i * dims, (i + 1) * dims)).toEqual(expected[i]);
    });
    expect((await model.embed(texts)).data).toEqual((await here.embed(texts)).data);
    expect(made).toHaveLength(2);
    model.dispose();
  });

  test("whose worker is killed gives each call what was done of it", async () => {
    const { made, worker } = maker();
    const model = await load(file, { worker, workers: 1 });
    /** @type {number[]} */
    const done = [0, 0];
    const calls = done.map((_, i) => model.embed(long, {
      onProgress: (progress) => {
        done[i] = progress.done;
        if (done[0] > 0 && done[1] > 0) made[0].terminate();
      },
    }));
    const [first, second] = await Promise.all(calls.map((call) => expectError(call, "worker_lost", /./)));
    expect([first.partial.done, second.partial.done]).toEqual(done);
    model.dispose();
  });

  test.each([true, false])("ends a call whose onProgress throws (worker: %s)", async (worker) => {
    const model = await load(file, { worker });
    const fault = new Error("the caller's own");
    const onProgress = () => {
      throw fault;
    };
    await expect(model.embed(many, { onProgress })).rejects.toBe(fault);
    expect((await model.embed(texts)).count).toBe(texts.length);
    await expect(load(file, { worker, onProgress })).rejects.toBe(fault);
    model.dispose();
  });

  test("has the errors that it has here", async () => {
    const options = { worker: true };
    await expectError(load(file.subarray(0, 999), options), "bad_model", /./);
    await expectError(load(file, { ...options, sha256: "0".repeat(64) }), "integrity", /expected sha256 0+/);
    await expectError(load("/no/such/file", options), "invalid_argument", /no such file/);
    await expectError(load(/** @type {any} */ (5), options), "invalid_argument", /model: expected/);
    await expectError(load(file, { ...options, wasmUrl: "http://127.0.0.1:9/" }), "network", /127\.0\.0\.1:9/);
    await expectError(load(file, { worker: /** @type {any} */ (() => 5) }), "invalid_argument", /expected a Worker, got 5/);
    const thrown = new ReadableStream({ pull: () => Promise.reject(new Error("the line is cut")) });
    await expectError(load(thrown, options), "network", /the line is cut/);
  });

  test("whose script fails says so where a worker was asked for", async () => {
    const nowhere = new URL("nowhere.js", import.meta.url);
    await expectError(load(file, { worker: /** @type {any} */ (() => makeNodeWorker(nowhere)) }), "worker_lost", /did not start/);
  });

  test("stops loading at an abort", async () => {
    const { made, worker } = maker();
    const controller = new AbortController();
    const reason = new Error("enough");
    const loading = load(file, { worker, signal: controller.signal, onProgress: () => controller.abort(reason) });
    await expect(loading).rejects.toBe(reason);
    expect(made).toHaveLength(1);
  });

  test("settles everything on dispose", async () => {
    const model = await load(file, { worker: true });
    const calls = [model.embed(many), model.embed("cat"), model.tokenize("cat")];
    model.dispose();
    model.dispose();
    for (const call of calls) await expectError(call, "disposed", /load it again/);
    expect(() => model.info()).toThrow(SimileError);
  });
});

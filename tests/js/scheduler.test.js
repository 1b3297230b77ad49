// SPDX-License-Identifier: Apache-2.0
// The queue before a module, on made-up jobs and a clock that stands still.

import { Scheduler } from "../../js/scheduler.js";

/** A turn of the event loop that is taken when told. */
function manualTurns() {
  /** @type {(() => void)[]} */
  const waiting = [];
  const settle = async () => {
    for (let i = 0; i < 20; ++i) await Promise.resolve();
  };
  return {
    turn: () => new Promise((/** @type {(value: void) => void} */ resolve) => waiting.push(resolve)),
    async next() {
      waiting.shift()?.();
      await settle();
    },
  };
}

/** A clock by which every look at it is a long step later. */
function slowClock() {
  let time = 0;
  return () => (time += 50);
}

/** @param {string[]} log @param {string} name @param {number} count of steps */
function* steps(log, name, count) {
  try {
    for (let i = 1; i <= count; ++i) {
      log.push(`${name}${i}`);
      if (i < count) yield;
    }
  } finally {
    log.push(`${name} left`);
  }
}

describe("the scheduler", () => {
  test("lets a short job go ahead of bulk work between two steps", async () => {
    const { turn, next } = manualTurns();
    const scheduler = new Scheduler({ turn, now: slowClock() });
    /** @type {string[]} */
    const log = [];
    const bulk = scheduler.run(steps(log, "a", 3), { isShort: false });
    const second = scheduler.run(steps(log, "b", 1), { isShort: false });
    await next();
    const short = scheduler.run(steps(log, "q", 1), { isShort: true });
    expect(log).toEqual(["a1", "a2"]);
    for (let i = 0; i < 4; ++i) await next();
    await Promise.all([bulk, second, short]);
    expect(log).toEqual(["a1", "a2", "q1", "q left", "a3", "a left", "b1", "b left"]);
  });

  test("an abort ends a job before its next step, and no other", async () => {
    const { turn, next } = manualTurns();
    const scheduler = new Scheduler({ turn, now: slowClock() });
    const controller = new AbortController();
    /** @type {string[]} */
    const log = [];
    const aborted = scheduler.run(steps(log, "a", 5), { isShort: false, signal: controller.signal });
    const other = scheduler.run(steps(log, "b", 1), { isShort: false });
    const reason = new Error("enough");
    controller.abort(reason);
    await Promise.all([next(), expect(aborted).rejects.toBe(reason)]);
    await next();
    await other;
    expect(log).toEqual(["a1", "a left", "b1", "b left"]);
  });

  test("short jobs one after another share a turn of the event loop", async () => {
    let turns = 0;
    let time = 0;
    const scheduler = new Scheduler({ turn: async () => void ++turns, now: () => time });
    /** @type {string[]} */
    const log = [];
    for (let i = 0; i < 32; ++i) {
      await scheduler.run(steps(log, "q", 1), { isShort: true });
      time += 1;
    }
    expect(turns).toBe(4); // after every 8 ms of work
  });

  test("a short job's answer is out before bulk work goes on", async () => {
    const { turn, next } = manualTurns();
    const scheduler = new Scheduler({ turn, now: () => 0 }); // no step takes any time
    /** @type {string[]} */
    const log = [];
    const bulk = scheduler.run(steps(log, "a", 3), { isShort: false });
    const short = scheduler.run(steps(log, "q", 1), { isShort: true });
    void short.then(() => log.push("answered"));
    await next();
    await next();
    await bulk;
    expect(log).toEqual(["a1", "q1", "q left", "answered", "a2", "a3", "a left"]);
  });

  test("steps are smaller until a second after the last short job", async () => {
    let time = 0;
    const scheduler = new Scheduler({ now: () => time });
    for (let i = 0; i < 20; ++i) scheduler.measure(() => void (time += 10), () => 200);
    expect(scheduler.tokenBudget).toBe(160);
    await scheduler.run(steps([], "q", 1), { isShort: true });
    time += 999;
    expect(scheduler.tokenBudget).toBe(100);
    time += 1;
    expect(scheduler.tokenBudget).toBe(160);
  });

  test("what a step throws rejects its own job alone", async () => {
    const scheduler = new Scheduler();
    /** @type {string[]} */
    const log = [];
    const fault = new Error("a trap");
    const bad = scheduler.run((function* () {
      yield;
      throw fault;
    })(), { isShort: false });
    const good = scheduler.run(steps(log, "b", 2), { isShort: false });
    await expect(bad).rejects.toBe(fault);
    await good;
    await scheduler.run(steps(log, "c", 1), { isShort: true });
    expect(log).toEqual(["b1", "b2", "b left", "c1", "c left"]);
  });

  test("closing it rejects all that waits, and frees what each held", async () => {
    const { turn, next } = manualTurns();
    const scheduler = new Scheduler({ turn, now: slowClock() });
    /** @type {string[]} */
    const log = [];
    const jobs = [
      scheduler.run(steps(log, "a", 3), { isShort: false }),
      scheduler.run(steps(log, "b", 3), { isShort: true }),
    ];
    const reason = new Error("disposed");
    const settled = Promise.allSettled(jobs);
    scheduler.close(reason);
    expect(await settled).toEqual(jobs.map(() => ({ status: "rejected", reason })));
    await next();
    expect(log).toEqual(["a1", "a left"]); // b had not begun
  });

  test("a step's budget follows what the machine does in 8 ms, within bounds", () => {
    let time = 0;
    const scheduler = new Scheduler({ now: () => time });
    /** @param {number} tokens @param {number} ms */
    const step = (tokens, ms) => scheduler.measure(() => void (time += ms), () => tokens);
    for (let i = 0; i < 20; ++i) step(512, 25);
    expect(scheduler.tokenBudget).toBeGreaterThan(160);
    expect(scheduler.tokenBudget).toBeLessThanOrEqual(164);
    for (let i = 0; i < 20; ++i) step(512, 1000);
    expect(scheduler.tokenBudget).toBe(64);
    for (let i = 0; i < 20; ++i) step(512, 0.1);
    expect(scheduler.tokenBudget).toBe(4096);
    step(3, 10); // a piece this small says nothing
    expect(scheduler.tokenBudget).toBe(4096);
  });
});

// SPDX-License-Identifier: Apache-2.0
// One page load's measurements. All runtimes take turns of a few calls, so that
// whatever slows the machine slows all of them.

import { textsOf, mixedTexts } from "./inputs.js";
import { openRuntime } from "./runtimes/index.js";

/** @typedef {import("./runtimes/index.js").Input} Input */
/** @typedef {import("./runtimes/index.js").Runtime} Runtime */
/** @typedef {Record<string, number[]>} Samples by the runtime's name */

const warmUpTokens = 32;
// A turn begins with a call that is not counted: it brings the runtime's weights back
// into the processor's caches, where an app, which has one runtime, would find them.
const countedCallsPerTurn = 3;

export class BenchSession {
  /** @type {Record<string, Runtime>} */
  #runtimes;
  /** @type {Record<string, string>} */
  failures;

  /**
   * @param {readonly string[]} names "simile" among them: it tokenises for all
   * @param {import("./runtimes/index.js").OpenOptions} options
   */
  static async open(names, options) {
    const opened = {};
    const failures = {};
    for (const name of names) {
      try {
        opened[name] = await openRuntime(name, options);
      } catch (error) {
        if (name === "simile") throw error;
        failures[name] = String(error?.message ?? error);
      }
    }
    return new BenchSession(opened, failures);
  }

  /** @param {Record<string, Runtime>} runtimes @param {Record<string, string>} failures */
  constructor(runtimes, failures) {
    this.#runtimes = runtimes;
    this.failures = failures;
  }

  get info() {
    return this.#runtimes.simile.info?.();
  }

  /**
   * Until the engine runs what its best compiler made, which takes time, not runs.
   * @param {number} ms of each runtime
   */
  async warmUp(ms) {
    const inputs = await textsOf(this.#tokenize, warmUpTokens);
    for (const runtime of Object.values(this.#runtimes)) {
      for (let spent = 0; spent < ms;) spent += await timeCalls(runtime, inputs, 1);
    }
  }

  /**
   * @param {number} tokens
   * @param {number} runs
   * @returns {Promise<Samples>} ms of each run
   */
  async latency(tokens, runs) {
    const inputs = await textsOf(this.#tokenize, tokens);
    await this.#takeTurns(inputs, { runs: Math.min(4, runs) });
    return this.#takeTurns(inputs, { runs });
  }

  /**
   * A batch of texts of one length.
   * @param {{ tokens: number, count: number, runs: number }} batch
   * @returns {Promise<Samples>} texts per second of each run
   */
  async equalBatch({ tokens, count, runs }) {
    const times = await this.#takeTurns(await textsOf(this.#tokenize, tokens, count), { runs });
    return Object.fromEntries(Object.entries(times).map(([name, list]) => [name, list.map((ms) => count * 1000 / ms)]));
  }

  /**
   * Texts of mixed lengths, in calls of `perCall`; `turn` texts before the next one's turn.
   * @param {{ perCall: number, count?: number, names?: readonly string[] }} how
   * @returns {Promise<Samples>} texts per second
   */
  async mixed({ perCall, count, names = Object.keys(this.#runtimes) }) {
    const inputs = await mixedTexts(this.#tokenize, count);
    const totals = Object.fromEntries(names.filter((name) => name in this.#runtimes).map((name) => [name, 0]));
    const turn = Math.max(perCall, 32);
    for (let first = 0; first < inputs.length; first += turn) {
      for (const name of Object.keys(totals)) {
        totals[name] += await timeCalls(this.#runtimes[name], inputs.slice(first, first + turn), perCall);
      }
    }
    return Object.fromEntries(Object.entries(totals).map(([name, ms]) => [name, [inputs.length * 1000 / ms]]));
  }

  /**
   * @param {readonly string[]} texts
   * @returns {Promise<Record<string, number[][]>>} by runtime
   */
  async vectors(texts) {
    const all = {};
    for (const [name, runtime] of Object.entries(this.#runtimes)) {
      all[name] = [];
      for (const text of texts) {
        const [vector] = await runtime.embed([{ text, ids: await this.#tokenize(text) }]);
        all[name].push(Array.from(vector));
      }
    }
    return all;
  }

  async close() {
    for (const runtime of Object.values(this.#runtimes)) await runtime.dispose();
  }

  #tokenize = (/** @type {string} */ text) =>
    /** @type {(text: string) => Promise<number[]>} */ (this.#runtimes.simile.tokenize)(text);

  /**
   * @param {readonly Input[]} inputs of one call
   * @param {{ runs: number }} how
   * @returns {Promise<Samples>} ms
   */
  async #takeTurns(inputs, { runs }) {
    const times = Object.fromEntries(Object.keys(this.#runtimes).map((name) => [name, /** @type {number[]} */ ([])]));
    for (let first = 0; first < runs; first += countedCallsPerTurn) {
      for (const [name, runtime] of Object.entries(this.#runtimes)) {
        await timeCalls(runtime, inputs, inputs.length);
        for (let i = first; i < Math.min(runs, first + countedCallsPerTurn); ++i) {
          times[name].push(await timeCalls(runtime, inputs, inputs.length));
        }
      }
    }
    return times;
  }
}

/**
 * @param {Runtime} runtime
 * @param {readonly Input[]} inputs
 * @param {number} perCall
 * @returns {Promise<number>} ms
 */
async function timeCalls(runtime, inputs, perCall) {
  const start = performance.now();
  for (let i = 0; i < inputs.length; i += perCall) await runtime.embed(inputs.slice(i, i + perCall));
  return performance.now() - start;
}

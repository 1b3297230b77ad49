// SPDX-License-Identifier: Apache-2.0
// The one queue before a module: long work goes forward a step at a time, with a
// turn of the event loop between two steps, so that an abort is seen and a short
// job, such as a query, goes ahead of the bulk. Each step takes about 8 ms, less while
// short jobs come, because a job asks `tokenBudget` how much to do and says how long it
// took. Short steps share a turn, which costs up to a third of a millisecond; but when
// a job has ended, its answer is sent before anything else begins.

import { nextTurn } from "./event-loop.js";

const stepMs = 8;
// Until so long after the last short job the next one is expected.
const hastyMs = 1000;
const hastyStepMs = 5;
// Fewer tokens leave the matrix products idle; more at once bring nothing.
const minTokens = 64;
const minHastyTokens = 32;
const maxTokens = 4096;
const firstTokensPerMs = 5;

/**
 * @typedef {object} Job
 * @property {Iterator<unknown, void>} steps
 * @property {boolean} isShort
 * @property {AbortSignal} [signal]
 * @property {() => void} resolve
 * @property {(reason: unknown) => void} reject
 */

export class Scheduler {
  /** @type {Job[]} */
  #short = [];
  /** @type {Job[]} */
  #bulk = [];
  #isRunning = false;
  #tokensPerMs = firstTokensPerMs;
  #turn;
  #turnedAt = -Infinity;
  #askedAt = -Infinity;
  #now;

  /** @param {{ turn?: () => Promise<void>, now?: () => number }} [time] for tests */
  constructor({ turn = nextTurn, now = () => performance.now() } = {}) {
    this.#turn = turn;
    this.#now = now;
  }

  /** How many tokens the next step may work on. */
  get tokenBudget() {
    const least = this.#isHasty ? minHastyTokens : minTokens;
    return Math.min(maxTokens, Math.max(least, Math.round(this.#tokensPerMs * this.#stepMs)));
  }

  /**
   * Times a step.
   * @template T
   * @param {() => T} step
   * @param {(result: T) => number} tokensOf
   * @returns {T}
   */
  measure(step, tokensOf) {
    const began = this.#now();
    const result = step();
    const ms = this.#now() - began;
    const tokens = tokensOf(result);
    // Small pieces say little: what a call costs anyway outweighs their tokens.
    if (tokens >= minTokens / 2 && ms > 0) {
      this.#tokensPerMs += (tokens / ms - this.#tokensPerMs) / 2;
    }
    return result;
  }

  /**
   * Runs a job to its end; the first step is taken at once if nothing else runs.
   * @param {Iterator<unknown, void>} steps
   * @param {{ isShort: boolean, signal?: AbortSignal }} settings
   * @returns {Promise<void>}
   */
  run(steps, { isShort, signal }) {
    if (isShort) this.#askedAt = this.#now();
    return new Promise((resolve, reject) => {
      (isShort ? this.#short : this.#bulk).push({ steps, isShort, signal, resolve, reject });
      if (!this.#isRunning) void this.#runAll();
    });
  }

  /** Rejects what waits. @param {unknown} reason */
  close(reason) {
    for (const job of [...this.#short.splice(0), ...this.#bulk.splice(0)]) fail(job, reason);
  }

  get #isHasty() {
    return this.#now() - this.#askedAt < hastyMs;
  }

  /** How long a step of bulk work may take. */
  get #stepMs() {
    return this.#isHasty ? hastyStepMs : stepMs;
  }

  get #next() {
    return this.#short[0] ?? this.#bulk[0];
  }

  async #runAll() {
    this.#isRunning = true;
    for (let job; (job = this.#next) !== undefined;) {
      const hasEnded = this.#step(job);
      const isAnswerHeld = hasEnded && this.#next !== undefined;
      const turnMs = job.isShort ? stepMs : this.#stepMs;
      if (!isAnswerHeld && this.#now() - this.#turnedAt < turnMs) continue;
      await this.#turn();
      this.#turnedAt = this.#now();
    }
    this.#isRunning = false;
  }

  /** @param {Job} job @returns {boolean} whether it has ended */
  #step(job) {
    try {
      job.signal?.throwIfAborted();
      if (!job.steps.next().done) return false;
      this.#remove(job);
      job.resolve();
    } catch (error) {
      this.#remove(job);
      fail(job, error);
    }
    return true;
  }

  /** @param {Job} job */
  #remove(job) {
    const queue = job.isShort ? this.#short : this.#bulk;
    const index = queue.indexOf(job);
    if (index >= 0) queue.splice(index, 1);
  }
}

/** @param {Job} job @param {unknown} reason */
function fail(job, reason) {
  try {
    job.steps.return?.();
  } catch {
    // What frees its blocks in a module that crashed may fail too; the reason says more.
  }
  job.reject(reason);
}

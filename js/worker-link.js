// SPDX-License-Identifier: Apache-2.0
// The page's end of the line to a worker: calls with ids, and every promise
// settles. A worker's end is learnt from an `error` or `messageerror`, from the
// lock that it held coming free (which even a silent `terminate` does), or from
// pings that stay unanswered while work is pending.

import { isNode } from "./environment.js";
import { SimileError } from "./errors.js";
import { rebuiltError } from "./error-transfer.js";

/** @typedef {import("./protocol.js").Method} Method */
/** @typedef {import("./protocol.js").Reply} Reply */

/**
 * What of a Worker is needed; see node-worker.js for Node's.
 * @typedef {Pick<Worker, "postMessage" | "terminate" | "addEventListener">} WorkerLike
 */

/**
 * Time is counted in beats that this page was awake for, never by the clock: a
 * page that was held up finds its worker's answers waiting.
 * @typedef {object} Timing
 * @property {number} beatMs
 * @property {number} startBeats without any word from a worker that starts
 * @property {number} lostBeats the same, of one that runs
 */

/** @type {Timing} */
export const defaultTiming = { beatMs: 500, startBeats: 60, lostBeats: 10 };

/**
 * @typedef {object} Pending
 * @property {(value: any) => void} resolve
 * @property {(reason: unknown) => void} reject
 * @property {(event: any, id: number) => void} [onEvent]
 */

/** A worker that failed before it had said a word. */
export class NoWorker extends SimileError {}

export class WorkerLink {
  #worker;
  #timing;
  /** @type {Map<number, Pending>} */
  #pending = new Map();
  #lastId = 0;
  #isStarted = false;
  #missedBeats = 0;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #beat;
  /** @type {Error | undefined} why there is no worker any more */
  #end;
  #locks;
  #lock = new AbortController();

  /** The module's memory as of the last reply. */
  heapBytes = 0;

  /**
   * @param {WorkerLike} worker that has just been made
   * @param {Timing} [timing]
   * @param {LockManager} [locks] Node needs none, which tells of a worker's end itself
   */
  constructor(worker, timing = defaultTiming, locks = isNode() ? undefined : navigator.locks) {
    this.#worker = worker;
    this.#timing = timing;
    this.#locks = locks;
    worker.addEventListener("message", ({ data }) => this.#receive(data));
    worker.addEventListener("error", (event) => {
      event.preventDefault?.();
      this.#lose(`failed${event.message ? `: ${event.message}` : ""}`);
    });
    worker.addEventListener("messageerror", () => this.#lose("sent what cannot be read"));
    this.started = this.#start();
    this.started.catch(() => {});
  }

  get isAlive() {
    return this.#end === undefined;
  }

  /**
   * @template {Method} M
   * @param {M} method
   * @param {import("./protocol.js").Args<M>} args
   * @param {{ signal?: AbortSignal, onEvent?: (event: any, id: number) => void }} [control]
   * @returns {Promise<import("./protocol.js").Value<M>>}
   */
  call(method, args, { signal, onEvent } = {}) {
    if (this.#end) return Promise.reject(this.#end);
    if (signal?.aborted) return Promise.reject(signal.reason);
    const id = ++this.#lastId;
    const result = new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject, onEvent });
      this.#updateBeat();
      try {
        this.#worker.postMessage({ id, method, args });
      } catch (cause) {
        this.#settle(id)?.reject(new SimileError("invalid_argument",
          `this cannot be sent to a worker: ${cause}`, { cause }));
      }
    });
    if (!signal) return result;
    const onAbort = () => {
      this.#settle(id)?.reject(signal.reason);
      this.tell("abort", { id });
    };
    signal.addEventListener("abort", onAbort, { once: true });
    return result.finally(() => signal.removeEventListener("abort", onAbort));
  }

  /**
   * A call whose answer nobody waits for.
   * @template {Method} M
   * @param {M} method
   * @param {import("./protocol.js").Args<M>} args
   * @param {Transferable[]} [transfer]
   */
  tell(method, args, transfer = []) {
    if (this.isAlive) this.#worker.postMessage({ id: ++this.#lastId, method, args }, transfer);
  }

  /** Ends the worker. @param {Error} reason for what is pending and for later calls */
  close(reason) {
    if (this.#end) return;
    this.#end = reason;
    clearInterval(this.#beat);
    this.#lock.abort();
    this.#worker.terminate();
    for (const { reject } of this.#pending.values()) reject(reason);
    this.#pending.clear();
  }

  async #start() {
    const locks = this.#locks;
    const lockName = locks && `simile ${Math.random()} ${Math.random()}`;
    const hasLock = await this.call("start", { lockName });
    this.#isStarted = true;
    if (!hasLock || !locks || !lockName) return;
    // Granted when the worker that holds it is gone.
    locks.request(lockName, { signal: this.#lock.signal }, () => this.#lose("ended")).catch(() => {});
  }

  /** @param {Reply} reply */
  #receive(reply) {
    this.#missedBeats = 0;
    if ("event" in reply) {
      this.#handleEvent(reply);
      return;
    }
    const pending = this.#settle(reply.id);
    if ("error" in reply) {
      const error = rebuiltError(reply.error);
      pending?.reject(error);
      if (reply.isDead) this.close(error);
      return;
    }
    this.heapBytes = reply.heapBytes ?? this.heapBytes;
    pending?.resolve(reply.value);
  }

  /** @param {{ id: number, event: unknown }} reply */
  #handleEvent({ id, event }) {
    try {
      this.#pending.get(id)?.onEvent?.(event, id);
    } catch (error) {
      // A caller's onProgress threw: that ends its call, as it would without a worker.
      this.#settle(id)?.reject(error);
      this.tell("abort", { id });
    }
  }

  /** @param {number} id */
  #settle(id) {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    this.#updateBeat();
    return pending;
  }

  #updateBeat() {
    if (this.#pending.size === 0 || !this.isAlive) {
      clearInterval(this.#beat);
      this.#beat = undefined;
    } else if (this.#beat === undefined) {
      this.#missedBeats = 0;
      this.#beat = setInterval(() => this.#onBeat(), this.#timing.beatMs);
    }
  }

  #onBeat() {
    const { startBeats, lostBeats } = this.#timing;
    const patience = this.#isStarted ? lostBeats : startBeats;
    if (++this.#missedBeats > patience) this.#lose("does not answer");
    else if (this.#isStarted) this.tell("ping", {});
  }

  /** @param {string} what it did */
  #lose(what) {
    this.close(this.#isStarted
      ? new SimileError("worker_lost", `the worker ${what}; the next call starts a fresh one`)
      : new NoWorker("worker_lost", `the worker did not start: it ${what}`));
  }
}

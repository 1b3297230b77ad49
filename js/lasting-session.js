// SPDX-License-Identifier: Apache-2.0
// A session that outlives its worker or its module: when the one before is dead,
// the next call opens a new one, from where the model came.

import { orAborted } from "./abort.js";
import { disposedError } from "./errors.js";

/** @typedef {import("./session.js").Session} Session */
/** @typedef {import("./session.js").VectorBlock} VectorBlock */

export class LastingSession {
  #session;
  #reopen;
  /** @type {Promise<Session> | undefined} */
  #reopening;
  #isDisposed = false;
  #peakBytes = 0;

  /**
   * @param {Session} session
   * @param {() => Promise<Session>} reopen
   */
  constructor(session, reopen) {
    this.#session = session;
    this.#reopen = reopen;
  }

  get isAlive() {
    return !this.#isDisposed;
  }

  get info() {
    if (this.#isDisposed) throw disposedError();
    this.#notePeak();
    return { ...this.#session.info, memoryPeakBytes: this.#peakBytes };
  }

  /** @type {Session["embed"]} */
  embed(texts, plan, control) {
    return this.#use((session) => session.embed(texts, plan, control), control.signal);
  }

  /** @param {string} text @param {number} maxTokens */
  tokenize(text, maxTokens) {
    return this.#use((session) => session.tokenize(text, maxTokens));
  }

  /** @param {readonly string[]} texts */
  countTokens(texts) {
    return this.#use((session) => session.countTokens(texts));
  }

  /** @param {VectorBlock} a @param {VectorBlock} b @param {string} metric */
  similarity(a, b, metric) {
    return this.#use((session) => session.similarity(a, b, metric));
  }

  /** @type {Session["rank"]} */
  rank(query, docs, options) {
    return this.#use((session) => session.rank(query, docs, options));
  }

  dispose() {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#session.dispose();
  }

  /**
   * @template T
   * @param {(session: Session) => Promise<T>} call
   * @param {AbortSignal} [signal]
   * @returns {Promise<T>}
   */
  async #use(call, signal) {
    if (this.#isDisposed) throw disposedError();
    const session = this.#session.isAlive ? this.#session : await orAborted(this.#living(), signal);
    if (this.#isDisposed) throw disposedError();
    try {
      return await call(session);
    } finally {
      this.#notePeak();
    }
  }

  /** Opens a new session, once for all who ask. */
  #living() {
    this.#reopening ??= this.#open().finally(() => {
      this.#reopening = undefined;
    });
    return this.#reopening;
  }

  async #open() {
    this.#session.dispose();
    const session = await this.#reopen();
    if (this.#isDisposed) session.dispose();
    this.#session = session;
    return session;
  }

  #notePeak() {
    this.#peakBytes = Math.max(this.#peakBytes, this.#session.info.heapBytes);
  }
}

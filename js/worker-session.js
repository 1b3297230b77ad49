// SPDX-License-Identifier: Apache-2.0
// A session whose model is in a worker: the interface of session.js over a
// WorkerLink. It lives as long as its worker.

import { orAborted } from "./abort.js";
import { plainError } from "./error-transfer.js";
import { disposedError, neededPart } from "./errors.js";
import { isRepeatable, packSource } from "./portable-source.js";

/** @typedef {import("./worker-link.js").WorkerLink} WorkerLink */
/** @typedef {import("./session.js").VectorBlock} VectorBlock */

export class WorkerSession {
  #link;
  #info;

  /**
   * @param {WorkerLink} link of a worker that has nothing loaded; closed on failure
   * @param {import("./open-model.js").ModelSource} source
   * @param {import("./session.js").SessionSettings} settings
   * @param {Pick<import("./open-model.js").OpenOptions, "onProgress" | "signal">} control
   */
  static async open(link, source, settings, { signal, onProgress }) {
    /** @type {ReturnType<typeof import("./stream-source.js").feeder> | undefined} */
    let feed;
    try {
      await orAborted(link.started, signal);
      let portable;
      if (isRepeatable(source)) portable = packSource(source);
      else {
        const part = await neededPart(import("./stream-source.js"));
        const packed = part.packStream(source);
        feed = packed.stream && part.feeder(link, packed.stream, plainError);
        portable = packed.portable;
      }
      const loaded = await link.call("load",
        { source: portable, settings, wantsProgress: onProgress !== undefined },
        { signal, onEvent: (event, id) => (event === "pull" ? feed?.next(id) : onProgress?.(event)) });
      return new WorkerSession(link, loaded);
    } catch (error) {
      link.close(/** @type {Error} */ (error));
      feed?.cancel(error);
      throw error;
    }
  }

  /** @param {WorkerLink} link @param {import("./protocol.js").Loaded} loaded */
  constructor(link, { info, compiled }) {
    this.#link = link;
    this.#info = info;
    this.compiled = compiled;
  }

  get isAlive() {
    return this.#link.isAlive;
  }

  get info() {
    const { heapBytes } = this.#link;
    return { ...this.#info, heapBytes, worker: true, workers: 1 };
  }

  /** @type {import("./session.js").Session["embed"]} */
  async embed(texts, plan, { signal, onPiece }) {
    const last = await this.#link.call("embed", { texts, plan }, { signal, onEvent: onPiece });
    if (last !== undefined) onPiece(last);
  }

  /** @param {string} text @param {number} maxTokens */
  tokenize(text, maxTokens) {
    return this.#link.call("tokenize", { text, maxTokens });
  }

  /** @param {readonly string[]} texts */
  countTokens(texts) {
    return this.#link.call("countTokens", { texts });
  }

  /** @param {VectorBlock} a @param {VectorBlock} b @param {string} metric */
  similarity(a, b, metric) {
    return this.#link.call("similarity", { a, b, metric });
  }

  /** @type {import("./session.js").Session["rank"]} */
  rank(query, docs, options) {
    return this.#link.call("rank", { query, docs, options });
  }

  dispose() {
    this.#link.close(disposedError());
  }
}

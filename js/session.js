// SPDX-License-Identifier: Apache-2.0
// A session is a loaded model that takes work: one interface, whether the model
// is beside the caller (SessionHere, below), in a worker (worker-session.js) or in
// several (worker-pool.js). It takes plain values that could cross `postMessage`,
// already checked, and gives plain values; what a user sees is made of them in
// embedder.js.

import { linkedSignal } from "./abort.js";
import { acquireCore } from "./core-registry.js";
import { disposedError, neededPart } from "./errors.js";
import { openModel } from "./open-model.js";
import { Scheduler } from "./scheduler.js";

/** @typedef {import("./core-model.js").EmbeddedPiece} EmbeddedPiece */
/** @typedef {import("./vector-block.js").VectorBlock} VectorBlock */

/**
 * What texts become: vectors, or, with a `task`, something else (core-tasks.js).
 * @typedef {import("./embed-options.js").EmbedPlan |
 *   import("./core-tasks.js").TokensPlan | import("./core-tasks.js").ScoresPlan} WorkPlan
 */
/** @typedef {(piece: any) => void} OnPiece an EmbeddedPiece, or what the task gives */

/**
 * Which module to run, and how to open the model; it can be cloned.
 * @typedef {object} SessionSettings
 * @property {import("./core-registry.js").CoreSettings} core
 * @property {string} variantReason
 * @property {string} [sha256]
 * @property {string} [hub] absolute
 * @property {string} [revision]
 * @property {import("./model-cache.js").CacheOption} [cache]
 * @property {boolean} [isOffline] see open-model.js
 */

/**
 * @typedef {object} SessionInfo
 * @property {string} variant
 * @property {string} variantReason
 * @property {number} threads
 * @property {string} productKernel
 * @property {number} memoryBytes of the model
 * @property {number} heapBytes of the module, now
 * @property {any} config as the model's file has it
 * @property {import("./model-cache.js").CacheState} cache how the file came
 * @property {string} [cacheReason]
 */

/**
 * @typedef {object} Session
 * @property {boolean} isAlive false: it will never work again
 * @property {SessionInfo & { worker: boolean, workers: number }} info as of the last reply
 * @property {(texts: readonly string[], plan: WorkPlan, control: {
 *   signal?: AbortSignal, onPiece: OnPiece }) => Promise<void>} embed
 *   gives the vectors piece by piece, as they come; see assembly.js
 * @property {(text: string, maxTokens: number) => Promise<Uint32Array>} tokenize
 * @property {(texts: readonly string[]) => Promise<Uint32Array>} countTokens of each whole
 *   text, special ones included
 * @property {(a: VectorBlock, b: VectorBlock, metric: string) => Promise<Float32Array>} similarity
 * @property {(query: VectorBlock, docs: VectorBlock, options: RankPlan) => Promise<RankHit[]>} rank
 * @property {() => void} dispose idempotent; what is pending rejects with `disposed`
 */

/** @typedef {{ metric: string, topK: number, minScore: number }} RankPlan */
/** @typedef {{ index: number, score: number }} RankHit */

export class SessionHere {
  #model;
  #release;
  #settings;
  #scheduler = new Scheduler();
  #isDisposed = false;

  /**
   * Fetches the module and the model's first bytes side by side.
   * @param {import("./open-model.js").ModelSource} source
   * @param {SessionSettings} settings
   * @param {Pick<import("./open-model.js").OpenOptions, "onProgress" | "signal">} control
   */
  static async open(source, settings, { onProgress, signal: followed }) {
    // What one of the two has begun ends with the other's failure.
    const { signal, abort, unlink } = linkedSignal(followed);
    const leasing = acquireCore(settings.core, signal);
    try {
      const [lease, opened] = await Promise.all([
        leasing, openModel(source, { ...settings, onProgress, signal })]);
      const model = await opened(lease.core, lease.moduleBytes);
      signal.throwIfAborted();
      return new SessionHere(model, settings, lease.release);
    } catch (error) {
      abort(error);
      leasing.then(({ release }) => release(), () => {});
      throw error;
    } finally {
      unlink();
    }
  }

  /**
   * @param {import("./core-model.js").CoreModel} model loaded
   * @param {SessionSettings} settings
   * @param {() => void} release gives the module back
   */
  constructor(model, settings, release) {
    this.#model = model;
    this.#settings = settings;
    this.#release = release;
    this.details = { ...model.info(), threads: model.core.threads };
  }

  get isAlive() {
    return !this.#isDisposed && this.#model.core.isAlive;
  }

  /** The compiled module, for other sessions alike. */
  get compiled() {
    return this.#model.core.compiled;
  }

  get info() {
    const { core, variantReason } = this.#settings;
    const { heapBytes } = this.#model.core;
    return {
      variant: core.variant.name, variantReason, ...this.details, heapBytes,
      worker: false, workers: 0,
    };
  }

  /**
   * @param {readonly string[]} texts
   * @param {WorkPlan} plan
   * @param {{ signal?: AbortSignal, onPiece: OnPiece }} control
   */
  async embed(texts, plan, { signal, onPiece }) {
    this.#checkUsable();
    const budget = () => this.#scheduler.tokenBudget;
    const pieces = "task" in plan
      ? (await neededPart(import("./core-tasks.js"))).tasks[plan.task](
        this.#model, texts, plan, budget)
      : this.#model.embed(texts, plan, budget);
    this.#checkUsable();
    const steps = this.#embedSteps(texts, pieces, onPiece);
    await this.#scheduler.run(steps, { isShort: isShort(texts, plan), signal });
  }

  /**
   * @param {readonly string[]} texts
   * @param {Generator<EmbeddedPiece, void>} pieces
   * @param {OnPiece} onPiece
   */
  *#embedSteps(texts, pieces, onPiece) {
    const scheduler = this.#scheduler;
    try {
      for (;;) {
        const { done, value: piece } = scheduler.measure(() => pieces.next(), tokensOf);
        if (done) return;
        if (piece.count > 0) onPiece(piece);
        if (piece.first + piece.count < texts.length) yield;
      }
    } finally {
      pieces.return();
    }
  }

  /** @param {string} text @param {number} maxTokens */
  async tokenize(text, maxTokens) {
    this.#checkUsable();
    return this.#model.tokenize(text, maxTokens);
  }

  /** @param {readonly string[]} texts */
  async countTokens(texts) {
    this.#checkUsable();
    return this.#model.countTokens(texts);
  }

  /** @param {VectorBlock} a @param {VectorBlock} b @param {string} metric */
  async similarity(a, b, metric) {
    this.#checkUsable();
    return this.#model.core.similarity(a, b, metric);
  }

  /** @param {VectorBlock} query @param {VectorBlock} docs @param {RankPlan} options */
  async rank(query, docs, options) {
    this.#checkUsable();
    return this.#model.core.rank(query, docs, options);
  }

  dispose() {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#scheduler.close(disposedError());
    this.#model.delete();
    this.#release();
  }

  #checkUsable() {
    if (this.#isDisposed) throw disposedError();
  }
}

/**
 * Whether texts are worth going ahead of other work: what a person waits for.
 * @param {readonly string[]} texts
 * @param {WorkPlan} plan
 */
function isShort(texts, plan) {
  const maxUnits = 1000;
  const isCut = !("overflow" in plan && plan.overflow === "mean-chunks");
  return (texts.length === 1 && isCut) || (texts.length <= maxUnits &&
    texts.reduce((units, text) => units + text.length, 0) <= maxUnits);
}

/** @param {IteratorResult<EmbeddedPiece, void>} step */
function tokensOf({ value: piece }) {
  if (!piece) return 0;
  return piece.usage.reduce((sum, count, i) => (i % 2 === 0 ? sum + count : sum), 0);
}

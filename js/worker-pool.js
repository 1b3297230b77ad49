// SPDX-License-Identifier: Apache-2.0
// A session in a worker, with further workers for bulk work where there are no
// threads. They share the compiled module; each has its own copy of the model,
// made when the first bulk call comes, and without asking the network: from a
// Blob, or from the cache. Where that cannot be, one worker does all.

import { linkedSignal, orAborted } from "./abort.js";
import { describe } from "./checks.js";
import { SimileError, disposedError } from "./errors.js";
import { isRepeatable } from "./portable-source.js";
import { textWindows } from "./text-windows.js";
import { defaultTiming, NoWorker, WorkerLink } from "./worker-link.js";
import { WorkerSession } from "./worker-session.js";

/** @typedef {import("./session.js").VectorBlock} VectorBlock */
/** @typedef {import("./session.js").SessionSettings} SessionSettings */

/**
 * @typedef {object} PoolSettings
 * @property {() => import("./worker-link.js").WorkerLike} makeWorker
 * @property {number} workers in all
 * @property {import("./worker-link.js").Timing} [timing]
 */

/** @typedef {import("./text-windows.js").TextWindow} Part */

// Fewer texts are done before another worker has been told of them.
const bulkTexts = 64;
// A part is what one message carries: little enough to be cloned between two
// frames of the page, and enough to keep a worker busy until the next one.
const maxPartTexts = 128;
const minPartTexts = 16;
const partUnits = 1 << 16;

export class WorkerPool {
  #first;
  #openHelpers;
  /** @type {Promise<WorkerSession>[]} */
  #helpers = [];
  /** @type {WorkerSession[]} those that are loaded */
  #loaded = [];
  #links;

  /**
   * @param {import("./open-model.js").ModelSource} source
   * @param {SessionSettings} settings
   * @param {Pick<import("./open-model.js").OpenOptions, "onProgress" | "signal">} control
   * @param {PoolSettings} pool
   */
  static async open(source, settings, control, { makeWorker, workers, timing = defaultTiming }) {
    const count = isRepeatable(source) ? workers : 1;
    const links = Array.from({ length: count }, () => startWorker(makeWorker, timing));
    const [link, ...further] = links;
    try {
      // What further workers fetch of the package, they fetch now: after load
      // there are no requests.
      const variant = settings.core.variant.name;
      const prepared = Promise.allSettled(further.map((one) => one.call("prepare", { variant })));
      const session = await WorkerSession.open(link, source, settings, control);
      await orAborted(prepared, control.signal);
      const { compiled } = session;
      const own = { ...settings, isOffline: true, core: { ...settings.core, compiled } };
      return new WorkerPool(session, further,
        () => further.map((one) => WorkerSession.open(one, source, own, {})));
    } catch (error) {
      for (const one of links) one.close(/** @type {Error} */ (error));
      throw error;
    }
  }

  /**
   * @param {WorkerSession} first
   * @param {WorkerLink[]} links of the further workers
   * @param {() => Promise<WorkerSession>[]} openHelpers
   */
  constructor(first, links, openHelpers) {
    this.#first = first;
    this.#links = links;
    this.#openHelpers = openHelpers;
  }

  get isAlive() {
    return this.#first.isAlive;
  }

  get compiled() {
    return this.#first.compiled;
  }

  get info() {
    const { info } = this.#first;
    const all = [info, ...this.#loaded.filter(({ isAlive }) => isAlive).map((one) => one.info)];
    /** @param {"memoryBytes" | "heapBytes"} name */
    const sum = (name) => all.reduce((total, one) => total + one[name], 0);
    return { ...info, memoryBytes: sum("memoryBytes"), heapBytes: sum("heapBytes"), workers: all.length };
  }

  /** @type {import("./session.js").Session["embed"]} */
  async embed(texts, plan, { signal: followed, onPiece }) {
    const isBulk = texts.length >= bulkTexts && this.#links.some(({ isAlive }) => isAlive);
    if (isBulk && this.#helpers.length === 0) this.#startHelpers();
    const parts = partsOf(texts, isBulk ? 1 + this.#links.length : 1);
    const { signal, abort, unlink } = linkedSignal(followed);
    /** @param {Part} part @param {WorkerSession} session */
    const embedPart = ({ first, texts: some }, session) =>
      session.embed(some, plan, {
        signal,
        onPiece: (piece) => onPiece({ ...piece, first: first + piece.first }),
      });
    try {
      await this.#spread(parts, embedPart, isBulk ? this.#helpers : []);
    } catch (error) {
      abort(error);
      throw error;
    } finally {
      unlink();
    }
  }

  /**
   * Each worker takes the next part when it has done one, and has another waiting
   * meanwhile. A helper that is still loading joins when it is there.
   * @param {Part[]} parts
   * @param {(part: Part, session: WorkerSession) => Promise<void>} work
   * @param {Promise<WorkerSession>[]} helpers
   * @returns {Promise<void>}
   */
  #spread(parts, work, helpers) {
    if (parts.length === 0) return Promise.resolve();
    const queue = parts.values();
    let left = parts.length;
    return new Promise((resolve, reject) => {
      /** @param {WorkerSession} session */
      const run = async (session) => {
        for (const part of queue) {
          await work(part, session);
          left -= 1;
        }
        if (left === 0) resolve();
      };
      /** @param {WorkerSession} session */
      const runTwice = (session) => Promise.all([run(session), run(session)]);
      runTwice(this.#first).catch(reject);
      for (const helper of helpers) {
        helper.then((session) => {
          if (session.isAlive) runTwice(session).catch(reject);
        }, () => {});
      }
    });
  }

  #startHelpers() {
    this.#helpers = this.#openHelpers();
    for (const helper of this.#helpers) {
      helper.then((session) => this.#loaded.push(session), () => {});
    }
  }

  /** @param {string} text @param {number} maxTokens */
  tokenize(text, maxTokens) {
    return this.#first.tokenize(text, maxTokens);
  }

  /** @param {readonly string[]} texts */
  countTokens(texts) {
    return this.#first.countTokens(texts);
  }

  /** @param {VectorBlock} a @param {VectorBlock} b @param {string} metric */
  similarity(a, b, metric) {
    return this.#first.similarity(a, b, metric);
  }

  /** @type {import("./session.js").Session["rank"]} */
  rank(query, docs, options) {
    return this.#first.rank(query, docs, options);
  }

  dispose() {
    this.#first.dispose();
    for (const link of this.#links) link.close(disposedError());
  }
}

/**
 * @param {PoolSettings["makeWorker"]} makeWorker
 * @param {import("./worker-link.js").Timing} timing
 */
function startWorker(makeWorker, timing) {
  let worker;
  try {
    worker = makeWorker();
  } catch (cause) {
    // A page may make no worker of another origin's script, or of any.
    throw new NoWorker("unsupported_environment", `no worker can be made here: ${cause}`, { cause });
  }
  if (typeof worker?.postMessage === "function") return new WorkerLink(worker, timing);
  throw new SimileError("invalid_argument", `worker: expected a Worker, got ${describe(worker)}`);
}

/**
 * @param {readonly string[]} texts
 * @param {number} workers
 * @returns {Part[]}
 */
function partsOf(texts, workers) {
  const fair = Math.ceil(texts.length / (workers * 4));
  const most = workers === 1 ? maxPartTexts : Math.min(maxPartTexts, Math.max(minPartTexts, fair));
  return [...textWindows(texts, { maxTexts: most, maxUnits: partUnits })];
}

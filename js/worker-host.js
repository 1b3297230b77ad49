// SPDX-License-Identifier: Apache-2.0
// The worker's end of the line: a table of handlers, one for each method of
// protocol.js, around one session. Whatever a handler throws goes back as an
// error: a trap in a worker's promise would raise no event on the page.

import { plainError, rebuiltError } from "./error-transfer.js";
import { SimileError, neededPart } from "./errors.js";
import { importGlue } from "./instantiate.js";
import { SessionHere } from "./session.js";

/** @typedef {import("./protocol.js").Method} Method */
/** @typedef {import("./protocol.js").Fed} Fed */

/**
 * @typedef {object} Port
 * @property {(message: import("./protocol.js").Reply, transfer: Transferable[]) => void} postMessage
 * @property {(type: "message", listener: (event: { data: any }) => void) => void} addEventListener
 */

/**
 * @typedef {object} Call
 * @property {number} id
 * @property {AbortSignal} signal
 * @property {(event: unknown, transfer?: Transferable[]) => void} send
 */

const progressMs = 100;

/** @param {Port} port */
export function serve(port) {
  new WorkerHost(port);
}

class WorkerHost {
  #port;
  /** @type {SessionHere | undefined} */
  #session;
  /** @type {Map<number, AbortController>} */
  #running = new Map();
  /** @type {Map<number, (fed: Fed) => void>} loads that wait for bytes */
  #hungry = new Map();

  /** @type {{ [M in Method]: (args: import("./protocol.js").Args<M>, call: Call) =>
   *   import("./protocol.js").Value<M> | Promise<import("./protocol.js").Value<M>> }} */
  #handlers = {
    start: ({ lockName }) => holdLock(lockName),
    load: (args, call) => this.#load(args, call),
    feed: ({ id, ...fed }) => this.#hungry.get(id)?.(/** @type {Fed} */ (fed)),
    embed: async ({ texts, plan }, { signal, send }) => {
      // Each piece goes as it comes; the last is the answer, which saves a message.
      /** @type {import("./session.js").EmbeddedPiece | undefined} */
      let last;
      const onPiece = (/** @type {import("./session.js").EmbeddedPiece} */ piece) =>
        piece.first + piece.count < texts.length ? send(piece, buffersOf(piece)) : void (last = piece);
      await this.#loaded().embed(texts, plan, { signal, onPiece });
      return last;
    },
    tokenize: ({ text, maxTokens }) => this.#loaded().tokenize(text, maxTokens),
    countTokens: ({ texts }) => this.#loaded().countTokens(texts),
    similarity: ({ a, b, metric }) => this.#loaded().similarity(a, b, metric),
    rank: ({ query, docs, options }) => this.#loaded().rank(query, docs, options),
    abort: ({ id }) => this.#running.get(id)?.abort(),
    prepare: async ({ variant }) => void await importGlue(variant),
    ping: () => {},
  };

  /** @param {Port} port */
  constructor(port) {
    this.#port = port;
    port.addEventListener("message", ({ data }) => void this.#answer(data));
  }

  /** @param {import("./protocol.js").Request} request */
  async #answer({ id, method, args }) {
    const controller = new AbortController();
    this.#running.set(id, controller);
    try {
      if (!Object.hasOwn(this.#handlers, method)) {
        throw new SimileError("internal", `the worker has no method '${method}'`);
      }
      const handler = /** @type {(args: unknown, call: Call) => unknown} */ (this.#handlers[method]);
      const value = await handler(args, {
        id,
        signal: controller.signal,
        send: (event, transfer = []) => this.#port.postMessage({ id, event }, transfer),
      });
      const heapBytes = this.#session?.isAlive ? this.#session.info.heapBytes : undefined;
      this.#port.postMessage({ id, value, heapBytes }, buffersOf(value));
    } catch (error) {
      const isDead = this.#session?.isAlive === false;
      this.#port.postMessage({ id, error: plainError(error), isDead }, []);
    } finally {
      this.#running.delete(id);
    }
  }

  #loaded() {
    if (this.#session) return this.#session;
    throw new SimileError("internal", "nothing is loaded in this worker");
  }

  /**
   * @param {import("./protocol.js").Args<"load">} args
   * @param {Call} call
   */
  async #load({ source: portable, settings, wantsProgress }, { id, signal, send }) {
    const pull = () => new Promise((/** @type {(fed: Fed) => void} */ resolve) => {
      this.#hungry.set(id, resolve);
      send("pull");
    });
    const source = portable.kind === "whole" ? portable.value
      : (await neededPart(import("./stream-source.js")))
        .unpackStream(portable, pull, rebuiltError);
    const progress = throttled(send);
    try {
      this.#session = await SessionHere.open(source, settings,
        { signal, onProgress: wantsProgress ? progress.report : undefined });
    } finally {
      this.#hungry.delete(id);
      progress.flush();
    }
    const { compiled, info: { worker, workers, ...info } } = this.#session;
    // A module with threads is not shared: its workers share it already.
    return { info, compiled: settings.core.variant.threads ? undefined : compiled };
  }
}

/**
 * @param {string | undefined} name
 * @returns {Promise<boolean>} whether this worker holds the lock, as long as it lives
 */
function holdLock(name) {
  return new Promise((resolve) => {
    const held = name && globalThis.navigator?.locks?.request(name, () => {
      resolve(true);
      return new Promise(() => {});
    });
    if (held) held.catch(() => resolve(false));
    else resolve(false);
  });
}

/**
 * At most a report every 100 ms, and the last one for certain.
 * @param {(progress: unknown) => void} send
 */
function throttled(send) {
  let sentAt = -Infinity;
  /** @type {unknown} */
  let held;
  const flush = () => {
    if (!held) return;
    send(held);
    held = undefined;
    sentAt = performance.now();
  };
  return {
    flush,
    report: (/** @type {unknown} */ progress) => {
      held = progress;
      if (performance.now() - sentAt >= progressMs) flush();
    },
  };
}

/**
 * The buffers of a value's own typed arrays, to be transferred.
 * @param {unknown} value
 * @returns {ArrayBuffer[]}
 */
function buffersOf(value) {
  if (ArrayBuffer.isView(value)) return [/** @type {ArrayBuffer} */ (value.buffer)];
  const isPlain = typeof value === "object" && value !== null &&
    Object.getPrototypeOf(value) === Object.prototype;
  return isPlain ? Object.values(value).flatMap(buffersOf) : [];
}

// SPDX-License-Identifier: Apache-2.0
// Chrome's proposed embedding API (SemanticEmbedder: availability, create, embed,
// destroy), on this package's engine, in every browser. An object to use, not a
// patch of the global; where the proposal is silent, the model's recipe holds.

import { detectFeatures } from "../features.js";
import { load } from "../load.js";
import { isOf, modelCache } from "../model-cache.js";
import { defaultModelName } from "../model-catalog.js";
import { selectVariant } from "../variants.js";
import { promptIfKnown } from "./plain-vectors.js";

/**
 * @typedef {"semantic-similarity" | "retrieval-query" | "retrieval-document" |
 *   "classification" | "clustering"} TaskType
 */

/**
 * The model's prompt for each task, by the names that sentence-transformers has.
 * @type {Readonly<Record<TaskType, string>>}
 */
const promptNames = {
  "semantic-similarity": "STS",
  "retrieval-query": "query",
  "retrieval-document": "document",
  classification: "classification",
  clustering: "clustering",
};

/**
 * @typedef {object} CreateOptions
 * @property {import("../load.js").ModelSource} [source] default: the package's default model
 * @property {Omit<import("../load.js").LoadOptions, "signal" | "onProgress">} [loadOptions]
 * @property {AbortSignal} [signal]
 * @property {(monitor: EventTarget) => void} [monitor] gets "downloadprogress" events
 *   with `loaded` from 0 to 1 and `total` 1
 */

export class SemanticEmbedder {
  #model;
  #end = new AbortController();

  /**
   * Whether `create` can work here, and without a download.
   * @param {Pick<CreateOptions, "source">} [options]
   * @returns {Promise<"unavailable" | "downloadable" | "available">}
   */
  static async availability({ source = defaultModelName } = {}) {
    try {
      selectVariant(detectFeatures());
    } catch {
      return "unavailable";
    }
    if (typeof source !== "string" && !(source instanceof URL)) return "available";
    const stored = await modelCache.list().catch(() => []);
    return stored.some(isOf(String(source))) ? "available" : "downloadable";
  }

  /** @param {CreateOptions} [options] */
  static async create({ source, loadOptions, signal, monitor } = {}) {
    const target = new EventTarget();
    monitor?.(target);
    const model = await load(source, {
      ...loadOptions,
      signal,
      onProgress: ({ fraction }) => target.dispatchEvent(
        Object.assign(new Event("downloadprogress"), { loaded: fraction, total: 1 })),
    });
    return new SemanticEmbedder(model);
  }

  /** @param {import("./plain-vectors.js").Embedder} model which `destroy` disposes of */
  constructor(model) {
    this.#model = model;
  }

  /**
   * @param {string | string[]} input
   * @param {{ taskType?: TaskType, signal?: AbortSignal }} [options] a taskType gives
   *   the text the model's prompt for it, where it has one
   * @returns {Promise<{ embeddings: { values: Float32Array }[] }>}
   */
  async embed(input, { taskType, signal } = {}) {
    if (this.#end.signal.aborted) {
      throw new DOMException("this SemanticEmbedder has been destroyed", "InvalidStateError");
    }
    if (taskType !== undefined && !Object.hasOwn(promptNames, taskType)) {
      throw new TypeError(`taskType: '${taskType}' is none of ${Object.keys(promptNames).join(", ")}`);
    }
    const prompt = taskType && promptIfKnown(this.#model, promptNames[taskType]);
    const { signal: either, unlink } = eitherSignal(this.#end.signal, signal);
    try {
      const embeddings = await this.#model.embed(input, { prompt, signal: either });
      return { embeddings: Array.from(embeddings, (values) => ({ values })) };
    } catch (error) {
      this.#end.signal.throwIfAborted(); // rather than that the model is gone
      throw error;
    } finally {
      unlink();
    }
  }

  /** Frees the model; what is under way rejects with an AbortError. */
  destroy() {
    this.#end.abort();
    this.#model.dispose();
  }
}

/**
 * AbortSignal.any, which Node 20.16 has and Safari 16.4 has not.
 * @param {AbortSignal} own
 * @param {AbortSignal} [given]
 */
function eitherSignal(own, given) {
  if (given === undefined) return { signal: own, unlink: () => {} };
  const controller = new AbortController();
  const follow = () => controller.abort(own.aborted ? own.reason : given.reason);
  for (const signal of [own, given]) signal.addEventListener("abort", follow);
  if (own.aborted || given.aborted) follow();
  return {
    signal: controller.signal,
    unlink: () => [own, given].forEach((signal) => signal.removeEventListener("abort", follow)),
  };
}

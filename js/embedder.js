// SPDX-License-Identifier: Apache-2.0
// Embedder: a loaded model as its user sees it. It checks arguments, gives the
// event loop its turns on long work, and wraps results; the computing is the
// module's.

import {
  checkInteger, checkNumber, checkOneOf, checkOptional, checkOptions, checkSignal, checkTexts,
  describe,
} from "./checks.js";
import { Embeddings, SimilarityMatrix } from "./embeddings.js";
import { SimileError } from "./errors.js";
import { nextTurn } from "./event-loop.js";
import { modelRecipe } from "./recipe.js";
import { tokenization } from "./tokenization.js";

/** @typedef {"cosine" | "dot"} Metric */
/** @typedef {string | readonly string[] | Float32Array | Embeddings} TextsOrVectors */

/**
 * @typedef {object} EmbedOptions
 * @property {string} [prompt] the name of one of the model's prompts
 * @property {boolean} [normalize] to length 1; default: as the model's recipe says
 * @property {AbortSignal} [signal]
 * @property {(progress: { done: number, total: number, fraction: number }) => void} [onProgress]
 */

/**
 * @typedef {object} SimilarityOptions
 * @property {Metric} [metric] default: "cosine"
 * @property {AbortSignal} [signal]
 */

/**
 * @typedef {object} RankOptions
 * @property {number} [topK] how many at most; default: all
 * @property {number} [minScore] leave out what scores less; default: nothing
 * @property {Metric} [metric] default: "cosine"
 * @property {AbortSignal} [signal]
 */

/**
 * @typedef {object} RankedDocument
 * @property {number} index in the documents given
 * @property {number} score
 * @property {string} [text] if the documents were texts
 */

const maxUint32 = 2 ** 32 - 1;
/** @type {readonly Metric[]} */
const metrics = ["cosine", "dot"];

export class Embedder {
  #core;
  #model;
  #recipe;
  #details;
  #release;
  #isDisposed = false;

  /**
   * @param {import("./core-model.js").CoreModel} model loaded
   * @param {{ variant: string, variantReason: string }} choice
   * @param {() => void} release gives the module back
   */
  constructor(model, choice, release) {
    this.#core = model.core;
    this.#model = model;
    const { config, memoryBytes, productKernel } = model.info();
    this.#recipe = modelRecipe(config);
    this.#details = { ...choice, threads: model.core.threads, productKernel, memoryBytes };
    this.#release = release;
    // Not a method by that name: not every engine has the symbol.
    if (typeof Symbol.dispose === "symbol") {
      Object.defineProperty(this, Symbol.dispose, { value: () => this.dispose() });
    }
  }

  /**
   * One vector per text, whatever else is embedded with it.
   * @param {string | readonly string[]} texts
   * @param {EmbedOptions} [options]
   * @returns {Promise<Embeddings>}
   */
  async embed(texts, options = {}) {
    this.#checkUsable();
    checkOptions(options, ["prompt", "normalize", "signal", "onProgress"]);
    const { prompt, normalize, signal, onProgress } = options;
    checkOptional("normalize", normalize, "boolean");
    checkOptional("onProgress", onProgress, "function");
    checkSignal(signal);
    const list = this.#withPrompt(checkTexts(texts), prompt);
    const { dims, vectorSpace } = this.#recipe;
    const vectors = newVectors(list.length * dims);
    const usage = new Uint32Array(list.length * 2);
    const pieces = this.#model.embed(list, normalize ?? this.#recipe.normalize, vectors, usage);
    for (const done of pieces) {
      onProgress?.({ done, total: list.length, fraction: done / list.length });
      if (done === list.length) continue;
      await nextTurn();
      signal?.throwIfAborted();
      this.#checkUsable();
    }
    return new Embeddings(vectors, dims, vectorSpace, usage);
  }

  /**
   * How alike: one number for two single texts or vectors, else a matrix with a
   * row for each of `a` and a column for each of `b`.
   * @overload
   * @param {string | Float32Array} a
   * @param {string | Float32Array} b
   * @param {SimilarityOptions} [options]
   * @returns {Promise<number>}
   */
  /**
   * @overload
   * @param {TextsOrVectors} a
   * @param {TextsOrVectors} b
   * @param {SimilarityOptions} [options]
   * @returns {Promise<SimilarityMatrix>}
   */
  /**
   * @param {TextsOrVectors} a
   * @param {TextsOrVectors} b
   * @param {SimilarityOptions} [options]
   * @returns {Promise<number | SimilarityMatrix>}
   */
  async similarity(a, b, options = {}) {
    this.#checkUsable();
    checkOptions(options, ["metric", "signal"]);
    const metric = checkOneOf("metric", options.metric ?? "cosine", metrics);
    const rows = await this.#vectors("a", a, options);
    const columns = await this.#vectors("b", b, options);
    this.#checkUsable();
    const { dims } = this.#recipe;
    const scores = this.#core.similarity(rows, columns, dims, metric);
    if (isSingle(a) && isSingle(b)) return scores[0];
    return new SimilarityMatrix(scores, rows.length / dims, columns.length / dims);
  }

  /**
   * The documents most like the query, best first; ties in the documents' order.
   * The model's prompts "query" and "document" are used where it has them.
   * @param {string | Float32Array | Embeddings} query one
   * @param {readonly string[] | Embeddings} documents
   * @param {RankOptions} [options]
   * @returns {Promise<RankedDocument[]>}
   */
  async rank(query, documents, options = {}) {
    this.#checkUsable();
    checkOptions(options, ["topK", "minScore", "metric", "signal"]);
    const { topK = maxUint32, minScore = -Infinity, signal } = options;
    const metric = checkOneOf("metric", options.metric ?? "cosine", metrics);
    checkInteger("topK", topK, 1, maxUint32);
    checkNumber("minScore", minScore);
    if (Array.isArray(query) && query.length !== 1) {
      throw new SimileError("invalid_argument", `query: expected one, got ${query.length}`);
    }
    const queryVector = await this.#vectors("query", query, { signal, prompt: "query" });
    const vectors = await this.#vectors("documents", documents, { signal, prompt: "document" });
    this.#checkUsable();
    const hits = this.#core.rank(queryVector, vectors, { metric, topK, minScore });
    if (documents instanceof Embeddings) return hits;
    return hits.map((hit) => ({ ...hit, text: /** @type {string[]} */ (documents)[hit.index] }));
  }

  /**
   * What the model makes of a text.
   * @param {string} text
   * @param {{ maxTokens?: number }} [options] maxTokens: where to cut, special tokens
   *   included; default: where the model does
   * @returns {Promise<import("./tokenization.js").Tokenization>}
   */
  async tokenize(text, options = {}) {
    this.#checkUsable();
    checkOptions(options, ["maxTokens"]);
    if (typeof text !== "string") {
      throw new SimileError("invalid_argument", `text: expected a string, got ${describe(text)}`);
    }
    const { maxTokens = this.#recipe.maxTokens } = options;
    checkInteger("maxTokens", maxTokens, 2, maxUint32);
    const whole = this.#model.tokenize(text, maxUint32);
    const truncated = whole.length / 3 > maxTokens;
    return tokenization(text, truncated ? this.#model.tokenize(text, maxTokens) : whole, truncated);
  }

  /** What is loaded and how it runs. */
  info() {
    this.#checkUsable();
    const { prompts, ...recipe } = this.#recipe;
    const model = { ...recipe, prompts: { ...prompts } };
    return { ...this.#details, heapBytes: this.#core.heapBytes, model };
  }

  /** Frees the model, and the module with its last model. Again does nothing. */
  dispose() {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#model.delete();
    this.#release();
  }

  #checkUsable() {
    if (this.#isDisposed) {
      throw new SimileError("disposed", "this model has been disposed of; load it again");
    }
  }

  /**
   * @param {readonly string[]} texts
   * @param {string | undefined} prompt
   */
  #withPrompt(texts, prompt) {
    if (prompt === undefined) return texts;
    const { prompts } = this.#recipe;
    if (!Object.hasOwn(prompts, prompt)) {
      const names = Object.keys(prompts).join(", ") || "none";
      throw new SimileError("invalid_argument",
        `prompt: the model has none called ${describe(prompt)}; it has ${names}`);
    }
    const start = prompts[prompt];
    return start === "" ? texts : texts.map((text) => start + text);
  }

  /**
   * @param {string} name of the argument
   * @param {TextsOrVectors} value
   * @param {{ signal?: AbortSignal, prompt?: string }} options prompt: if the model has it
   * @returns {Promise<Float32Array>} [count, dims]
   */
  async #vectors(name, value, { signal, prompt }) {
    const { dims, vectorSpace, prompts } = this.#recipe;
    if (value instanceof Embeddings) {
      if (value.space === vectorSpace && value.dims === dims) return value.data;
      throw new SimileError("invalid_argument",
        `${name}: vectors of space ${value.space} do not compare with this model's ${vectorSpace}`);
    }
    if (Object.prototype.toString.call(value) === "[object Float32Array]") {
      const vector = /** @type {Float32Array} */ (value);
      if (vector.length === dims) return vector;
      throw new SimileError("invalid_argument",
        `${name}: expected ${dims} numbers, got ${vector.length}`);
    }
    const texts = checkTexts(value, name);
    const known = prompt !== undefined && Object.hasOwn(prompts, prompt) ? prompt : undefined;
    return (await this.embed(texts, { signal, prompt: known })).data;
  }
}

/** @param {TextsOrVectors} value */
function isSingle(value) {
  return !Array.isArray(value);
}

/** @param {number} length */
function newVectors(length) {
  try {
    return new Float32Array(length);
  } catch (cause) {
    throw new SimileError("out_of_memory", `no room for ${length} numbers; embed fewer at a time`,
      { cause });
  }
}

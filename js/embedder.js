// SPDX-License-Identifier: Apache-2.0
/// <reference lib="esnext.disposable" preserve="true" />
// Embedder: a loaded model as its user sees it. It checks arguments and wraps
// results; the work is its session's, here or in a worker.

import { embedAll } from "./assembly.js";
import {
  checkInteger, checkNumber, checkOneOf, checkOptional, checkOptions, checkSignal, checkTexts, describe,
} from "./checks.js";
import { blockOf, commonFormat } from "./comparison.js";
import { embedPlan, streamOptionNames, withPrompt } from "./embed-options.js";
import { streamEmbeddings } from "./embed-stream.js";
import { Embeddings, SimilarityMatrix, textUsage } from "./embeddings.js";
import { SimileError, disposedError, neededPart } from "./errors.js";
import { checkLengths } from "./overflow.js";
import { modelRecipe } from "./recipe.js";
import { tokenization } from "./tokenization.js";
import { countOf } from "./vector-block.js";

/** @typedef {"cosine" | "dot"} Metric */
/** @typedef {import("./comparison.js").TextsOrVectors} TextsOrVectors */
/** @typedef {import("./vector-block.js").Precision} Precision */
/** @typedef {import("./vector-block.js").VectorBlock} VectorBlock */

/**
 * @template {Precision} [P=Precision]
 * @typedef {import("./embed-options.js").EmbedOptions<P>} EmbedOptions
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
 * @property {Embedder} [rerank] a loaded cross-encoder, which ranks the first results anew
 * @property {number} [rerankTop] how many those are; default: 50
 * @property {AbortSignal} [signal]
 */

/**
 * @typedef {object} RankedDocument
 * @property {number} index in the documents given
 * @property {number} score
 * @property {string} [text] if the documents were texts
 */

/**
 * What `using` takes, in engines that have the symbol.
 * @typedef {Embedder & Disposable} DisposableEmbedder
 */

const maxUint32 = 2 ** 32 - 1;
/** @type {readonly Metric[]} */
const metrics = ["cosine", "dot"];

export class Embedder {
  #session;
  #recipe;

  /** @param {import("./lasting-session.js").LastingSession} session */
  constructor(session) {
    this.#session = session;
    this.#recipe = modelRecipe(session.info.config);
    // Not a method by that name: not every engine has the symbol.
    if (typeof Symbol.dispose === "symbol") {
      Object.defineProperty(this, Symbol.dispose, { value: () => this.dispose() });
    }
  }

  /**
   * One vector per text, whatever else is embedded with it.
   * @template {Precision} [P="float32"]
   * @param {string | readonly string[]} texts
   * @param {EmbedOptions<P>} [options]
   * @returns {Promise<Embeddings<P>>}
   */
  async embed(texts, options = {}) {
    this.#checkUsable();
    const plan = embedPlan(options, this.#recipe);
    const list = withPrompt(checkTexts(texts), options.prompt, this.#recipe);
    await checkLengths(this.#session, list, plan, options);
    const { block, usage } = await embedAll(this.#session, list, plan, options);
    return new Embeddings({ ...block, space: this.#recipe.vectorSpace, usage: textUsage(usage) });
  }

  /**
   * The same, one by one in the order of the texts, computed as they are asked for.
   * @template {Precision} [P="float32"]
   * @param {string | readonly string[]} texts
   * @param {Omit<EmbedOptions<P>, "onProgress">} [options]
   * @returns {AsyncGenerator<import("./embed-stream.js").StreamedEmbedding<P>, void>}
   */
  embedStream(texts, options = {}) {
    this.#checkUsable();
    const plan = embedPlan(options, this.#recipe, streamOptionNames);
    const list = withPrompt(checkTexts(texts), options.prompt, this.#recipe);
    return streamEmbeddings(this.#session, list, plan, options.signal);
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
    checkSignal(options.signal);
    const format = commonFormat(this.#recipe, [["a", a], ["b", b]]);
    const rows = await this.#vectors("a", a, format, options);
    const columns = await this.#vectors("b", b, format, options);
    this.#checkUsable();
    const scores = await this.#session.similarity(rows, columns, metric);
    if (isSingle(a) && isSingle(b)) return scores[0];
    return new SimilarityMatrix(scores, countOf(rows), countOf(columns));
  }

  /**
   * The documents most like the query, best first; ties in the documents' order.
   * The model's prompts "query" and "document" are used where it has them.
   * @param {string | Float32Array | Embeddings<any>} query one
   * @param {readonly string[] | Embeddings<any>} documents
   * @param {RankOptions} [options]
   * @returns {Promise<RankedDocument[]>}
   */
  async rank(query, documents, options = {}) {
    this.#checkUsable();
    checkOptions(options, ["topK", "minScore", "metric", "rerank", "rerankTop", "signal"]);
    const { topK = maxUint32, minScore = -Infinity, rerank, rerankTop = 50, signal } = options;
    const metric = checkOneOf("metric", options.metric ?? "cosine", metrics);
    checkInteger("topK", topK, 1, maxUint32);
    checkInteger("rerankTop", rerankTop, 1, maxUint32);
    if (rerank !== undefined && !(rerank instanceof Embedder)) {
      throw new SimileError("invalid_argument", `rerank: expected a model, got ${describe(rerank)}`);
    }
    checkNumber("minScore", minScore);
    if (Array.isArray(query) && query.length !== 1) {
      throw new SimileError("invalid_argument", `query: expected one, got ${query.length}`);
    }
    checkSignal(signal);
    const format = commonFormat(this.#recipe, [["documents", documents], ["query", query]]);
    const one = await this.#vectors("query", query, format, { signal, prompt: "query" });
    const many = await this.#vectors("documents", documents, format, { signal, prompt: "document" });
    this.#checkUsable();
    const hits = await this.#session.rank(one, many,
      { metric, topK: rerank ? rerankTop : topK, minScore });
    /** @type {RankedDocument[]} */
    const ranked = documents instanceof Embeddings ? hits
      : hits.map((hit) => ({ ...hit, text: /** @type {string[]} */ (documents)[hit.index] }));
    if (!rerank) return ranked;
    const again = await rerank.rerank(/** @type {any} */ (query),
      /** @type {string[]} */ (ranked.map(({ text }) => text)), { topK, signal });
    return again.map((hit) => ({ ...hit, index: ranked[hit.index].index }));
  }

  /**
   * Of a cross-encoder: the documents that answer the query best, best first; the query
   * is read beside each of them.
   * @param {string} query
   * @param {readonly string[]} documents
   * @param {import("./rerank.js").RerankOptions} [options]
   * @returns {Promise<RankedDocument[]>}
   */
  async rerank(query, documents, options = {}) {
    this.#checkUsable();
    checkOptions(options, ["topK", "signal", "onProgress"]);
    const { topK = maxUint32, signal, onProgress } = options;
    checkText("query", query);
    const texts = checkTexts(documents, "documents");
    checkInteger("topK", topK, 1, maxUint32);
    checkOptional("onProgress", onProgress, "function");
    checkSignal(signal);
    const part = await neededPart(import("./rerank.js"));
    return part.rerank(this.#session, query, texts, { topK, signal, onProgress });
  }

  /**
   * A vector for each token: that of a word as it is meant there.
   * @template {string | readonly string[]} T
   * @param {T} texts
   * @param {import("./token-vectors.js").EmbedTokensOptions} [options]
   * @returns {Promise<T extends string ? import("./token-vectors.js").TokenVectors :
   *   import("./token-vectors.js").TokenVectors[]>}
   */
  async embedTokens(texts, options = {}) {
    this.#checkUsable();
    checkOptions(options, ["normalize", "signal"]);
    const { normalize = false, signal } = options;
    checkOptional("normalize", normalize, "boolean");
    checkSignal(signal);
    const list = checkTexts(texts);
    const part = await neededPart(import("./token-vectors.js"));
    const results = await part.tokenVectors(this.#session, list, { normalize, signal }, tokenization);
    return /** @type {any} */ (typeof texts === "string" ? results[0] : results);
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
    checkText("text", text);
    const { maxTokens = this.#recipe.maxTokens } = options;
    checkInteger("maxTokens", maxTokens, 2, maxUint32);
    const whole = await this.#session.tokenize(text, maxUint32);
    const truncated = whole.length / 3 > maxTokens;
    const tokens = truncated ? await this.#session.tokenize(text, maxTokens) : whole;
    return tokenization(text, tokens, truncated);
  }

  /** What is loaded and how it runs. */
  info() {
    const { config, ...details } = this.#session.info;
    const { prompts, ...recipe } = this.#recipe;
    return { ...details, model: { ...recipe, prompts: { ...prompts } } };
  }

  /** Frees the model, and the module with its last model. Again does nothing. */
  dispose() {
    this.#session.dispose();
  }

  #checkUsable() {
    if (!this.#session.isAlive) throw disposedError();
  }

  /**
   * @param {string} name of the argument
   * @param {TextsOrVectors} value
   * @param {import("./vector-block.js").VectorFormat} format that texts get
   * @param {{ signal?: AbortSignal, prompt?: string }} options prompt: if the model has it
   * @returns {Promise<VectorBlock>}
   */
  async #vectors(name, value, format, { signal, prompt }) {
    const known = blockOf(name, value, format);
    if (known !== undefined) return known;
    const { prompts } = this.#recipe;
    const isKnown = prompt !== undefined && Object.hasOwn(prompts, prompt);
    const texts = withPrompt(checkTexts(value, name), isKnown ? prompt : undefined, this.#recipe);
    const plan = embedPlan(format, this.#recipe);
    return (await embedAll(this.#session, texts, plan, { signal })).block;
  }
}

/**
 * @param {string} name of the argument
 * @param {unknown} text
 */
function checkText(name, text) {
  if (typeof text === "string") return;
  throw new SimileError("invalid_argument", `${name}: expected a string, got ${describe(text)}`);
}

/** @param {TextsOrVectors} value */
function isSingle(value) {
  return !Array.isArray(value);
}

// SPDX-License-Identifier: Apache-2.0
// Keeps a ranking in step with a list and a query. The list is embedded once,
// each query when it comes. Changes that come while one ranking is under way are
// taken together by the next: the latest wins, and none is shown after a later one.

/** @typedef {import("../simile/index.js").Embedder} Embedder */
/** @typedef {import("../simile/index.js").Embeddings} Embeddings */

/**
 * @typedef {object} EmbeddedList
 * @property {readonly string[]} sentences
 * @property {Embeddings | undefined} vectors none for an empty list
 * @property {number} ms that it took to embed
 */

/**
 * @typedef {object} Ranking
 * @property {EmbeddedList} list
 * @property {string} query
 * @property {Float32Array} [vector] of the query; none without a query or list
 * @property {{ index: number, score?: number }[]} ranked best first; without a query
 *   in the list's order, without scores
 * @property {number} [keyedAt] when the key came that this answers, if one did
 * @property {number} embedMs @property {number} rankMs
 */

/**
 * @typedef {object} Listener
 * @property {(ranking: Ranking) => void} onRanking
 * @property {(done: number, total: number) => void} onReading a list is being embedded
 * @property {(list: EmbeddedList | undefined) => void} onRead it is, or was given up
 * @property {(isBusy: boolean) => void} onBusy
 * @property {(error: unknown) => void} onError
 */

export class LiveRanking {
  #model;
  #listener;
  #query = "";
  /** @type {number | undefined} */
  #keyedAt;
  /** @type {EmbeddedList | undefined} */
  #list;
  /** @type {AbortController | undefined} of the list being embedded */
  #reading;
  #isRanking = false;
  #isStale = false;

  /** @param {Embedder} model @param {Listener} listener */
  constructor(model, listener) {
    this.#model = model;
    this.#listener = listener;
  }

  /** @param {string} query @param {number} keyedAt on performance.now()'s clock */
  setQuery(query, keyedAt) {
    this.#query = query.trim();
    this.#keyedAt = keyedAt;
    this.#update();
  }

  /**
   * Embeds a list, then ranks it; until then the one before is ranked.
   * @param {readonly string[]} sentences
   */
  async setList(sentences) {
    this.#reading?.abort();
    const reading = new AbortController();
    this.#reading = reading;
    this.#tellBusy();
    const start = performance.now();
    const { signal } = reading;
    try {
      const vectors = sentences.length === 0 ? undefined : await this.#model.embed(sentences, {
        signal,
        onProgress: ({ done, total }) => {
          if (!signal.aborted) this.#listener.onReading(done, total);
        },
      });
      if (signal.aborted) return;
      this.#list = { sentences, vectors, ms: performance.now() - start };
      this.#keyedAt = undefined;
      this.#listener.onRead(this.#list);
    } catch (error) {
      if (signal.aborted) return;
      this.#listener.onRead(undefined);
      this.#listener.onError(error);
    } finally {
      if (this.#reading === reading) this.#reading = undefined;
    }
    this.#update();
  }

  /** Gives the list up that is being embedded. */
  cancelReading() {
    if (this.#reading === undefined) return;
    this.#reading.abort();
    this.#reading = undefined;
    this.#listener.onRead(undefined);
    this.#tellBusy();
  }

  #tellBusy() {
    this.#listener.onBusy(this.#isRanking || this.#reading !== undefined);
  }

  async #update() {
    this.#isStale = true;
    if (this.#isRanking || this.#list === undefined) return this.#tellBusy();
    this.#isRanking = true;
    this.#tellBusy();
    while (this.#isStale) {
      this.#isStale = false;
      try {
        const ranking = await this.#rank();
        if (!this.#isStale) this.#listener.onRanking(ranking);
      } catch (error) {
        this.#listener.onError(error);
      }
    }
    this.#isRanking = false;
    this.#tellBusy();
  }

  /** @returns {Promise<Ranking>} */
  async #rank() {
    const list = /** @type {EmbeddedList} */ (this.#list);
    const [query, keyedAt] = [this.#query, this.#keyedAt];
    const ranked = list.sentences.map((_, index) => ({ index }));
    const unranked = { list, query, ranked, keyedAt, embedMs: 0, rankMs: 0 };
    if (query === "" || list.vectors === undefined) return unranked;
    const begin = performance.now();
    const [vector] = await this.#model.embed(query);
    const between = performance.now();
    const hits = await this.#model.rank(vector, list.vectors);
    const end = performance.now();
    return { ...unranked, vector, ranked: hits, embedMs: between - begin, rankMs: end - between };
  }
}

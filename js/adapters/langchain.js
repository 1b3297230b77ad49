// SPDX-License-Identifier: Apache-2.0
// LangChain.js: an object that vector stores and retrievers take as their
// `EmbeddingsInterface`. The model stays its owner's, who disposes of it.

import { plainVectors, promptIfKnown } from "./plain-vectors.js";

export class SimileEmbeddings {
  /**
   * @param {import("./plain-vectors.js").Embedder} model
   * @param {import("./plain-vectors.js").AdapterOptions} [options] without a `prompt`
   *   queries and documents get the model's prompts of that name, where it has them
   */
  constructor(model, options = {}) {
    /** @private */
    this.model = model;
    /** @private */
    this.options = options;
  }

  /**
   * @param {string[]} documents
   * @returns {Promise<number[][]>}
   */
  async embedDocuments(documents) {
    const options = { prompt: promptIfKnown(this.model, "document"), ...this.options };
    return (await plainVectors(this.model, documents, options)).vectors;
  }

  /**
   * @param {string} document the query
   * @returns {Promise<number[]>}
   */
  async embedQuery(document) {
    const options = { prompt: promptIfKnown(this.model, "query"), ...this.options };
    return (await plainVectors(this.model, [document], options)).vectors[0];
  }
}

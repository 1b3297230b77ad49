// SPDX-License-Identifier: Apache-2.0
// The package's front door. Importing it does nothing: no request, no worker, no
// global; it is safe where a page is rendered on a server.

export { load } from "./load.js";
export { SimileError } from "./errors.js";
export { modelCache } from "./model-cache.js";
export { Embeddings, SimilarityMatrix } from "./embeddings.js";

/**
 * @typedef {import("./embedder.js").DisposableEmbedder} Embedder
 * @typedef {import("./embedder.js").RankOptions} RankOptions
 * @typedef {import("./rerank.js").RerankOptions} RerankOptions
 * @typedef {import("./token-vectors.js").EmbedTokensOptions} EmbedTokensOptions
 * @typedef {import("./token-vectors.js").TextToken} TextToken
 * @typedef {import("./token-vectors.js").TokenVectors} TokenVectors
 * @typedef {import("./embedder.js").RankedDocument} RankedDocument
 * @typedef {import("./embedder.js").Metric} Metric
 * @typedef {import("./embedder.js").TextsOrVectors} TextsOrVectors
 * @typedef {import("./embeddings.js").TextUsage} TextUsage
 * @typedef {import("./embed-options.js").Overflow} Overflow
 * @typedef {import("./vector-block.js").Precision} Precision
 * @typedef {import("./errors.js").ErrorCode} ErrorCode
 * @typedef {import("./model-cache.js").CachedModel} CachedModel
 * @typedef {import("./model-cache.js").CacheOption} CacheOption
 * @typedef {import("./model-cache.js").CacheState} CacheState
 * @typedef {import("./model-cache.js").ModelStore} ModelStore
 * @typedef {import("./load.js").LoadOptions} LoadOptions
 * @typedef {import("./load.js").ModelSource} ModelSource
 * @typedef {import("./progress.js").Progress} Progress
 * @typedef {import("./tokenization.js").Tokenization} Tokenization
 * @typedef {import("./variants.js").VariantName} VariantName
 */

/**
 * @template {import("./vector-block.js").Precision} [P=import("./vector-block.js").Precision]
 * @typedef {import("./embedder.js").EmbedOptions<P>} EmbedOptions
 */

/**
 * @template {import("./vector-block.js").Precision} P
 * @typedef {import("./embed-stream.js").StreamedEmbedding<P>} StreamedEmbedding
 */

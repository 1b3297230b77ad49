// SPDX-License-Identifier: Apache-2.0
// OpenAI: the parameters and the response of its embeddings endpoint, for code
// that was written against `openai.embeddings.create`.

import { SimileError } from "../errors.js";
import { plainVectors } from "./plain-vectors.js";

/**
 * @typedef {object} EmbeddingCreateParams
 * @property {string | readonly string[]} input
 * @property {number} [dimensions] how many of the first; default: all
 * @property {"float" | "base64"} [encoding_format] base64: of little-endian f32;
 *   default: "float"
 * @property {string} [model] not read: it is the one that you loaded
 * @property {string} [user] not read
 */

/**
 * @param {import("./plain-vectors.js").Embedder} model
 * @param {EmbeddingCreateParams} params
 * @param {Omit<import("./plain-vectors.js").AdapterOptions, "dims"> & { signal?: AbortSignal }} [options]
 */
export async function createEmbeddings(model, params, options = {}) {
  const { input, dimensions, encoding_format: encoding = "float" } = params;
  if (encoding !== "float" && encoding !== "base64") {
    throw new SimileError("invalid_argument",
      `encoding_format: expected 'float' or 'base64', got '${encoding}'`);
  }
  const texts = typeof input === "string" ? [input] : input;
  const { vectors, tokens } = await plainVectors(model, texts, {
    ...options,
    ...(dimensions !== undefined && { dims: dimensions }),
  });
  return {
    object: /** @type {const} */ ("list"),
    data: vectors.map((vector, index) => ({
      object: /** @type {const} */ ("embedding"),
      index,
      // A client of the endpoint that asks for base64 gets a string here, too,
      // whatever the type says.
      embedding: encoding === "float" ? vector : /** @type {number[]} */ (/** @type {unknown} */ (base64(vector))),
    })),
    model: model.info().model.name,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}

/** @param {number[]} vector */
function base64(vector) {
  const bytes = new Uint8Array(Float32Array.from(vector).buffer);
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

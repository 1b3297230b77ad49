// SPDX-License-Identifier: Apache-2.0
// The options of `embed` and `embedStream`: what they mean, their checks, and the
// plain form in which a session takes them.

import {
  checkInteger, checkOneOf, checkOptional, checkOptions, checkSignal, describe,
} from "./checks.js";
import { SimileError } from "./errors.js";
import { precisions } from "./vector-block.js";

/** @typedef {import("./vector-block.js").Precision} Precision */
/** @typedef {"truncate" | "error" | "mean-chunks"} Overflow */

/**
 * @template {Precision} [P=Precision]
 * @typedef {object} EmbedOptions
 * @property {string} [prompt] the name of one of the model's prompts, or "" for none; default:
 *   the model's default one, if it has one
 * @property {boolean} [normalize] to length 1; default: as the model's recipe says
 * @property {number} [dims] how many of the first dimensions to keep, for models
 *   trained so (Matryoshka); default: all
 * @property {P} [precision] default: "float32"
 * @property {Overflow} [overflow] what becomes of a text that is too long; default:
 *   "truncate"
 * @property {AbortSignal} [signal]
 * @property {(progress: { done: number, total: number, fraction: number }) => void} [onProgress]
 */

/**
 * What a session is told beside the texts.
 * @template {Precision} [P=Precision]
 * @typedef {object} EmbedPlan
 * @property {boolean} normalize
 * @property {number} dims
 * @property {P} precision
 * @property {Overflow} overflow "error" is checked before: see overflow.js
 */

/** @type {readonly Overflow[]} */
const overflows = ["truncate", "error", "mean-chunks"];
const optionNames = ["prompt", "normalize", "dims", "precision", "overflow", "signal", "onProgress"];

/**
 * @template {Precision} [P="float32"]
 * @param {EmbedOptions<P>} options
 * @param {import("./recipe.js").ModelRecipe} recipe
 * @param {readonly string[]} [names] that these options may have
 * @returns {EmbedPlan<P>}
 */
export function embedPlan(options, recipe, names = optionNames) {
  checkOptions(options, names);
  const { normalize = recipe.normalize, dims = recipe.dims, overflow = "truncate" } = options;
  checkOptional("normalize", normalize, "boolean");
  checkOptional("onProgress", options.onProgress, "function");
  checkSignal(options.signal);
  checkInteger("dims", dims, 1, recipe.dims);
  return {
    normalize,
    dims,
    precision: /** @type {P} */ (checkOneOf("precision", options.precision ?? "float32", precisions)),
    overflow: checkOneOf("overflow", overflow, overflows),
  };
}

/** The options of `embedStream`, which has no use for a callback. */
export const streamOptionNames = optionNames.filter((name) => name !== "onProgress");

/**
 * @param {readonly string[]} texts
 * @param {string | undefined} prompt
 * @param {import("./recipe.js").ModelRecipe} recipe
 * @returns {readonly string[]}
 */
export function withPrompt(texts, prompt, { prompts, defaultPrompt }) {
  prompt ??= defaultPrompt;
  if (prompt === "") return texts;
  if (!Object.hasOwn(prompts, prompt)) {
    const names = Object.keys(prompts).join(", ") || "none";
    throw new SimileError("invalid_argument",
      `prompt: the model has none called ${describe(prompt)}; it has ${names}`);
  }
  const start = prompts[prompt];
  return start === "" ? texts : texts.map((text) => start + text);
}

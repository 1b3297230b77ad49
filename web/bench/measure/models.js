// SPDX-License-Identifier: Apache-2.0
// Simile with models of several shapes, in the page's own thread and on one thread, by
// turns: what a text of so many tokens takes.

import { load } from "../../simile/index.js";
import { textsOf } from "./inputs.js";

const warmUpCalls = 30;

/**
 * @param {Record<string, string>} urls by name
 * @param {readonly number[]} lengths in tokens
 * @param {number} runs
 * @returns {Promise<Record<string, Record<string, number[]>>>} milliseconds, by tokens and name
 */
export async function measureModels(urls, lengths, runs) {
  const models = await Promise.all(Object.entries(urls).map(async ([name, url]) =>
    ({ name, model: await load(url, { worker: false, threads: 1, cache: false }) })));
  try {
    const found = /** @type {Record<string, Record<string, number[]>>} */ ({});
    for (const tokens of lengths) {
      const inputs = await Promise.all(models.map(async ({ name, model }) => {
        // All have BERT's vocabulary, whose ids are not the same in each.
        const [{ text }] = await textsOf(async (it) => [...(await model.tokenize(it)).ids], tokens);
        for (let i = 0; i < warmUpCalls; ++i) await model.embed(text, { prompt: "" });
        return { name, model, text };
      }));
      found[tokens] = Object.fromEntries(models.map(({ name }) => [name, []]));
      for (let run = 0; run < runs; ++run) {
        for (const { name, model, text } of inputs) {
          await model.embed(text, { prompt: "" }); // the caches are full of another's weights
          const began = performance.now();
          await model.embed(text, { prompt: "" });
          found[tokens][name].push(performance.now() - began);
        }
      }
    }
    return found;
  } finally {
    for (const { model } of models) model.dispose();
  }
}

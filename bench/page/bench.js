// SPDX-License-Identifier: Apache-2.0
// What one page load measures: both runtimes in turn, text by text, so that
// whatever slows the machine slows both.

import { load } from "/simile/index.js";
import { Peer } from "./peer.js";

/**
 * @typedef {object} Settings
 * @property {string} variant of Simile
 * @property {number} threads
 * @property {number[]} lengths in tokens, special tokens included
 * @property {number} runs of each length
 * @property {string[]} texts whose vectors are returned, to be held against the reference
 */

const simileModel = "/models/all-minilm-l6-v2.int8.simile";
const peerModel = "/peer-model/all-minilm-l6-v2.int8.onnx";
// Enough for the engine to compile the kernels with its best compiler.
const warmUpRuns = 25;
const warmUpTokens = 32;
// Each is one token to BERT's vocabulary.
const words = ("the small river runs past old stone houses and under a wooden bridge where people " +
  "stand in the evening to watch birds while the sun goes down behind the hills").split(" ");

/** @param {Settings} settings */
export async function run(settings) {
  // Both in the page's own thread: the peer has no worker unless its user makes one.
  const simile = await load(simileModel,
    { variant: settings.variant, threads: settings.threads, worker: false });
  const peer = await Peer.load(peerModel, settings.threads);
  const runtimes = {
    simile: ({ text }) => simile.embed(text),
    peer: ({ ids }) => peer.embed(ids),
  };
  await measure(runtimes, await textOf(simile, warmUpTokens), warmUpRuns);
  const times = {};
  for (const length of settings.lengths) {
    const text = await textOf(simile, length);
    await measure(runtimes, text, 4);
    times[length] = await measure(runtimes, text, settings.runs);
  }
  const vectors = { simile: [], peer: [] };
  for (const text of settings.texts) {
    vectors.simile.push([...(await simile.embed(text))[0]]);
    vectors.peer.push([...(await peer.embed((await simile.tokenize(text)).ids))]);
  }
  return { info: simile.info(), times, vectors };
}

/**
 * @param {any} model
 * @param {number} tokens
 * @returns {Promise<{ text: string, ids: number[] }>} a text of just so many
 */
async function textOf(model, tokens) {
  const text = Array.from({ length: tokens - 2 }, (_, i) => words[i % words.length]).join(" ");
  const { ids } = await model.tokenize(text);
  if (ids.length !== tokens) throw new Error(`wanted ${tokens} tokens, got ${ids.length}`);
  return { text, ids };
}

/**
 * @template T
 * @param {Record<string, (input: T) => Promise<unknown>>} runtimes
 * @param {T} input
 * @param {number} runs
 * @returns {Promise<Record<string, number[]>>} milliseconds of each run
 */
async function measure(runtimes, input, runs) {
  const times = Object.fromEntries(Object.keys(runtimes).map((name) => [name, []]));
  for (let i = 0; i < runs; ++i) {
    for (const [name, embed] of Object.entries(runtimes)) {
      const start = performance.now();
      await embed(input);
      times[name].push(performance.now() - start);
    }
  }
  return times;
}

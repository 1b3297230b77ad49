// SPDX-License-Identifier: Apache-2.0
// What a visitor's click measures, in this page: Simile, and the peers where this
// site has them. The result has the shape of the published one.

import { openProducts, measureKernels, productOperations } from "./ceiling.js";
import { describeMachine } from "./machine.js";
import { runtimes, findPeers } from "./runtimes/index.js";
import { BenchSession } from "./session.js";
import { byKey, figure, rounded } from "./summary.js";

/**
 * @typedef {object} RunOptions
 * @property {number[]} lengths
 * @property {number} runs of each length
 * @property {number} texts of mixed lengths
 *
 * @type {RunOptions}
 */
export const defaultOptions = { lengths: [8, 16, 32, 64, 128, 256], runs: 10, texts: 256 };

const ownNames = ["simile", "simile-simd"];
/** In f32 a peer takes too long for a visitor. */
const peerNames = ["onnxruntime-int8", "transformers-int8"];
const kernelMs = 10;
const warmUpMs = 300;

/**
 * @param {Partial<RunOptions>} options
 * @param {(done: number, text: string) => void} tell done: 0 to 1
 * @param {AbortSignal} signal looked at between two measurements
 */
export async function runHere(options, tell, signal) {
  const { lengths, runs, texts } = { ...defaultOptions, ...options };
  tell(0, "Loading the models…");
  const versions = await findPeers();
  const hasPeers = Object.keys(versions).length > 0;
  const session = await BenchSession.open([...ownNames, ...(hasPeers ? peerNames : [])], { threads: 1, worker: false });
  try {
    const steps = measurements(session, { lengths, runs, texts });
    const scenario = { latency: {}, throughput: {}, ceiling: undefined };
    for (const [i, { text, measure }] of steps.entries()) {
      signal.throwIfAborted();
      tell(i / steps.length, text);
      await new Promise((resolve) => setTimeout(resolve)); // the bar is drawn
      await measure(scenario);
    }
    tell(1, "Done");
    return {
      date: new Date().toISOString().slice(0, 10),
      processors: navigator.hardwareConcurrency,
      machine: describeMachine(), versions, loads: 1, failures: session.failures,
      scenarios: { "one-thread": scenario },
    };
  } finally {
    await session.close();
  }
}

/**
 * @param {BenchSession} session
 * @param {RunOptions} options
 * @returns {{ text: string, measure: (into: any) => Promise<void> }[]}
 */
function measurements(session, { lengths, runs, texts }) {
  const summarize = (/** @type {Record<string, number[]>} */ samples, best = Math.min) =>
    byKey([samples], (loads) => figure(loads, best));
  const throughput = (/** @type {string} */ way, /** @type {() => Promise<any>} */ samples) => ({
    text: `Many texts: ${way}`,
    measure: async (/** @type {any} */ into) => { into.throughput[way] = summarize(await samples(), Math.max); },
  });
  return [
    { text: "Warming up", measure: () => session.warmUp(warmUpMs) },
    ...lengths.map((tokens) => ({
      text: `One text of ${tokens} tokens`,
      measure: async (/** @type {any} */ into) => { into.latency[tokens] = summarize(await session.latency(tokens, runs)); },
    })),
    throughput("equal", () => session.equalBatch({ tokens: 32, count: 32, runs: 2 })),
    throughput("one by one", () => session.mixed({ perCall: 1, count: texts })),
    throughput("batches", () => session.mixed({ perCall: 32, count: texts })),
    throughput("one call", () => session.mixed({ perCall: texts, count: texts, names: ownNames })),
    { text: "The processor's ceiling", measure: async (into) => { into.ceiling = await ceilingHere(into.latency, lengths); } },
  ];
}

/** @param {any} latency @param {number[]} lengths */
async function ceilingHere(latency, lengths) {
  const kernels = [];
  for (const variant of ["simd", "relaxed-simd"]) {
    const module = await openProducts(variant).catch(() => null); // no relaxed SIMD here
    if (module) kernels.push(...measureKernels(module, lengths, kernelMs));
  }
  if (kernels.length === 0) return undefined;
  const share = lengths.map((tokens) => {
    const ceiling = Math.max(...kernels.filter(({ isExact }) => isExact).map(({ gops }) => gops[tokens]));
    const own = productOperations(tokens) / (latency[tokens].simile.median / 1000) / 1e9;
    return [tokens, { simile: { ceiling: rounded(ceiling), own: rounded(own), share: rounded(own / ceiling) } }];
  });
  return { kernels, share: Object.fromEntries(share) };
}

/** @returns {Promise<string>} what will be measured here, for people */
export async function aboutRun() {
  const peers = Object.entries(await findPeers()).map(([name, version]) => `${name} ${version}`);
  return peers.length > 0
    ? `Measures Simile, ${peers.join(" and ")} in this tab, for some minutes. They and their model (about 65 MB) are fetched from this site when you press the button; nothing is sent anywhere.`
    : "Measures Simile in this tab, for about a minute. This site was built without the peers' files, so it runs alone; npm run bench in a clone measures them too. Nothing is sent anywhere.";
}

/** @param {Record<string, string>} failures */
export const failureSentence = (failures) => Object.entries(failures)
  .map(([name, reason]) => `${runtimes[name].label} did not run: ${reason}`).join(" ");

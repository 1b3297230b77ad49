// SPDX-License-Identifier: Apache-2.0
// Latency, throughput and ceiling: several fresh page loads of each scenario,
// because one load's figures can be far off, and in each all runtimes by turns.

import { browsers } from "../tests/browser/support/browsers.js";
import { byKey, figure, median, rounded } from "../web/bench/measure/summary.js";
import { productOperations } from "../web/bench/measure/ceiling.js";
import { BenchPage, serveBench } from "./bench-page.mjs";
import { fidelity, readReference } from "./fidelity.mjs";
import { equalBatch, mixedRuntimes, scenarios, textsPerCall, warmUpMs } from "./scenarios.mjs";

const kernelMs = 15;

/** @typedef {ReturnType<typeof import("./options.mjs").parseOptions>} Options */

/** @param {BenchPage} page @param {Options} options */
async function measureThroughput(page, { runs, texts: count, runtimes }) {
  const names = runtimes.filter((name) => mixedRuntimes.includes(name));
  const ours = names.filter((name) => name.startsWith("simile"));
  return {
    "equal": await page.call("equalBatch", { ...equalBatch, runs: Math.max(2, Math.round(runs / 4)) }),
    "one by one": await page.call("mixed", { perCall: 1, count, names }),
    "batches": await page.call("mixed", { perCall: textsPerCall, count, names }),
    "one call": await page.call("mixed", { perCall: count, count, names: ours }),
  };
}

/** @param {BenchPage} page @param {Options} options */
async function measureCeiling(page, { lengths }) {
  const kernels = [];
  for (const variant of ["simd", "relaxed-simd"]) {
    const found = await page.kernels(variant, lengths, kernelMs).catch(() => null); // no relaxed SIMD
    kernels.push(...(found ?? []).map((kernel) => ({ variant, ...kernel })));
  }
  return kernels;
}

/** One page load of one scenario. */
async function measureLoad(browser, server, name, options, texts) {
  const { threads, isolated, runtimes } = scenarios[name];
  const names = runtimes.filter((one) => options.runtimes.includes(one));
  const page = await BenchPage.open(browser, server.url("/"), names, { threads, worker: false });
  try {
    const has = (part) => options.parts.includes(part);
    await page.call("warmUp", warmUpMs);
    const latency = {};
    for (const tokens of has("latency") ? options.lengths : []) {
      latency[tokens] = await page.call("latency", tokens, options.runs);
    }
    return {
      machine: page.machine, info: page.info, failures: page.failures,
      vectors: await page.call("vectors", texts),
      latency,
      throughput: has("throughput") ? await measureThroughput(page, options) : {},
      kernels: has("ceiling") && isolated && threads === 1 ? await measureCeiling(page, options) : [],
    };
  } finally {
    await page.close();
  }
}

/**
 * @param {import("./peer-setup.mjs").Peers} peers
 * @param {Options} options
 * @param {(line: string) => void} tell
 */
export async function measure(peers, options, tell) {
  const reference = await readReference();
  const loads = Object.fromEntries(options.scenarios.map((name) => [name, []]));
  const browser = await browsers[options.browser]();
  const servers = {
    true: await serveBench(peers, { isolated: true }), // timers of 5 µs
    false: await serveBench(peers, { isolated: false }),
  };
  try {
    for (let i = 0; i < options.loads; ++i) {
      for (const name of options.scenarios) {
        loads[name].push(await measureLoad(browser, servers[String(scenarios[name].isolated)], name, options,
          reference.map(({ text }) => text)));
        tell(`page load ${i + 1} of ${options.loads}, ${scenarios[name].title}`);
      }
    }
  } finally {
    await browser.close();
    await Promise.all(Object.values(servers).map((server) => server.close()));
  }
  return Object.fromEntries(Object.entries(loads).map(([name, all]) => [name, summarize(all, reference)]));
}

/** @param {Awaited<ReturnType<typeof measureLoad>>[]} loads of one scenario */
function summarize(loads, reference) {
  const latency = byKey(loads.map((load) => load.latency), (of) => byKey(of, figure));
  const throughput = byKey(loads.map((load) => load.throughput), (of) =>
    byKey(of, (samples) => figure(samples, Math.max)));
  return {
    machine: loads[0].machine,
    info: loads[0].info,
    // Of every load: which kernel was chosen, for it is not to differ.
    productKernels: loads.map(({ info }) => info.productKernel),
    failures: loads[0].failures,
    meanCosine: fidelity(loads[0].vectors, reference),
    latency,
    throughput,
    ceiling: ceilingOf(loads, latency),
  };
}

/** The best exact kernel's rate at each length, and what share of it a forward pass has. */
function ceilingOf(loads, latency) {
  const all = loads.map(({ kernels }) => kernels).filter((kernels) => kernels.length > 0);
  if (all.length === 0) return undefined;
  const kernels = all[0].map(({ name, variant, isExact }, k) => ({
    name, variant, isExact,
    gops: byKey(all.map((load) => load[k].gops), (rates) => rounded(median(rates))),
  }));
  const share = (tokens, times, variants) => {
    const rate = Math.max(...kernels.filter((one) => one.isExact && variants.includes(one.variant))
      .map(({ gops }) => gops[tokens]));
    const own = times && productOperations(Number(tokens)) / (times.median / 1000) / 1e9;
    return times && { ceiling: rate, own: rounded(own), share: rounded(own / rate) };
  };
  return {
    kernels,
    share: byKey(Object.entries(latency).map(([tokens, times]) => ({
      [tokens]: {
        "simile": share(tokens, times.simile, ["simd", "relaxed-simd"]),
        "simile-simd": share(tokens, times["simile-simd"], ["simd"]),
      },
    })), ([one]) => one),
  };
}

// SPDX-License-Identifier: Apache-2.0
// Which charts a result has: of the published one (bench/publish.mjs) and of what a
// visitor measured, which has fewer parts.

import { runtimes } from "./measure/runtimes/index.js";
import { barChart, lineChart, shareChart } from "./svg.js";

const baseline = "onnxruntime-int8";

/** @param {string} name */
const label = (name) => runtimes[name].label;

/** @param {string} name its colour: one for each runtime, dashed or paler in f32 */
const style = (name) => name.replace("-int8", "");

/** @param {number} value */
const number = (value) => value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);

/** @param {Record<string, any>} found by runtime @param {(one: any) => any} figureOf */
function bars(found, figureOf) {
  return Object.entries(found).filter(([, one]) => figureOf(one) !== undefined).map(([name, one]) => {
    const { median, loads = [] } = figureOf(one);
    return { label: label(name), value: median, style: style(name), detail: loads.map(number).join(", ") };
  });
}

/** "2.1 to 4.3 times onnxruntime-web" of some ratios, or nothing where there are none. */
function timesSentence(/** @type {number[]} */ ratios, /** @type {string} */ what) {
  if (ratios.length === 0) return "";
  const [low, high] = [Math.min(...ratios), Math.max(...ratios)].map((ratio) => ratio.toFixed(1));
  return ` ${what} ${low === high ? low : `${low} to ${high}`} times onnxruntime-web's in int8.`;
}

/** @param {any} scenario */
function latencyChart({ latency }, /** @type {string} */ title) {
  const lengths = Object.keys(latency ?? {});
  if (lengths.length === 0) return [];
  const names = Object.keys(latency[lengths[0]]);
  const lines = names.map((name) => ({
    label: label(name),
    style: style(name),
    isDashed: runtimes[name].weights === "f32",
    points: new Map(lengths.filter((tokens) => latency[tokens][name]).map((tokens) => [Number(tokens), latency[tokens][name].median])),
  }));
  const ratios = lengths.filter((tokens) => latency[tokens][baseline] && latency[tokens].simile)
    .map((tokens) => latency[tokens][baseline].median / latency[tokens].simile.median);
  const own = lengths.map((tokens) => `${number(latency[tokens].simile.median)} ms for ${tokens} tokens`).join(", ");
  return [lineChart({
    title, lines, xUnit: "Tokens", format: number,
    note: `Milliseconds for one text, by its length in tokens. Lower is better.${timesSentence(ratios, "Simile's speed is")}`,
    gist: `Line chart. Simile: ${own}.`,
  })];
}

const ways = {
  "equal": ["A batch of 32 texts of 32 tokens", "In one call."],
  "one by one": ["Texts of mixed lengths, one by one", "Median 14 tokens, mean 42, longest 256."],
  "batches": ["The same texts in batches of 32", "A peer pads each batch to its longest text."],
  "one call": ["The same texts in one call", "Simile sorts and packs by itself."],
};

/** @param {any} scenario @param {string} suffix */
function throughputCharts({ throughput = {} }, suffix) {
  return Object.entries(ways).filter(([way]) => throughput[way]).map(([way, [title, note]]) => {
    const rows = bars(throughput[way], (one) => one);
    const base = throughput[way][baseline];
    return barChart({
      title: `${title}${suffix}`, bars: rows, unit: "Texts per second", format: number,
      note: `Texts per second. ${note}${base && throughput[way].simile
        ? timesSentence([throughput[way].simile.median / base.median], "Simile's rate is") : ""}`,
      gist: `Bar chart. ${rows.map((row) => `${row.label}: ${number(row.value)} texts per second`).join("; ")}.`,
    });
  });
}

/** @param {any} start by runtime */
function startCharts(start) {
  if (!start) return [];
  const found = Object.fromEntries(Object.entries(start).filter(([, one]) => one.error === undefined));
  const chart = (/** @type {string} */ title, /** @type {string} */ unit, /** @type {string} */ note, /** @type {(one: any) => any} */ of) => {
    const rows = bars(found, of);
    return rows.length === 0 ? [] : [barChart({ title, unit, note, bars: rows, format: number,
      gist: `Bar chart. ${rows.map((row) => `${row.label}: ${number(row.value)} ${unit}`).join("; ")}.` })];
  };
  const megabytes = (/** @type {number | undefined} */ bytes) => bytes ? { median: bytes / 1e6 } : undefined;
  return [
    ...chart("First visit", "ms", "Milliseconds from navigation to the first vector, nothing cached, the server on this machine.", ({ cold }) => cold),
    ...chart("Later visits", "ms", "The same with what the browser kept.", ({ warm }) => warm),
    ...chart("Over the network", "MB", "Megabytes at the first visit: code with brotli, and the model.",
      ({ bytes }) => megabytes(bytes.codeBrotli + bytes.model)),
    ...chart("Memory", "MB", "Megabytes of WebAssembly memory after texts of 256 tokens.", ({ heapBytes }) => megabytes(heapBytes)),
  ];
}

/** @param {any} ceiling */
function ceilingChart(ceiling) {
  const shares = Object.entries(ceiling?.share ?? {}).filter(([, one]) => one.simile);
  if (shares.length === 0) return [];
  return [barChart({
    title: "Of what the processor can do", unit: "Share", format: (value) => `${(100 * value).toFixed(0)} %`,
    note: "The rate of Simile's whole forward pass, counting its matrix products alone, as a share of the best kernel's rate on those products in the same page.",
    bars: shares.map(([tokens, { simile }]) => ({
      label: `${tokens} tokens`, value: simile.share, style: "simile", detail: `${number(simile.own)} of ${number(simile.ceiling)} GOPS` })),
    gist: `Bar chart. ${shares.map(([tokens, { simile }]) => `${tokens} tokens: ${(100 * simile.share).toFixed(0)} percent`).join("; ")}.`,
  })];
}

/** @param {any} profile */
function profileChart(profile) {
  if (!profile || Object.keys(profile).length === 0) return [];
  const rows = Object.entries(profile).map(([tokens, shares]) => ({ label: tokens, shares }));
  return [shareChart({
    title: "Where Simile's time goes", note: "Shares of one text's time, by its length in tokens.", rowUnit: "Tokens", rows,
    gist: `Stacked bars. ${rows.map(({ label: tokens, shares }) =>
      `${tokens} tokens: products ${(100 * shares.products).toFixed(0)} percent`).join("; ")}.`,
  })];
}

/**
 * @param {any} result
 * @returns {HTMLElement[]}
 */
export function chartsOf({ scenarios, start, profile }) {
  const one = scenarios["one-thread"] ?? {};
  const two = scenarios["two-threads"] ?? {};
  return [
    ...latencyChart(one, "One text"),
    ...throughputCharts(one, ""),
    ...ceilingChart(one.ceiling),
    ...profileChart(profile),
    ...latencyChart(two, "One text, two threads"),
    ...throughputCharts(two, ", two threads"),
    ...throughputCharts(scenarios["not-isolated"] ?? {}, ", page not isolated"),
    ...startCharts(start),
  ];
}

// SPDX-License-Identifier: Apache-2.0
// The result on a terminal.

import { runtimes } from "../web/bench/measure/runtimes/index.js";
import { scenarios } from "./scenarios.mjs";

const baseline = "onnxruntime-int8";
const label = (name) => runtimes[name].label.padEnd(27);
const megabytes = (bytes) => (bytes / 1e6).toFixed(1);

/** One line for each of its runtimes: median (range of the loads), and how many times the baseline. */
function figures(found, { digits, isSpeed }) {
  return Object.entries(found).map(([name, { median, loads }]) => {
    const base = found[baseline]?.median;
    const ratio = base === undefined || name === baseline ? ""
      : `${(isSpeed ? median / base : base / median).toFixed(2)} times onnxruntime-web int8`;
    const range = `(${Math.min(...loads).toFixed(digits)}–${Math.max(...loads).toFixed(digits)})`;
    return `    ${label(name)}${median.toFixed(digits).padStart(9)} ${range.padEnd(20)} ${ratio}`;
  });
}

function scenarioLines(name, { info, productKernels, failures, meanCosine, latency, throughput, ceiling }) {
  const kernels = [...new Set(productKernels)].join(", then ");
  const lines = [`\n${scenarios[name].title}: ${info.variant}, ${info.threads} thread(s), ${kernels}`];
  for (const [runtime, reason] of Object.entries(failures)) lines.push(`  ${runtimes[runtime].label} did not run: ${reason}`);
  for (const [tokens, found] of Object.entries(latency)) {
    lines.push(`  ${tokens} tokens, ms`, ...figures(found, { digits: 2, isSpeed: false }));
  }
  for (const [way, found] of Object.entries(throughput)) {
    lines.push(`  texts per second, ${way}`, ...figures(found, { digits: 1, isSpeed: true }));
  }
  if (ceiling) lines.push(...ceilingLines(ceiling));
  lines.push(`  mean cosine to the reference: ${
    Object.entries(meanCosine).map(([one, cosine]) => `${one} ${cosine.toFixed(4)}`).join(", ")}`);
  return lines;
}

function ceilingLines({ kernels, share }) {
  const lines = ["  kernels alone, GOPS by tokens"];
  for (const { name, variant, isExact, gops } of kernels) {
    lines.push(`    ${`${name} (${variant})`.padEnd(45)}${
      Object.entries(gops).map(([tokens, rate]) => `${tokens}: ${rate.toFixed(0)}`).join("  ")}${isExact ? "" : "  not exact here"}`);
  }
  lines.push("  a forward pass's products over its time, of the best kernel's rate");
  for (const name of ["simile", "simile-simd"]) {
    const shares = Object.entries(share).filter(([, one]) => one[name])
      .map(([tokens, one]) => `${tokens}: ${(100 * one[name].share).toFixed(0)} %`);
    if (shares.length > 0) lines.push(`    ${label(name)}${shares.join("  ")}`);
  }
  return lines;
}

function startLines(start) {
  const lines = ["\nfrom navigation to the first vector, ms; bytes over the wire (code with brotli); memory"];
  for (const [name, one] of Object.entries(start)) {
    if (one.error !== undefined) {
      lines.push(`    ${label(name)}did not run: ${one.error}`);
      continue;
    }
    const { cold, warm, bytes, heapBytes, pageBytes } = one;
    const page = pageBytes ? `, page ${megabytes(pageBytes)} MB` : "";
    lines.push(`    ${label(name)}cold ${cold.median.toFixed(0)}, warm ${warm.median.toFixed(0)} (${warm.loads.map(Math.round).join(" ")}); ` +
      `code ${megabytes(bytes.codeBrotli)} MB + model ${megabytes(bytes.model)} MB; heap ${megabytes(heapBytes)} MB${page}`);
  }
  return lines;
}

function profileLines(profile) {
  const lines = ["\nwhere the time goes, one thread"];
  for (const [tokens, { kinds }] of Object.entries(profile)) {
    lines.push(`    ${tokens} tokens: ${Object.entries(kinds)
      .map(([kind, share]) => `${kind} ${(100 * share).toFixed(1)} %`).join(", ")}`);
  }
  return lines;
}

/** @param {any} result */
const bulkLabels = {
  idle: "a query alone", beside: "a query beside it", besideMost: "the longest of those",
  bulkMs: "the bulk embed", longestBlock: "the page's thread held at most", abort: "until an abort is told",
};

function bulkLines(bulk) {
  const lines = ["\nSimile: an embed of 10,000 short texts, ms"];
  for (const [name, found] of Object.entries(bulk)) {
    lines.push(`  ${name}: a query beside it takes ${(found.beside.median / found.idle.median).toFixed(1)} times its time alone`);
    for (const [key, text] of Object.entries(bulkLabels)) {
      lines.push(`    ${text.padEnd(32)}${found[key].median.toFixed(1).padStart(9)} (${found[key].loads.join(" ")})`);
    }
  }
  return lines;
}

function nativeLines({ kernel, latency }) {
  const lines = [`\nnatively (${kernel}) against WebAssembly, one thread, ms`];
  for (const [tokens, { native, ...inPage }] of Object.entries(latency)) {
    lines.push(`    ${tokens} tokens: ${native.median.toFixed(2)}; ${Object.entries(inPage).map(([name, { median }]) =>
      `${runtimes[name].label} ${median.toFixed(2)} (${(native.median / median).toFixed(2)} times as fast)`).join(", ")}`);
  }
  return lines;
}

function modelLines(models) {
  const lines = ["\nother shapes, one thread: ms; microseconds a token and layer; the products' rate over the whole time"];
  for (const [tokens, found] of Object.entries(models)) {
    lines.push(`  ${tokens} tokens`, ...Object.entries(found).map(([name, { median, microseconds, gops }]) =>
      `    ${name.padEnd(27)}${median.toFixed(2).padStart(9)}${microseconds.toFixed(1).padStart(9)}${gops.toFixed(0).padStart(6)} GOPS`));
  }
  return lines;
}

export function table({ scenarios: measured, start, bulk, native, models, profile, versions, browser }) {
  return [
    `all-MiniLM-L6-v2 in ${browser}, onnxruntime-web ${versions["onnxruntime-web"]}, transformers.js ${versions["transformers.js"]}`,
    "Each: the median of the page loads' medians (range over the page loads).",
    ...Object.entries(measured).flatMap(([name, one]) => scenarioLines(name, one)),
    ...(start ? startLines(start) : []),
    ...(bulk ? bulkLines(bulk) : []),
    ...(native ? nativeLines(native) : []),
    ...(models ? modelLines(models) : []),
    ...(profile ? profileLines(profile) : []),
  ].join("\n");
}

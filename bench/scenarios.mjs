// SPDX-License-Identifier: Apache-2.0
// What is measured, as data.

import { runtimeNames } from "../web/bench/measure/runtimes/index.js";

export const lengths = [8, 16, 32, 64, 128, 256];
export const equalBatch = { tokens: 32, count: 32 };
export const textsPerCall = 32;
/** Of each runtime before it is measured: V8 has its optimised code by then. */
export const warmUpMs = 500;

const inPage = runtimeNames.filter((name) => !name.startsWith("simile-worker"));

/**
 * In each, all runtimes are measured in the page's own thread, as peers work unless
 * their user makes a worker; where there are no threads, Simile's workers too.
 * @type {Record<string, { title: string, isolated: boolean, threads: number, runtimes: string[] }>}
 */
export const scenarios = {
  "one-thread": { title: "one thread", isolated: true, threads: 1, runtimes: inPage },
  "two-threads": { title: "two threads", isolated: true, threads: 2, runtimes: inPage },
  "not-isolated": {
    title: "not cross-origin isolated",
    isolated: false,
    threads: 1,
    runtimes: ["simile", "simile-worker", "simile-workers", "onnxruntime-int8", "transformers-int8"],
  },
};

/** Texts of mixed lengths take peers in f32 minutes, and int8 is what they are used in. */
export const mixedRuntimes = runtimeNames.filter((name) => !name.endsWith("-f32"));

/** Each is started alone, in a fresh profile. */
export const startRuntimes = ["simile", "onnxruntime-int8", "onnxruntime-f32", "transformers-int8", "transformers-f32"];

// SPDX-License-Identifier: Apache-2.0
// What this engine can do, found by trying: each WebAssembly feature by
// validating a module with the very opcodes that our variants use, threads by
// handing a shared buffer across. Nothing runs on import.

import { isNode } from "./environment.js";

// A function () -> v128 around the given instructions.
/** @param {number[]} instructions */
function validates(...instructions) {
  const body = [0, ...instructions, 0x0b];
  return WebAssembly.validate(Uint8Array.of(
    0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, // "\0asm", version 1
    1, 5, 1, 0x60, 0, 1, 0x7b, // type: () -> v128
    3, 2, 1, 0, // one function of it
    0x0a, body.length + 2, 1, body.length, ...body,
  ));
}

const zeroVector = [0x41, 0, 0xfd, 0x0f]; // i32.const 0, i8x16.splat

/**
 * @typedef {object} Features
 * @property {boolean} simd
 * @property {boolean} relaxedSimd
 * @property {boolean} threads a shared memory can be handed to a worker here
 * @property {string} threadsReason why not, or ""
 * @property {boolean} isNode
 * @property {number} processors logical ones
 */

/** @returns {Features} */
export function detectFeatures() {
  const threadsReason = whyNoThreads();
  return {
    // i8x16.popcnt came last of the opcodes that became standard.
    simd: validates(...zeroVector, 0xfd, 0x62),
    // i32x4.relaxed_dot_i8x16_i7x16_add_s. Engines exist that validate other
    // relaxed opcodes and not this one.
    relaxedSimd: validates(...zeroVector, ...zeroVector, ...zeroVector, 0xfd, 0x93, 0x02),
    threads: threadsReason === "",
    threadsReason,
    isNode: isNode(),
    processors: globalThis.navigator?.hardwareConcurrency ?? 1,
  };
}

/** @returns {string} "" if threads work here */
function whyNoThreads() {
  if (typeof SharedArrayBuffer === "undefined") return "there is no SharedArrayBuffer";
  if (!isNode() && globalThis.crossOriginIsolated !== true) {
    return "the page is not cross-origin isolated";
  }
  try {
    // WebKitGTK makes such a memory and then refuses to hand it to a worker.
    structuredClone(new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer);
    return "";
  } catch {
    return "shared memory cannot be handed to a worker";
  }
}

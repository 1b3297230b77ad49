// SPDX-License-Identifier: Apache-2.0
// One load at a time for one model: of two that want the same, one downloads and
// the other waits for what it stores. Across the tabs and workers of an origin by
// Web Locks, which end with the tab that holds them; where there are none, within
// this realm.

import { orAborted } from "./abort.js";

/** @type {Map<string, Promise<void>>} by key: settles when the last in line is done */
const lines = new Map();

/**
 * Waits until nobody holds the key's lock, and takes it.
 * @param {string} key
 * @param {AbortSignal} [signal] ends the waiting
 * @returns {Promise<() => void>} gives it back; idempotent
 */
export async function lockKey(key, signal) {
  const locks = /** @type {any} */ (globalThis.navigator)?.locks;
  if (typeof locks?.request !== "function") return lockHere(key, signal);
  try {
    return await new Promise((resolve, reject) => {
      const held = () => new Promise((release) => resolve(() => release(undefined)));
      locks.request(`simile:${key}`, { signal }, held).catch(reject);
    });
  } catch (error) {
    signal?.throwIfAborted();
    return lockHere(key, signal); // a page of no origin may use no locks
  }
}

/**
 * @param {string} key
 * @param {AbortSignal} [signal]
 */
async function lockHere(key, signal) {
  const before = lines.get(key) ?? Promise.resolve();
  /** @type {() => void} */
  let release = () => {};
  const mine = new Promise((resolve) => {
    release = () => resolve(undefined);
  });
  const line = before.then(() => mine).then(() => {
    if (lines.get(key) === line) lines.delete(key);
  });
  lines.set(key, line);
  try {
    await orAborted(before, signal);
  } catch (error) {
    release();
    throw error;
  }
  return release;
}

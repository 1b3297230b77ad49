// SPDX-License-Identifier: Apache-2.0
// Which instances of the module run: one for each variant, number of threads
// and place, shared by all models loaded alike, closed with its last model. An
// instance that crashed or failed to start is forgotten, so that the next load
// gets a fresh one.

import { orAborted } from "./abort.js";
import { Core } from "./core.js";

/** @typedef {import("./instantiate.js").CoreSettings} CoreSettings */

/**
 * @typedef {object} Entry
 * @property {Promise<Core>} starting
 * @property {Core} [core] once it runs
 * @property {number} users
 */

/** @type {Map<string, Entry>} */
const entries = new Map();

/**
 * @param {import("./instantiate.js").CoreSettings} settings
 * @param {AbortSignal} [signal] ends the waiting, not the start, for which
 *   another load may wait too
 * @returns {Promise<{ core: Core, moduleBytes: number, release: () => void }>} moduleBytes:
 *   fetched for this load, as far as known; release: idempotent
 */
export async function acquireCore(settings, signal) {
  const key = [settings.variant.name, settings.threads, settings.wasmUrl, settings.maxMemoryBytes].join();
  let entry = entries.get(key);
  const isNew = entry === undefined || entry.core?.isAlive === false;
  if (entry === undefined || isNew) {
    entry = startEntry(key, settings);
    entries.set(key, entry);
  }
  const held = entry;
  held.users += 1;
  let isReleased = false;
  const release = () => {
    if (isReleased) return;
    isReleased = true;
    held.users -= 1;
    if (held.users === 0) closeEntry(key, held);
  };
  try {
    const core = await orAborted(held.starting, signal);
    return { core, moduleBytes: isNew ? core.moduleBytes : 0, release };
  } catch (error) {
    release();
    throw error;
  }
}

/**
 * @param {string} key
 * @param {import("./instantiate.js").CoreSettings} settings
 */
function startEntry(key, settings) {
  /** @type {Entry} */
  const entry = { starting: Core.start(settings), users: 0 };
  entry.starting.then(
    (core) => void (entry.core = core),
    () => forget(key, entry),
  );
  return entry;
}

/** @param {string} key @param {Entry} entry */
function closeEntry(key, entry) {
  forget(key, entry);
  entry.starting.then((core) => core.close(), () => {});
}

/** @param {string} key @param {Entry} entry */
function forget(key, entry) {
  if (entries.get(key) === entry) entries.delete(key);
}

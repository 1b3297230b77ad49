// SPDX-License-Identifier: Apache-2.0
// How much memory a runtime takes that does not tell: its WebAssembly memories, as
// they are made, and what the browser says of the whole page.

// A thread that sleeps does not answer; browsers wait for it, Chromium for a minute.
const pageMeasureTimeoutMs = 90_000;

/** @type {{ owner: string, memory: WebAssembly.Memory }[]} */
const made = [];
/** @type {string | undefined} */
let owner;

/**
 * Counts the memories made from now on as `name`'s.
 * @param {string} name
 * @returns {() => number} the bytes of all that are its own
 */
export function trackMemories(name) {
  if (owner === undefined) {
    WebAssembly.Memory = new Proxy(WebAssembly.Memory, {
      construct(target, args) {
        const memory = Reflect.construct(target, args);
        made.push({ owner: /** @type {string} */ (owner), memory });
        return memory;
      },
    });
  }
  owner = name;
  return () => made.filter((one) => one.owner === name)
    .reduce((sum, { memory }) => sum + memory.buffer.byteLength, 0);
}

/** @returns {Promise<number | null>} bytes of page and workers; null where no one tells */
export async function measurePage() {
  const measure = /** @type {any} */ (performance).measureUserAgentSpecificMemory;
  if (!crossOriginIsolated || measure === undefined) return null;
  const timeout = new Promise((resolve) => setTimeout(resolve, pageMeasureTimeoutMs, null));
  const whole = measure.call(performance).then(({ bytes }) => bytes, () => null);
  return /** @type {Promise<number | null>} */ (Promise.race([whole, timeout]));
}

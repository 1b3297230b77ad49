// SPDX-License-Identifier: Apache-2.0
// What the page's parts need of the document.

/**
 * @param {string} id
 * @returns {any} an element that index.html has
 */
export const element = (id) => document.getElementById(id);

/** @param {string} id @param {string} text */
export function setText(id, text) {
  const target = element(id);
  // Not even the same text again: a screen reader might say it twice.
  if (target.textContent !== text) target.textContent = text;
}

/**
 * @param {string} name
 * @param {Record<string, string>} [attributes]
 * @param {...(Node | string)} children
 */
export function create(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/**
 * Lets the browser answer before what comes next.
 * @returns {Promise<void>}
 */
export function nextTask() {
  const { scheduler } = /** @type {any} */ (globalThis);
  return scheduler?.yield ? scheduler.yield() : new Promise((resolve) => setTimeout(resolve));
}

const sliceMs = 6;

/**
 * @template Item
 * @param {Iterable<Item>} items that take time to make
 * @returns {Promise<Item[]>} all, made in slices between which the browser may answer
 */
export async function collectInSlices(items) {
  const all = [];
  let end = performance.now() + sliceMs;
  for (const item of items) {
    all.push(item);
    if (performance.now() < end) continue;
    await nextTask();
    end = performance.now() + sliceMs;
  }
  return all;
}

/** Whether things may move. */
export const mayMove = () => !matchMedia("(prefers-reduced-motion: reduce)").matches;

/**
 * Lets the browser answer and draw before what comes next.
 * @returns {Promise<void>}
 */
export function nextFrame() {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, 100); // a hidden page gets no frames
    requestAnimationFrame(() => {
      clearTimeout(timer);
      setTimeout(resolve);
    });
  });
}

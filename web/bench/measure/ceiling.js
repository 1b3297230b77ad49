// SPDX-License-Identifier: Apache-2.0
// The ceiling: how fast this machine's best int8 micro-kernel multiplies matrices of
// the model's shapes in this page, and how near a forward pass comes to it.

// all-MiniLM-L6-v2: six layers of these products, [T, K] x [K, N].
const layers = 6;
const shapes = [
  { K: 384, N: 1152 }, // query, key and value
  { K: 384, N: 384 },
  { K: 384, N: 1536 },
  { K: 1536, N: 384 },
];

/** @param {number} tokens */
export const productOperations = (tokens) =>
  layers * shapes.reduce((sum, { K, N }) => sum + 2 * tokens * K * N, 0);

/** q·k and p·v @param {number} tokens */
export const attentionOperations = (tokens) => layers * 2 * 2 * tokens * tokens * 384;

/**
 * @param {string} variant
 * @returns {Promise<any | null>} null where the site has no such module
 */
export async function openProducts(variant) {
  const url = new URL(`../products/products-${variant}.js`, import.meta.url).href;
  if (!(await fetch(url, { method: "HEAD" }).catch(() => null))?.ok) return null;
  const { default: start } = await import(url);
  return start();
}

/**
 * @param {any} module of openProducts
 * @param {readonly number[]} lengths
 * @param {number} msEach
 * @returns {{ name: string, isExact: boolean, gops: Record<string, number> }[]} each
 *   kernel's rate over the products of one layer, by tokens
 */
export function measureKernels(module, lengths, msEach) {
  return Array.from({ length: module._kernel_count() }, (_, index) => {
    module._warm_up(index);
    const gops = lengths.map((tokens) => {
      const seconds = shapes.reduce((sum, { K, N }) =>
        sum + 2e-9 * tokens * K * N / module._product_gops(index, tokens, K, N, msEach), 0);
      return [tokens, productOperations(tokens) / layers / seconds / 1e9];
    });
    return {
      name: module.UTF8ToString(module._kernel_name(index)),
      isExact: module._kernel_is_exact(index) === 1,
      gops: Object.fromEntries(gops),
    };
  });
}

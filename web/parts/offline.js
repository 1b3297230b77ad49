// SPDX-License-Identifier: Apache-2.0
// Has the service worker keep everything that this page ran on, and tells when
// the page would work without a network.

const timeoutMs = 120_000;

/** Whether this browser, on this address, can keep a page. */
export const canKeep = () => "serviceWorker" in navigator && isSecureContext;

/**
 * Every file of the page and the package, the chosen variant's, and the model.
 * @param {string} variant
 * @param {string} [modelUrl] relative to the page; none if the package has cached it
 * @returns {Promise<number>} when they are kept: the variant's bytes, as they came
 *   over the network
 */
export async function keepForOffline(variant, modelUrl) {
  await navigator.serviceWorker.register("sw.js");
  const { active } = await navigator.serviceWorker.ready;
  const moduleFiles = [`simile/wasm/simile-${variant}.js`, `simile/wasm/simile-${variant}.wasm`];
  await ask(/** @type {ServiceWorker} */ (active), { keep: moduleFiles, model: modelUrl });
  const kept = await Promise.all(moduleFiles.map((file) => caches.match(file)));
  return kept.reduce((sum, response) => sum + Number(response?.headers.get("content-length") ?? 0), 0);
}

/**
 * @param {ServiceWorker} worker
 * @param {object} question
 * @returns {Promise<void>}
 */
function ask(worker, question) {
  return new Promise((resolve, reject) => {
    const { port1, port2 } = new MessageChannel();
    const timer = setTimeout(reject, timeoutMs, new Error("the service worker does not answer"));
    port1.onmessage = ({ data }) => {
      clearTimeout(timer);
      port1.close();
      if (data.error === undefined) resolve();
      else reject(new Error(data.error));
    };
    worker.postMessage(question, [port2]);
  });
}

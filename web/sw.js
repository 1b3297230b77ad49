// SPDX-License-Identifier: Apache-2.0
// The service worker: the network first, and where there is none, what was kept.
// A build's files are kept as one set, named by the build (offline.json lists
// them), so that old and new never mix. The package caches the model itself; where
// it could not, the model is kept here, apart, for it outlives builds.

const pagePrefix = "simile-page-";
const modelCache = "simile-page-model";
const networkTimeoutMs = 3000;

self.addEventListener("install", () => self.skipWaiting());

// The last page opened decides for its files too: they come from one place.
let servesKept = false;

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || new URL(request.url).origin !== location.origin) return;
  event.respondWith(request.mode === "navigate" ? openPage(request) : getFile(request));
});

/** @param {Request} request */
async function openPage(request) {
  try {
    const response = await beforeTimeout(fetch(request));
    servesKept = false;
    return response;
  } catch {
    servesKept = true;
    return await keptCopy(request, { ignoreSearch: true }) ?? fetch(request);
  }
}

/** @param {Request} request */
async function getFile(request) {
  const kept = () => keptCopy(request);
  if (servesKept) return await kept() ?? fetch(request);
  return fetch(request).catch(async (error) => {
    const copy = await kept();
    if (copy === undefined) throw error;
    return copy;
  });
}

/** @param {Request} request @param {CacheQueryOptions} [options] */
function keptCopy(request, options) {
  return caches.match(request, { ignoreVary: true, ...options });
}

/**
 * A network that does not answer is none: some browsers try for a minute.
 * @param {Promise<Response>} answer
 * @returns {Promise<Response>}
 */
function beforeTimeout(answer) {
  return new Promise((resolve, reject) => {
    setTimeout(reject, networkTimeoutMs, new Error("no answer"));
    answer.then(resolve, reject);
  });
}

self.addEventListener("message", (event) => {
  const [port] = event.ports;
  event.waitUntil(keep(event.data).then(
    () => port.postMessage({}),
    (error) => port.postMessage({ error: String(error) }),
  ));
});

/** @param {{ keep: string[], model?: string }} wanted addresses relative to this file */
async function keep({ keep: extra, model }) {
  const { version, files } = await (await fetch("offline.json", { cache: "no-cache" })).json();
  await keepPage(`${pagePrefix}${version}`, ["./", ...files, ...extra]);
  const old = (await caches.keys()).filter((name) =>
    name.startsWith(pagePrefix) && name !== modelCache && name !== `${pagePrefix}${version}`);
  await Promise.all(old.map((name) => caches.delete(name)));
  if (model !== undefined && await caches.match(model) === undefined) await (await caches.open(modelCache)).add(model);
}

/** @param {string} name @param {string[]} files */
async function keepPage(name, files) {
  const cache = await caches.open(name);
  const missing = [];
  for (const file of files) if (await cache.match(file) === undefined) missing.push(file);
  await cache.addAll(missing.map((file) => new Request(file, { cache: "no-cache" })));
}

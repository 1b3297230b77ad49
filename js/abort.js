// SPDX-License-Identifier: Apache-2.0
// Two things that an AbortSignal lacks: one of our own that follows another, and
// a promise that does not wait longer than its signal.

/**
 * @param {AbortSignal | undefined} followed
 */
export function linkedSignal(followed) {
  const controller = new AbortController();
  const abort = (/** @type {unknown} */ reason) => controller.abort(reason);
  const follow = () => abort(followed?.reason);
  if (followed?.aborted) follow();
  followed?.addEventListener("abort", follow);
  return {
    signal: controller.signal,
    abort,
    unlink: () => followed?.removeEventListener("abort", follow),
  };
}

/**
 * The promise, or the signal's reason if that comes first; the work goes on.
 * @template T
 * @param {Promise<T>} promise
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<T>}
 */
export function orAborted(promise, signal) {
  if (signal === undefined) return promise;
  if (signal.aborted) return Promise.reject(signal.reason);
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}

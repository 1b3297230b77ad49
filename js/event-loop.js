// SPDX-License-Identifier: Apache-2.0
// A turn of the event loop between two pieces of long work, so that an abort,
// a timer or a person's key press is seen. Not setTimeout: pages hold that back
// for 4 ms.

/** @returns {Promise<void>} */
export function nextTurn() {
  if (typeof setImmediate === "function") return new Promise((resolve) => setImmediate(resolve));
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

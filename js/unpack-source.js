// SPDX-License-Identifier: Apache-2.0
// What `load` was given, again, in the worker: see portable-source.js.

import { rebuiltError } from "./error-transfer.js";

/**
 * @param {import("./portable-source.js").PortableSource} portable
 * @param {() => Promise<import("./protocol.js").Fed>} pull
 * @returns {import("./open-model.js").ModelSource}
 */
export function unpackSource(portable, pull) {
  if (portable.kind === "whole") return portable.value;
  /** @type {ReadableStream<Uint8Array>} */
  const stream = new ReadableStream({
    async pull(controller) {
      const fed = await pull();
      if ("error" in fed) controller.error(fed.error.code ? rebuiltError(fed.error) : new Error(fed.error.message));
      else if ("isEnd" in fed) controller.close();
      else controller.enqueue(fed.chunk);
    },
  }, { highWaterMark: 0 });
  if (portable.kind === "stream") return stream;
  // No true Response: those refuse some statuses and have no url.
  const { hasBody, headers, ...head } = portable.head;
  const body = hasBody ? stream : null;
  return /** @type {any} */ ({ ...head, headers: new Headers(headers), body, bodyUsed: false });
}

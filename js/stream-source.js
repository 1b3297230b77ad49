// SPDX-License-Identifier: Apache-2.0
// A Response or a stream that `load` was given, across to a worker: it stays on the
// page, whose chunks are asked for one by one, in every engine alike, with the errors
// that it meets. Both sides fetch this file when there is such a source; it imports
// nothing, for the reason in core-tasks.js.

/**
 * The page's side.
 * @param {any} source a Response or a ReadableStream
 * @returns {{ portable: import("./portable-source.js").PortableSource,
 *   stream?: ReadableStream<Uint8Array> }} stream: whose chunks are to be fed
 */
export function packStream(source) {
  if (typeof source.getReader === "function") return { portable: { kind: "stream" }, stream: source };
  const { url, ok, status, statusText, body, bodyUsed } = source;
  const headers = /** @type {[string, string][]} */ ([...source.headers]);
  const hasBody = body !== null && !bodyUsed;
  return {
    portable: { kind: "response", head: { url, ok, status, statusText, headers, hasBody } },
    ...(hasBody && { stream: body }),
  };
}

/**
 * Sends a stream's chunks to a load, one whenever it is asked for.
 * @param {import("./worker-link.js").WorkerLink} link
 * @param {ReadableStream<Uint8Array>} stream
 * @param {typeof import("./error-transfer.js").plainError} plainError
 */
export function feeder(link, stream, plainError) {
  const reader = stream.getReader();
  return {
    cancel: (/** @type {unknown} */ reason) => void reader.cancel(reason).catch(() => {}),
    /** @param {number} id of the load */
    async next(id) {
      try {
        const { done, value: chunk } = await reader.read();
        link.tell("feed", done ? { id, isEnd: true } : { id, chunk });
      } catch (error) {
        link.tell("feed", { id, error: plainError(error) });
      }
    },
  };
}

/**
 * The worker's side: what `load` was given, again.
 * @param {Exclude<import("./portable-source.js").PortableSource, { kind: "whole" }>} portable
 * @param {() => Promise<import("./protocol.js").Fed>} pull
 * @param {typeof import("./error-transfer.js").rebuiltError} rebuiltError
 * @returns {import("./open-model.js").ModelSource}
 */
export function unpackStream(portable, pull, rebuiltError) {
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

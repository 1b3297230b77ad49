// SPDX-License-Identifier: Apache-2.0
// The worker's entry: a file of its own, which bundlers find by the URL in
// make-worker.js.

import { builtin, isNode } from "./environment.js";
import { serve } from "./worker-host.js";

serve(/** @type {any} */ (isNode() ? builtin("node:worker_threads").parentPort : globalThis));

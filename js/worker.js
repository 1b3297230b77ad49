// SPDX-License-Identifier: Apache-2.0
// The worker's entry: a file of its own, which bundlers find by the URL in
// make-worker.js.

import { isNode } from "./node-files.js";
import { workerPort } from "./node-worker.js";
import { serve } from "./worker-host.js";

serve(isNode() ? workerPort() : /** @type {any} */ (globalThis));

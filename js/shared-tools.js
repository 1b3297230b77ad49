// SPDX-License-Identifier: Apache-2.0
// What the parts that are fetched only when they are needed (convert.js and
// checkpoint-folder.js) use of what every page has. It is handed to them: whatever such
// a part imported, bundlers would put into a file of its own, for every page to fetch.

import { fetchFile } from "./download.js";
import { SimileError, wrapError } from "./errors.js";
import { nextTurn } from "./event-loop.js";
import { diskPath, openSource } from "./model-store.js";
import { streamInto } from "./stream-into.js";

export const sharedTools = { SimileError, diskPath, fetchFile, nextTurn, openSource, streamInto, wrapError };

/** @typedef {typeof sharedTools} SharedTools */

// SPDX-License-Identifier: Apache-2.0
// Tells a screen reader what changed, once typing has paused: a word for each key
// would drown the keys.

import { setText } from "./dom.js";

const pauseMs = 900;

/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/** @param {string} text replaces what is still waiting to be said */
export function announce(text) {
  clearTimeout(timer);
  timer = setTimeout(() => setText("announcement", text), pauseMs);
}

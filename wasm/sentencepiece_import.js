// SPDX-License-Identifier: Apache-2.0
// What the module imports for sentencepiece_bridge.cc: whatever JavaScript has put
// there by the time of the call (js/sentencepiece-part.js).

addToLibrary({
  callSentencepiece: (...args) => Module["callSentencepiece"](...args),
});

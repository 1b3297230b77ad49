// SPDX-License-Identifier: Apache-2.0
// Tells when a part of the page did not arrive: the module that would tell then
// does not run. A plain script in the head, so that it sees the module fail.

addEventListener("error", ({ target }) => {
  if (!(target instanceof HTMLScriptElement)) return;
  const tell = () => {
    const error = document.getElementById("error");
    error.textContent = navigator.onLine ? "A part of this page did not arrive. Please load the page again."
      : "There is no network, and this browser has not kept the page yet: it does on the first visit.";
    error.hidden = false;
    document.getElementById("loading").hidden = true;
    document.body.dataset.state = "error";
  };
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", tell);
  else tell();
}, true); // such events do not bubble

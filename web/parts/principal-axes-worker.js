// SPDX-License-Identifier: Apache-2.0
// Computes the map's axes beside the page, which must stay free to answer keys.

import { principalAxes, project } from "./principal-axes.js";

addEventListener("message", ({ data: { vectors, dims } }) => {
  const axes = principalAxes(vectors, dims);
  postMessage({ axes, points: project(vectors, axes) });
});

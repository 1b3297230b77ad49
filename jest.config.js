// SPDX-License-Identifier: Apache-2.0
// Two kinds of tests: of the package in Node, and of the page in real browsers.

/** @param {string} name */
const project = (name) => ({
  displayName: name,
  testMatch: [`<rootDir>/tests/${name}/**/*.test.js`],
  testEnvironment: "node",
  transform: {}, // ES modules as they are; node runs with --experimental-vm-modules
  modulePathIgnorePatterns: ["<rootDir>/build/", "<rootDir>/dist/"],
});

export default {
  projects: [project("js"), project("browser")],
  reporters: ["default", "<rootDir>/tests/js/reporter.js"],
  testTimeout: 60_000,
};

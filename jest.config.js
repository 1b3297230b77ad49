// SPDX-License-Identifier: Apache-2.0
// Three kinds of tests: of the package in Node, of the page in real browsers, and of
// the package as packed, in small apps.

/** @param {string} name */
const project = (name) => ({
  displayName: name,
  testMatch: [`<rootDir>/tests/${name}/**/*.test.js`],
  testEnvironment: "node",
  transform: {}, // ES modules as they are; node runs with --experimental-vm-modules
  modulePathIgnorePatterns: ["<rootDir>/build/", "<rootDir>/dist/", "<rootDir>/tests/package/fixtures/"],
});

export default {
  projects: [project("js"), project("browser"), project("package")],
  reporters: ["default", "<rootDir>/tests/js/reporter.js"],
  testTimeout: 60_000,
};

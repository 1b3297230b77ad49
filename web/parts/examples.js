// SPDX-License-Identifier: Apache-2.0
// The lists that are one click away, each with a line on what it is and queries
// worth trying.

import { helpDesk } from "../data/help-desk.js";
import { novels } from "../data/novels.js";
import { trickyPairs } from "../data/tricky-pairs.js";

/**
 * @typedef {object} Example
 * @property {string} id in the page's address: ?example=…
 * @property {string} title
 * @property {string} about
 * @property {readonly string[]} queries the first is shown with the list
 * @property {readonly string[]} sentences
 */

/** @type {readonly Example[]} */
export const examples = [
  {
    id: "three",
    title: "Three sentences",
    about: "The smallest test there is: one sentence, and two to compare it with.",
    queries: ["I love machine learning", "Monkeys eat fruit", "Computers that think"],
    sentences: ["Artificial intelligence is amazing", "Bananas are yellow"],
  },
  {
    id: "help-desk",
    title: "Help desk",
    about: "40 questions of a shop’s support page. Ask in your own words.",
    queries: ["My stuff never showed up", "I think I’ve been hacked", "jeans too small",
      "I want to talk to a person"],
    sentences: helpDesk,
  },
  {
    id: "novels",
    title: "Novels",
    about: "60 famous novels in one line each, without their titles. Which one was it again?",
    queries: ["a robot that thinks it is a person", "chasing a whale", "a magic school",
      "aliens attack", "being turned into a bug"],
    sentences: novels,
  },
  {
    id: "tricky",
    title: "Tricky pairs",
    about: "Same words with another meaning, other words with the same. It does not get them all right.",
    queries: ["Loans cost more these days", "an animal that hunts at night", "he died", "heavy rain",
      "I hated that movie"],
    sentences: trickyPairs,
  },
];

// SPDX-License-Identifier: Apache-2.0
// Sentences that share words but not meaning, or meaning but not words; among
// them some that small models get wrong. Written for this demo.

export const trickyPairs = [
  "The bank raised its interest rates.",
  "We had a picnic on the bank of the river.",
  "Borrowing money has become more expensive.",
  "The bat flew out of the cave at dusk.",
  "She swung the bat and missed the ball.",
  "A small flying mammal left its den in the evening.",
  "The film was so good that I saw it twice.",
  "The film was not good at all.",
  "I could not recommend this movie enough.",
  "A man bites a dog.",
  "A dog bites a man.",
  "The postman was attacked by a terrier.",
  "He kicked the bucket.",
  "He passed away last night.",
  "He knocked the pail over.",
  "It is raining cats and dogs.",
  "Cats and dogs do not get along.",
  "Take an umbrella, it is pouring outside.",
  "My car will not start.",
  "The engine of my vehicle is dead.",
  "I will not start without my car keys.",
  "Turn the volume up.",
  "Make it louder, please.",
  "She turned up an hour late.",
];

// SPDX-License-Identifier: Apache-2.0
// Sentencepiece models small enough to be written in a test: the protocol buffer
// that ModelProto is, field by field.

/** What a piece can be (ModelProto.SentencePiece.Type). */
export const pieceTypes = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 };

/** @typedef {[text: string, score: number, type?: number]} Piece */

/** @param {number} value */
function varint(value) {
  const bytes = [];
  for (; value >= 0x80; value = Math.floor(value / 0x80)) bytes.push((value % 0x80) | 0x80);
  return [...bytes, value];
}

/** @param {number} number @param {Iterable<number>} content */
function field(number, content) {
  const bytes = [...content];
  return [...varint(number * 8 + 2), ...varint(bytes.length), ...bytes];
}

/** @param {Piece} piece */
function pieceMessage([text, score, type = pieceTypes.normal]) {
  const float = new Uint8Array(Float32Array.of(score).buffer);
  return [...field(1, new TextEncoder().encode(text)), 2 * 8 + 5, ...float, 3 * 8, type];
}

/**
 * @param {readonly Piece[]} pieces
 * @param {{ isBpe?: boolean }} [options]
 * @returns {Uint8Array} without a map of characters: they stay as they are
 */
export function sentencepieceModel(pieces, { isBpe = false } = {}) {
  return Uint8Array.from([
    ...pieces.flatMap((piece) => field(1, pieceMessage(piece))),
    ...field(2, [3 * 8, isBpe ? 2 : 1]),
  ]);
}

/** As XLM-R's begin, with the words that tiny checkpoints know. @type {readonly Piece[]} */
export const tinyPieces = [
  ["<unk>", 0, pieceTypes.unknown], ["<s>", 0, pieceTypes.control], ["</s>", 0, pieceTypes.control],
  ["▁the", -1], ["▁cat", -2], ["▁dog", -2], ["▁sat", -3], ["▁on", -3], ["▁mat", -3], ["▁a", -2], ["s", -2], ["▁", -4],
];

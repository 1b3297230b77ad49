# SPDX-License-Identifier: Apache-2.0
"""Makes the golden vectors and hidden states with the reference implementation.

    python tests/golden/make_vectors.py CHECKPOINT

CHECKPOINT is all-MiniLM-L6-v2 in f32, laid out as on the Hugging Face Hub.
Reads texts.txt; writes vectors.json and hidden_states.inc beside it. README.md
has the formats and the versions to install. Golden values are never made anew
in the change that makes a test pass.
"""

import argparse
import base64
import hashlib
import json
import pathlib
import platform

import numpy as np
import sentence_transformers
import torch
import transformers

HERE = pathlib.Path(__file__).parent
SENTENCES = [
    "I love machine learning",
    "Artificial intelligence is amazing",
    "Bananas are yellow",
]
# Of those sentences: first with second, first with third, second with third.
COSINES = [0.661568, 0.089044, 0.075511]
TOKENS_KEPT = 2  # of each text's hidden states: [CLS] and the first word's
FIXED_POINT = 32767  # a value of a unit vector as an int16


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def versions():
    return {
        "python": platform.python_version(),
        "sentence-transformers": sentence_transformers.__version__,
        "transformers": transformers.__version__,
        "torch": torch.__version__,
    }


def vectors_document(model, checkpoint):
    texts = (HERE / "texts.txt").read_bytes().decode("utf-8").split("\n")
    if texts and texts[-1] == "":
        texts.pop()
    # One at a time, so that no padding takes part.
    vectors = model.encode(texts, batch_size=1).astype(np.float64)
    fixed = np.rint(vectors * FIXED_POINT).astype("<i2")
    sentences = model.encode(SENTENCES, batch_size=1)
    cosines = [float(sentences[a] @ sentences[b]) for a, b in ((0, 1), (0, 2), (1, 2))]
    if not np.allclose(cosines, COSINES, atol=1e-6):
        raise SystemExit(f"not the reference: cosines {cosines}, expected {COSINES}")
    return {
        "made_by": "tests/golden/make_vectors.py",
        "versions": versions(),
        "model_sha256": sha256(checkpoint / "model.safetensors"),
        "texts_sha256": sha256(HERE / "texts.txt"),
        "count": len(texts),
        "dims": vectors.shape[1],
        "fixed_point": FIXED_POINT,
        "sentences": SENTENCES,
        "cosines": [round(c, 6) for c in cosines],
        "vectors": [base64.b64encode(row.tobytes()).decode("ascii") for row in fixed],
    }


def hidden_states(model):
    """Token ids of each sentence, and states [texts, layers + 1, kept, H]."""
    ids, states = [], []
    bert = model[0].auto_model
    with torch.inference_mode():
        for text in SENTENCES:
            inputs = model.tokenizer(text, return_tensors="pt")
            out = bert(**inputs, output_hidden_states=True)
            ids.append(inputs["input_ids"][0].tolist())
            states.append([h[0, :TOKENS_KEPT].tolist() for h in out.hidden_states])
    return ids, np.array(states)


def row_lines(values, per_line=12):
    for i in range(0, len(values), per_line):
        yield ",".join(f"{v:.6f}" for v in values[i : i + per_line]) + ","


def hidden_states_inc(model, checkpoint):
    ids, states = hidden_states(model)
    offsets = np.cumsum([0] + [len(i) for i in ids])
    texts, depth, kept, hidden = states.shape
    quoted = ", ".join(json.dumps(t) for t in SENTENCES)
    lines = [
        "// SPDX-License-Identifier: Apache-2.0",
        "// Made by make_vectors.py from the f32 checkpoint with sha256",
        f"// {sha256(checkpoint / 'model.safetensors')}; see README.md.",
        f"constexpr const char* kGoldenTexts[{texts}] = {{{quoted}}};",
        f"constexpr uint32_t kGoldenIds[] = {{{', '.join(str(i) for row in ids for i in row)}}};",
        f"constexpr uint32_t kGoldenOffsets[] = {{{', '.join(map(str, offsets))}}};",
        "// [text][after the embeddings, after each layer][token][H]",
        f"constexpr float kGoldenStates[{texts}][{depth}][{kept}][{hidden}] = {{",
    ]
    for text in states:
        lines.append("{")
        for layer in text:
            lines.append("{")
            for token in layer:
                lines += ["{", *row_lines(token), "},"]
            lines.append("},")
        lines.append("},")
    return "\n".join([*lines, "};", ""])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("checkpoint", type=pathlib.Path)
    checkpoint = parser.parse_args().checkpoint
    torch.set_num_threads(1)
    model = sentence_transformers.SentenceTransformer(str(checkpoint), device="cpu")
    document = vectors_document(model, checkpoint)
    (HERE / "vectors.json").write_text(json.dumps(document, indent=1) + "\n")
    (HERE / "hidden_states.inc").write_text(hidden_states_inc(model, checkpoint))
    print(f"{document['count']} vectors, cosines {document['cosines']}")


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: Apache-2.0
"""Makes model_vectors/NAME.json: the vectors that sentence-transformers computes
with real checkpoints, one text at a time, in f32.

    python tests/golden/make_model_vectors.py FOLDER [NAME...]

FOLDER holds the checkpoints as `npm run models -- all` puts them into the cache
folder (`models`). README.md has the format and the versions to install. Golden
values are never made anew in the change that makes a test pass.
"""

import base64
import hashlib
import json
import pathlib
import sys

import numpy as np
import sentence_transformers
import tokenizers
import torch
import transformers

HERE = pathlib.Path(__file__).parent
FIXED_POINT = 32767  # a value of a unit vector as an int16
ENGLISH = "texts.txt"

# Of each model: [file, from, to, step] of its lines; names of its prompts in turn.
MODELS = {
    "bge-small-en-v1.5": {"texts": [[ENGLISH, 0, 1000, 7]], "prompts": [None, "query"]},
    "e5-small-v2": {"texts": [[ENGLISH, 1, 1000, 7]], "prompts": ["query", "passage"]},
    "paraphrase-minilm-l3-v2": {"texts": [[ENGLISH, 2, 1000, 7]], "prompts": [None]},
    "all-mpnet-base-v2": {"texts": [[ENGLISH, 3, 1000, 10]], "prompts": [None]},
    "bge-small-zh-v1.5": {"texts": [["texts_chinese.txt", 0, 200, 1], [ENGLISH, 4, 1000, 90]], "prompts": [None, "query"]},
    "multilingual-e5-small": {"texts": [["texts_multilingual.txt", 0, 200, 1], ["texts_chinese.txt", 0, 200, 5], [ENGLISH, 5, 1000, 20]],
                              "prompts": ["query", "passage"]},
    "flan-t5-small-titler": {"texts": [[ENGLISH, 6, 1000, 10]], "prompts": [None]},
    "smollm2-135m-instruct": {"texts": [[ENGLISH, 7, 1000, 15], ["texts_code.txt", 0, 200, 1]], "prompts": [None], "also": "mean"},
}


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def lines_of(name):
    return (HERE / name).read_bytes().decode("utf-8").rstrip("\n").split("\n")


def texts_of(ranges):
    return [text for name, begin, end, step in ranges for text in lines_of(name)[begin:end:step]]


def ids_of(folder, texts, max_tokens):
    """What tokenizer.json says, which is the reference for ids."""
    tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_tokens)
    return [tokenizer.encode(text).ids for text in texts]


def fixed(vectors):
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return [base64.b64encode(row.tobytes()).decode("ascii") for row in np.rint(unit * FIXED_POINT).astype("<i2")]


def encode(model, texts, prompts):
    return np.stack([
        model.encode(text, prompt_name=prompts[i % len(prompts)], batch_size=1).astype(np.float64)
        for i, text in enumerate(texts)
    ])


def document(name, folder):
    recipe = MODELS[name]
    model = sentence_transformers.SentenceTransformer(str(folder), device="cpu", model_kwargs={"dtype": torch.float32})
    texts = texts_of(recipe["texts"])
    ids = ids_of(folder, texts, model.max_seq_length)
    for text, expected in zip(texts, ids):
        found = model.tokenizer(text, truncation=True, max_length=model.max_seq_length)["input_ids"]
        if found != expected:
            raise SystemExit(f"{name}: the reference's tokenizer is not tokenizer.json's for {text!r}: {found} {expected}")
    vectors = encode(model, texts, recipe["prompts"])
    result = {
        "made_by": "tests/golden/make_model_vectors.py",
        "versions": {
            "sentence-transformers": sentence_transformers.__version__,
            "transformers": transformers.__version__,
            "tokenizers": tokenizers.__version__,
            "torch": torch.__version__.split("+")[0],
        },
        "model": name,
        "model_sha256": sha256((folder / "model.safetensors").read_bytes()),
        "texts": recipe["texts"],
        "texts_sha256": sha256("\n".join(texts).encode("utf-8")),
        "prompts": recipe["prompts"],
        "ids_sha256": sha256(json.dumps(ids, separators=(",", ":")).encode()),
        "norms": [round(float(np.linalg.norm(v)), 5) for v in vectors[:3]],
        "dims": vectors.shape[1],
        "fixed_point": FIXED_POINT,
        "vectors": fixed(vectors),
    }
    if "also" in recipe:
        model[1].pooling_mode = recipe["also"]
        result["also"] = {"pooling": recipe["also"], "vectors": fixed(encode(model, texts[:30], recipe["prompts"]))}
    return result


def main(folder, *names):
    torch.set_num_threads(1)
    (HERE / "model_vectors").mkdir(exist_ok=True)
    for name in names or MODELS:
        found = document(name, pathlib.Path(folder) / name)
        path = HERE / "model_vectors" / f"{name}.json"
        path.write_text(json.dumps(found, indent=0) + "\n")
        print(f"{name}: {len(found['vectors'])} texts, norms {found['norms']}, {path.stat().st_size} bytes", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])

# SPDX-License-Identifier: Apache-2.0
"""Makes tiny_models/*.json: small checkpoints of each architecture, and what the
reference implementation computes with them.

    python tests/golden/make_tiny_models.py [NAME...]

A file holds no weights but, for each tensor, name, shape, base and scale: value
`index` is base + scale * hashed(name, index), in double precision, rounded to
float (README.md has the hash). So a test makes the checkpoint itself. Names are
those that checkpoints on the Hub have, not always transformers' own.
Needs the versions that README.md says. Golden values are never made anew in the
change that makes a test pass.
"""

import json
import pathlib
import random
import sys

import numpy as np
import sentence_transformers
import torch
import transformers
from sentence_transformers.sentence_transformer.modules import Dense, Pooling

from tiny_architectures import ARCHITECTURES

HERE = pathlib.Path(__file__).parent
SEED = 20261124
POOLINGS = ["cls", "lasttoken", "max", "mean", "mean_sqrt_len_tokens", "weightedmean"]


def hashed(name, count):
    """`count` values in [-0.5, 0.5), multiples of 2^-24, that depend on the name."""
    h = 0x811C9DC5
    for byte in name.encode("utf-8"):
        h = ((h ^ byte) * 0x01000193) & 0xFFFFFFFF
    x = (np.uint64(h) + np.arange(count, dtype=np.uint64) * np.uint64(2654435761)) & np.uint64(0xFFFFFFFF)
    x ^= x >> np.uint64(16)
    x = (x * np.uint64(0x85EBCA6B)) & np.uint64(0xFFFFFFFF)
    x ^= x >> np.uint64(13)
    x = (x * np.uint64(0xC2B2AE35)) & np.uint64(0xFFFFFFFF)
    x ^= x >> np.uint64(16)
    return (x >> np.uint64(8)).astype(np.float64) / 2.0**24 - 0.5


def base_and_scale(name, shape):
    """Such that hidden states stay near 1 and attention is not flat."""
    if len(shape) == 1 and name.endswith("weight"):
        return 1.0, 0.5  # a norm's gain
    if len(shape) == 1:
        return 0.0, 0.4
    if "relative_attention_bias" in name:
        return 0.0, 3.0
    if "embed" in name or name == "shared.weight":
        return 0.0, 2.5
    return 0.0, round(4.0 / shape[1] ** 0.5, 3)


def tensor_values(name, shape, base, scale):
    values = base + scale * hashed(name, int(np.prod(shape)))
    return torch.from_numpy(values.astype(np.float32).reshape(shape))


def set_weights(model, to_hub):
    """Gives every parameter its values; returns the tensors of the checkpoint.

    to_hub(state) is {Hub's name: tensor of the right shape} from a state dict;
    its inverse is had by writing into those very tensors.
    """
    state = {name: value for name, value in model.state_dict().items() if value.is_floating_point()}
    listed = []
    with torch.no_grad():
        for name, parts in to_hub(state).items():
            shape = [sum(p.shape[0] for p in parts), *parts[0].shape[1:]]
            base, scale = base_and_scale(name, shape)
            values = tensor_values(name, shape, base, scale)
            for part, block in zip(parts, values.split([p.shape[0] for p in parts])):
                part.copy_(block)
            listed.append([name, shape, base, scale])
    return listed


def stages(model, architecture, inputs):
    """Hidden states after the embeddings, after each layer, and at the end."""
    found = []
    hooks = [
        module.register_forward_hook(
            lambda _m, _i, out: found.append(out[0] if isinstance(out, tuple) else out))
        for module in [architecture.embeddings(model), *architecture.layers(model)]
    ]
    with torch.inference_mode():
        last = model(**inputs)[0]
    for hook in hooks:
        hook.remove()
    return [state[0].numpy() for state in found], last


def text_ids(architecture, rng, length):
    body = [rng.randrange(8, architecture.vocabulary) for _ in range(length)]
    return [*architecture.before, *body, *architecture.after]


def pooled(states, mode):
    features = {
        "token_embeddings": states,
        "attention_mask": torch.ones(states.shape[:2], dtype=torch.long),
    }
    layer = Pooling(states.shape[2], pooling_mode=mode)
    return layer(features)["sentence_embedding"]


def rounded(array, digits=5):
    return np.round(np.asarray(array, dtype=np.float64), digits).tolist()


def encoder_document(architecture):
    torch.manual_seed(SEED)
    model = architecture.model().eval().float()
    document = {"folder": dict(architecture.folder), "tensors": {"model.safetensors": set_weights(model, architecture.to_hub)}}
    dense = None
    if architecture.dense:
        size_in, size_out, activation = architecture.dense
        dense = Dense(size_in, size_out, bias=False, activation_function=activation)
        document["tensors"]["2_Dense/model.safetensors"] = set_weights(dense, lambda s: {n: [t] for n, t in s.items()})
    rng = random.Random(SEED)
    document["texts"], document["states"], document["vectors"] = [], [], {mode: [] for mode in architecture.poolings}
    for length in architecture.lengths:
        ids = text_ids(architecture, rng, length)
        found, last = stages(model, architecture, {"input_ids": torch.tensor([ids])})
        document["texts"].append(ids)
        document["states"].append([rounded(state) for state in [*found, last[0].numpy()]])
        for mode in architecture.poolings:
            vector = pooled(last, mode)
            if dense is not None:
                vector = dense({"sentence_embedding": vector})["sentence_embedding"]
            document["vectors"][mode].append(rounded(vector[0].detach().numpy(), 6))
    return document


def classifier_document(architecture):
    torch.manual_seed(SEED)
    model = architecture.model().eval().float()
    document = {"folder": dict(architecture.folder), "tensors": {"model.safetensors": set_weights(model, architecture.to_hub)}}
    rng = random.Random(SEED)
    document["texts"], document["types"], document["logits"] = [], [], []
    for first, second in ((1, 2), (4, 9), (9, 20)):
        query = text_ids(architecture, rng, first)
        passage = [*text_ids(architecture, rng, second)[len(architecture.before):]]
        ids, types = query + passage, [0] * len(query) + [1] * len(passage)
        with torch.inference_mode():
            logits = model(input_ids=torch.tensor([ids]), token_type_ids=torch.tensor([types])).logits[0]
        document["texts"].append(ids)
        document["types"].append(types)
        document["logits"].append(rounded(logits.numpy(), 6))
    return document


def main(names):
    torch.set_num_threads(1)
    for name, architecture in ARCHITECTURES.items():
        if names and name not in names:
            continue
        make = classifier_document if architecture.is_classifier else encoder_document
        document = {
            "made_by": "tests/golden/make_tiny_models.py",
            "versions": {
                "transformers": transformers.__version__,
                "sentence-transformers": sentence_transformers.__version__,
                "torch": torch.__version__.split("+")[0],
            },
            "special": {"before": architecture.before, "after": architecture.after},
            **make(architecture),
        }
        lines = ",\n".join(f" {json.dumps(key)}: {json.dumps(value, separators=(',', ':'))}" for key, value in document.items())
        path = HERE / "tiny_models" / f"{name}.json"
        path.write_text(f"{{\n{lines}\n}}\n")
        count = sum(int(np.prod(t[1])) for listed in document["tensors"].values() for t in listed)
        print(f"{name}: {count * 4} bytes of weights, {path.stat().st_size} bytes of goldens")


if __name__ == "__main__":
    main(sys.argv[1:])

# SPDX-License-Identifier: Apache-2.0
"""The architectures of make_tiny_models.py: config.json as on the Hub, the
reference's model, how its parameters are named in checkpoints, where its layers
are, and how a sentence-transformers folder goes on behind it."""

import dataclasses
import re
from typing import Callable

import torch
import transformers as tf

VOCABULARY = 160
BERT_SPECIAL = dict(before=[2], after=[3])  # [CLS], [SEP]
NO_SPECIAL = dict(before=[], after=[])


def unchanged(state):
    return {name: [tensor] for name, tensor in state.items()}


def renamed(*pairs, drop=()):
    """Hub's names by regular expressions; what matches `drop` is in no checkpoint."""
    def to_hub(state):
        result = {}
        for name, tensor in state.items():
            if any(re.search(pattern, name) for pattern in drop):
                continue
            for pattern, replacement in pairs:
                name = re.sub(pattern, replacement, name)
            result[name] = [tensor]
        return result
    return to_hub


def nomic_names(state):
    """One Wqkv for three matrices; layers under `encoder`."""
    rename = renamed(
        (r"^layers\.", "encoder.layers."), (r"^embeddings\.LayerNorm", "emb_ln"),
        (r"self_attn\.o_proj", "attn.out_proj"), (r"self_attn\.([qkv])_proj", r"attn.Wqkv.\1"),
        (r"mlp\.up_proj", "mlp.fc11"), (r"mlp\.gate_proj", "mlp.fc12"), (r"mlp\.down_proj", "mlp.fc2"),
        (r"post_attention_layernorm", "norm1"), (r"post_mlp_layernorm", "norm2"))
    result = {}
    for name, parts in rename(state).items():
        joined = re.sub(r"Wqkv\.[qkv]\.", "Wqkv.", name)
        result.setdefault(joined, []).extend(parts)
    return result


@dataclasses.dataclass
class Architecture:
    config: dict
    model: Callable
    embeddings: Callable
    layers: Callable
    before: list
    after: list
    to_hub: Callable = unchanged
    poolings: tuple = ("mean",)
    dense: tuple | None = None
    is_classifier: bool = False
    is_normalized: bool = True
    vocabulary: int = VOCABULARY
    lengths: tuple = (1, 7, 18)
    hidden: int = 32

    @property
    def folder(self):
        """The small files of the Hub's folder. Tests choose among the poolings."""
        if self.is_classifier:
            return {"config.json": self.config}
        types = ["Transformer", "Pooling", *(["Dense"] if self.dense else []), *(["Normalize"] if self.is_normalized else [])]
        modules = [{"idx": i, "name": str(i), "path": f"{i}_{kind}" if i else "", "type": f"sentence_transformers.models.{kind}"}
                   for i, kind in enumerate(types)]
        modes = {"cls": "cls_token", "mean": "mean_tokens", "max": "max_tokens", "mean_sqrt_len_tokens": "mean_sqrt_len_tokens",
                 "weightedmean": "weightedmean_tokens", "lasttoken": "lasttoken"}
        pooling = {"word_embedding_dimension": self.hidden,
                   **{f"pooling_mode_{key}": mode == self.poolings[0] for mode, key in modes.items()}, "include_prompt": True}
        files = {"config.json": self.config, "modules.json": modules, "1_Pooling/config.json": pooling,
                 "sentence_bert_config.json": {"max_seq_length": 48, "do_lower_case": False}}
        if self.dense:
            activation = type(self.dense[2])
            files["2_Dense/config.json"] = {
                "in_features": self.dense[0], "out_features": self.dense[1], "bias": False,
                "activation_function": f"{activation.__module__}.{activation.__name__}"}
        return files


def bert_config(**more):
    return {"architectures": ["BertModel"], "model_type": "bert", "hidden_size": 32, "num_hidden_layers": 3,
            "num_attention_heads": 4, "intermediate_size": 64, "hidden_act": "gelu", "layer_norm_eps": 1e-12,
            "max_position_embeddings": 48, "position_embedding_type": "absolute", "type_vocab_size": 2,
            "vocab_size": VOCABULARY, "pad_token_id": 0, **more}


def from_config(model_class, config_class, config, **options):
    known = {k: v for k, v in config.items() if k not in ("architectures", "position_embedding_type")}
    return lambda: model_class(config_class(**known, attn_implementation="eager"), **options)


def bert(act, poolings=("mean",), **more):
    config = bert_config(hidden_act=act, **more)
    return Architecture(
        config=config, model=from_config(tf.BertModel, tf.BertConfig, config, add_pooling_layer=False),
        embeddings=lambda m: m.embeddings, layers=lambda m: m.encoder.layer, poolings=poolings, **BERT_SPECIAL)


def cross_encoder(labels):
    config = bert_config(architectures=["BertForSequenceClassification"], num_hidden_layers=2,
                         id2label={str(i): f"LABEL_{i}" for i in range(labels)},
                         label2id={f"LABEL_{i}": i for i in range(labels)})
    known = {**config, "id2label": {i: f"LABEL_{i}" for i in range(labels)}}
    return Architecture(
        config=config, model=from_config(tf.BertForSequenceClassification, tf.BertConfig, known),
        embeddings=None, layers=None, is_classifier=True, **BERT_SPECIAL)


def distilbert():
    config = {"architectures": ["DistilBertModel"], "model_type": "distilbert", "dim": 32, "hidden_dim": 64, "n_heads": 4,
              "n_layers": 3, "activation": "gelu", "max_position_embeddings": 48, "vocab_size": VOCABULARY,
              "sinusoidal_pos_embds": False, "pad_token_id": 0}
    return Architecture(
        config=config, model=from_config(tf.DistilBertModel, tf.DistilBertConfig, config),
        embeddings=lambda m: m.embeddings, layers=lambda m: m.transformer.layer, **BERT_SPECIAL)


def nomic_bert():
    hub = {"architectures": ["NomicBertModel"], "model_type": "nomic_bert", "activation_function": "swiglu", "causal": False,
           "n_embd": 32, "n_head": 2, "n_inner": 64, "n_layer": 3, "n_positions": 64, "max_trained_positions": 64,
           "layer_norm_epsilon": 1e-12, "prenorm": False, "qkv_proj_bias": False, "mlp_fc1_bias": False, "mlp_fc2_bias": False,
           "parallel_block": False, "rotary_emb_base": 1000, "rotary_emb_fraction": 1.0, "rotary_emb_interleaved": False,
           "rotary_emb_scale_base": None, "rotary_scaling_factor": None, "type_vocab_size": 2, "use_rms_norm": False,
           "vocab_size": VOCABULARY, "pad_vocab_size_multiple": 64}
    own = {"hidden_size": 32, "num_attention_heads": 2, "intermediate_size": 64, "num_hidden_layers": 3,
           "max_position_embeddings": 64, "layer_norm_eps": 1e-12, "type_vocab_size": 2, "vocab_size": VOCABULARY,
           "rope_parameters": {"rope_type": "default", "rope_theta": 1000.0}, "hidden_act": "silu"}
    return Architecture(
        config=hub, model=from_config(tf.NomicBertModel, tf.NomicBertConfig, own), to_hub=nomic_names,
        embeddings=lambda m: m.embeddings, layers=lambda m: m.layers, **BERT_SPECIAL)


def modern_bert():
    config = {"architectures": ["ModernBertModel"], "model_type": "modernbert", "hidden_size": 32, "intermediate_size": 48,
              "num_hidden_layers": 4, "num_attention_heads": 2, "hidden_activation": "gelu", "max_position_embeddings": 64,
              "norm_eps": 1e-5, "norm_bias": False, "attention_bias": False, "mlp_bias": False, "vocab_size": VOCABULARY,
              "global_attn_every_n_layers": 3, "local_attention": 8, "global_rope_theta": 160000.0, "local_rope_theta": 10000.0,
              "pad_token_id": 0, "cls_token_id": 2, "sep_token_id": 3, "bos_token_id": 2, "eos_token_id": 3}
    return Architecture(
        config=config, model=from_config(tf.ModernBertModel, tf.ModernBertConfig, config), lengths=(1, 7, 20),
        embeddings=lambda m: m.embeddings, layers=lambda m: m.layers, poolings=("cls", "mean"), **BERT_SPECIAL)


def decoder(kind, **more):
    model_class, config_class = {"qwen3": (tf.Qwen3Model, tf.Qwen3Config), "llama": (tf.LlamaModel, tf.LlamaConfig)}[kind]
    config = {"architectures": [f"{kind.capitalize()}ForCausalLM"], "model_type": kind, "hidden_size": 32, "intermediate_size": 64,
              "num_hidden_layers": 3, "num_attention_heads": 4, "num_key_value_heads": 2, "hidden_act": "silu",
              "max_position_embeddings": 64, "rms_norm_eps": 1e-6, "rope_theta": 10000.0, "attention_bias": False,
              "tie_word_embeddings": True, "vocab_size": VOCABULARY, **more}
    return Architecture(
        config=config, model=from_config(model_class, config_class, config), poolings=("lasttoken", "mean", "weightedmean"),
        embeddings=lambda m: m.embed_tokens, layers=lambda m: m.layers,
        before=[], after=[1] if kind == "qwen3" else [])


def t5(projection, dense):
    config = {"architectures": ["T5EncoderModel"], "model_type": "t5", "d_model": 32, "d_kv": 16, "d_ff": 48, "num_layers": 3,
              "num_heads": 4, "feed_forward_proj": projection, "layer_norm_epsilon": 1e-6, "relative_attention_num_buckets": 8,
              "relative_attention_max_distance": 16, "vocab_size": VOCABULARY, "is_encoder_decoder": True, "pad_token_id": 0,
              "eos_token_id": 1, "tie_word_embeddings": True}
    return Architecture(
        config=config, model=from_config(tf.T5EncoderModel, tf.T5Config, config),
        to_hub=renamed(drop=[r"^encoder\.embed_tokens"]), embeddings=lambda m: m.encoder.embed_tokens, layers=lambda m: m.encoder.block,
        dense=dense, lengths=(1, 7, 24), before=[], after=[1])


def mpnet():
    config = {"architectures": ["MPNetForMaskedLM"], "model_type": "mpnet", "hidden_size": 32, "num_hidden_layers": 3,
              "num_attention_heads": 4, "intermediate_size": 64, "hidden_act": "gelu", "layer_norm_eps": 1e-5,
              "max_position_embeddings": 50, "relative_attention_num_buckets": 32, "vocab_size": VOCABULARY, "pad_token_id": 1,
              "bos_token_id": 0, "eos_token_id": 2}
    return Architecture(
        config=config, model=from_config(tf.MPNetModel, tf.MPNetConfig, config, add_pooling_layer=False),
        embeddings=lambda m: m.embeddings, layers=lambda m: m.encoder.layer, before=[0], after=[2])


def xlm_roberta():
    config = {"architectures": ["XLMRobertaModel"], "model_type": "xlm-roberta", "hidden_size": 32, "num_hidden_layers": 3,
              "num_attention_heads": 4, "intermediate_size": 64, "hidden_act": "gelu", "layer_norm_eps": 1e-5,
              "max_position_embeddings": 50, "position_embedding_type": "absolute", "type_vocab_size": 1,
              "vocab_size": VOCABULARY, "pad_token_id": 1, "bos_token_id": 0, "eos_token_id": 2}
    return Architecture(
        config=config, model=from_config(tf.XLMRobertaModel, tf.XLMRobertaConfig, config, add_pooling_layer=False),
        embeddings=lambda m: m.embeddings, layers=lambda m: m.encoder.layer, before=[0], after=[2])


ARCHITECTURES = {
    "bert-gelu-new": bert("gelu_new", ("mean", "cls", "lasttoken", "max", "mean_sqrt_len_tokens", "weightedmean")),
    "bert-relu": bert("relu", ("cls",)),
    "distilbert": distilbert(),
    "nomic-bert": nomic_bert(),
    "modernbert": modern_bert(),
    "mpnet": mpnet(),
    "xlm-roberta": xlm_roberta(),
    "t5-relu": t5("relu", (32, 24, torch.nn.Identity())),
    "t5-gated-gelu": t5("gated-gelu", (32, 24, torch.nn.Tanh())),
    "qwen3": decoder("qwen3", head_dim=16),
    "llama": decoder("llama"),
    "cross-encoder-1": cross_encoder(1),
    "cross-encoder-3": cross_encoder(3),
}

"""Every class and function that the configuration of a model of dlcli names.

A `.keras` file that names anything else is not of dlcli's making, see `dlcli.artifacts.contents`.
`tests/artifacts/test_known_names.py` builds every family with every option and compares.
"""

from __future__ import annotations

# the module that Keras writes beside a name -> the names
# fmt: off
KNOWN: dict[str | None, frozenset[str]] = {
    None: frozenset({"__keras_tensor__", "__slice__"}),
    "dlcli.layers.attention_pooling": frozenset({"AttentionPooling (dlcli>AttentionPooling)"}),
    "dlcli.layers.character_tokens": frozenset({"CharacterTokens (dlcli>CharacterTokens)"}),
    "dlcli.layers.filled_gaps": frozenset({"FilledGaps (dlcli>FilledGaps)"}),
    "dlcli.layers.last_step": frozenset({"LastStep (dlcli>LastStep)"}),
    "dlcli.layers.local_response_normalization": frozenset(
        {"LocalResponseNormalization (dlcli>LocalResponseNormalization)"}
    ),
    "dlcli.layers.pooled_steps": frozenset({"PooledSteps (dlcli>PooledSteps)"}),
    "dlcli.layers.positions": frozenset({"Positions (dlcli>Positions)"}),
    "dlcli.layers.present_steps": frozenset({"PresentSteps (dlcli>PresentSteps)"}),
    "dlcli.layers.reverse_steps": frozenset({"ReverseSteps (dlcli>ReverseSteps)"}),
    "dlcli.layers.table_columns": frozenset({"TableColumns (dlcli>TableColumns)"}),
    "dlcli.layers.table_features": frozenset({"TableFeatures (dlcli>TableFeatures)"}),
    "dlcli.layers.text_tokens": frozenset({"TextTokens (dlcli>TextTokens)"}),
    "keras": frozenset({"DTypePolicy"}),
    "keras.initializers": frozenset({
        "GlorotNormal", "GlorotUniform", "HeNormal", "HeUniform", "LecunNormal", "LecunUniform",
        "Ones", "Orthogonal", "RandomNormal", "RandomUniform", "TruncatedNormal",
        "VarianceScaling", "Zeros",
    }),
    "keras.layers": frozenset({
        "Activation", "Add", "AveragePooling1D", "AveragePooling2D", "BatchNormalization",
        "Concatenate", "Conv2D", "Conv2DTranspose", "Dense", "Dropout", "Embedding", "Flatten",
        "GRU", "GlobalAveragePooling2D", "GlobalMaxPooling2D", "InputLayer", "LSTM",
        "LayerNormalization", "MaxPooling2D", "MultiHeadAttention", "Normalization",
        "Rescaling", "Reshape", "SimpleRNN",
    }),
    "keras.regularizers": frozenset({"L1L2"}),
    "keras.src.models.functional": frozenset({"Functional"}),
    "keras.src.ops.core": frozenset({"Cast"}),
    "keras.src.ops.nn": frozenset({"OneHot"}),
    "keras.src.ops.numpy": frozenset({
        "Add", "All", "Concatenate", "GetItem", "Isnan", "LogicalNot", "Maximum", "Mean", "Mod",
        "Multiply", "NotEqual", "Subtract", "Sum", "Take", "Transpose", "Where", "ZerosLike",
    }),
}
# fmt: on

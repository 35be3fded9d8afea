"""Joining TFLite files end to end: the outputs of one are the inputs of the next, by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import flatbuffers
from ai_edge_litert import schema_py_generated as schema

_SIGNATURE = b"serving_default"


def joined(contents: Sequence[bytes], inputs: Sequence[str], outputs: Sequence[str]) -> bytes:
    """Put TFLite files one behind the other.

    Args:
        contents: of the files, each with one signature; an input gets the tensor of the same name
            that a file before it takes or gives.
        inputs, outputs: names of the tensors that the whole takes and gives.

    Returns:
        The content of one file whose first subgraph has the operators of all, in order, and the
        types that they had.
    """
    models = [schema.ModelT.InitFromPackedBuf(content, 0) for content in contents]
    whole = schema.ModelT()
    whole.version, whole.description = models[0].version, models[0].description
    # The first buffer is the empty one by definition, the first subgraph the main one.
    whole.buffers, whole.operatorCodes = [schema.BufferT()], []
    main = schema.SubGraphT()
    main.name, main.tensors, main.operators = b"main", [], []
    whole.subgraphs = [main]
    named: dict[str, int] = {}
    for model in models:
        _append(whole, model, named)
    main.inputs = [named[name] for name in inputs]
    main.outputs = [named[name] for name in outputs]
    signature = schema.SignatureDefT()
    signature.signatureKey, signature.subgraphIndex = _SIGNATURE, 0
    signature.inputs = [_entry(name, named[name]) for name in inputs]
    signature.outputs = [_entry(name, named[name]) for name in outputs]
    whole.signatureDefs = [signature]
    builder = flatbuffers.Builder(sum(map(len, contents)))
    builder.Finish(whole.Pack(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())


def _append(whole: Any, model: Any, named: dict[str, int]) -> None:
    """Append the operators of a model; `named` gains the tensors that it takes and gives."""
    main = whole.subgraphs[0]
    first_code, first_buffer = len(whole.operatorCodes), len(whole.buffers)
    first_subgraph = len(whole.subgraphs) - 1  # the main one of the model becomes part of ours
    whole.operatorCodes += model.operatorCodes
    whole.buffers += model.buffers
    [signature] = model.signatureDefs
    begin, *others = model.subgraphs
    taken = {entry.tensorIndex: entry.name.decode() for entry in signature.inputs}
    places: dict[int, int] = {-1: -1}  # -1 stands for an optional tensor that is not there
    for place, tensor in enumerate(begin.tensors):
        if taken.get(place) in named:
            places[place] = named[taken[place]]
            continue
        places[place] = len(main.tensors)
        main.tensors.append(tensor)
        if place in taken:
            named[taken[place]] = places[place]
    named |= {entry.name.decode(): places[entry.tensorIndex] for entry in signature.outputs}
    for subgraph in model.subgraphs:
        for tensor in subgraph.tensors:
            tensor.buffer += first_buffer
        for operator in subgraph.operators:
            operator.opcodeIndex += first_code
            options = operator.builtinOptions
            for field in vars(options) if options is not None else ():
                if field.endswith("SubgraphIndex"):  # of WHILE, IF and the like
                    setattr(options, field, getattr(options, field) + first_subgraph)
    for operator in begin.operators:
        operator.inputs = [places[place] for place in operator.inputs]
        operator.outputs = [places[place] for place in operator.outputs]
        if operator.intermediates is not None:
            operator.intermediates = [places[place] for place in operator.intermediates]
        main.operators.append(operator)
    whole.subgraphs += others


def _entry(name: str, tensor: int) -> Any:
    entry = schema.TensorMapT()
    entry.name, entry.tensorIndex = name.encode(), tensor
    return entry

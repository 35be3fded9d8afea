"""Which operators an artifact is made of, read without running it."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path

from dlcli import artifacts


def of(path: Path) -> dict[str, int]:
    """How often each operator stands in a TFLite or ONNX file, all subgraphs together.

    One that is not builtin has the name "custom:NAME". Empty for other formats.
    """
    format_name, file = artifacts.identify(path)
    if format_name == "tflite":
        return of_tflite(file.read_bytes())
    if format_name == "onnx":
        return of_onnx(file)
    return {}


def of_tflite(content: bytes) -> dict[str, int]:
    """The operators in the content of a TFLite file."""
    from ai_edge_litert import schema_py_generated as schema

    names = {number: name for name, number in vars(schema.BuiltinOperator).items()}
    model = schema.Model.GetRootAs(content, 0)
    found: Counter[str] = Counter()
    for subgraph in map(model.Subgraphs, range(model.SubgraphsLength())):
        for operator in map(subgraph.Operators, range(subgraph.OperatorsLength())):
            code = model.OperatorCodes(operator.OpcodeIndex())
            # Files for old runtimes have small numbers in the older field alone.
            name = names[max(code.BuiltinCode(), code.DeprecatedBuiltinCode())]
            found[f"custom:{code.CustomCode().decode()}" if name == "CUSTOM" else name] += 1
    return dict(sorted(found.items()))


def types_of_tflite(content: bytes) -> tuple[Counter[str], Counter[str]]:
    """The types of the tensors in a TFLite file.

    Returns:
        How many numbers the constants of each type hold, and how many other tensors each type
        has; types are named as in the format: "FLOAT32", "INT8".
    """
    from ai_edge_litert import schema_py_generated as schema

    names = {number: name for name, number in vars(schema.TensorType).items()}
    model = schema.Model.GetRootAs(content, 0)
    constants: Counter[str] = Counter()
    others: Counter[str] = Counter()
    for subgraph in map(model.Subgraphs, range(model.SubgraphsLength())):
        for tensor in map(subgraph.Tensors, range(subgraph.TensorsLength())):
            name = names[tensor.Type()]
            if model.Buffers(tensor.Buffer()).DataLength():
                constants[name] += math.prod(tensor.Shape(i) for i in range(tensor.ShapeLength()))
            else:
                others[name] += 1
    return constants, others


def largest_scale(content: bytes) -> float:
    """The largest step between two neighbouring whole numbers that a TFLite file has for floats."""
    from ai_edge_litert import schema_py_generated as schema

    model = schema.Model.GetRootAs(content, 0)
    largest = 0.0
    for subgraph in map(model.Subgraphs, range(model.SubgraphsLength())):
        for tensor in map(subgraph.Tensors, range(subgraph.TensorsLength())):
            quantization = tensor.Quantization()
            if quantization and quantization.ScaleLength():
                largest = max(largest, float(quantization.ScaleAsNumpy().max()))
    return largest


def of_onnx(path: Path) -> dict[str, int]:
    """The operators of an ONNX file; needs the package `onnx`, and gives none without it."""
    try:
        import onnx
    except ImportError:
        return {}
    found: Counter[str] = Counter()
    graphs = [onnx.load(str(path), load_external_data=False).graph]
    while graphs:
        for node in graphs.pop().node:
            found[node.op_type] += 1
            graphs += [each.g for each in node.attribute if each.HasField("g")]
    return dict(sorted(found.items()))

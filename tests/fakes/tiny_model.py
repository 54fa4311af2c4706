"""A real ONNX model of a few KB that keeps the contract of models/README.md and reads a crop's brightness.

Each emotion has an equal part of the gray levels, in order, from angry as the darkest.
`python -m tests.fakes.tiny_model` builds the two files next to this one again; that needs `onnx`.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from fer_desktop.domain import Emotion

TINY_MODEL = Path(__file__).with_name("tiny_emotion.onnx")
THREE_CLASSES = Path(__file__).with_name("tiny_three_classes.onnx")
"""The same with one class too few."""

GRAY_OF = {emotion: round((place + 0.5) * 256 / len(Emotion)) for place, emotion in enumerate(Emotion)}
"""The gray level at which the model is most certain of the emotion."""

_SHARPNESS = 60.0


def tiny_card(model: bytes, **changes: object) -> dict[str, Any]:
    """Returns the card of `model`, with `changes` to its top level."""
    recall = dict.fromkeys((emotion.value for emotion in Emotion), 0.75)
    return {
        "format_version": 1,
        "version": "2026.11.23",
        "classes": [emotion.value for emotion in Emotion],
        "input": {"size": 48},
        "crop_margin": 0.1,
        "unsure_threshold": 0.45,
        "metrics": {"test": {"ferplus": {"accuracy": 0.75, "recall": recall}}},
        "sha256": hashlib.sha256(model).hexdigest(),
    } | changes


def write_tiny_model(folder: Path, model: bytes | None = None, **changes: object) -> tuple[Path, Path]:
    """Writes emotion.onnx and emotion.json into `folder`, and returns their paths.

    Args:
        folder: Created if it is missing.
        model: The content of the model file; by default the tiny model.
        changes: Changes to the card, which otherwise fits the model.
    """
    content = TINY_MODEL.read_bytes() if model is None else model
    folder.mkdir(parents=True, exist_ok=True)
    model_path, card_path = folder / "emotion.onnx", folder / "emotion.json"
    model_path.write_bytes(content)
    card_path.write_text(json.dumps(tiny_card(content, **changes)), encoding="utf-8")
    return model_path, card_path


def _build(path: Path, levels: list[float]) -> None:
    import onnx
    from onnx import TensorProto, helper

    def constant(name: str, values: list[float]) -> onnx.TensorProto:
        return helper.make_tensor(name, TensorProto.FLOAT, [len(values)], values)

    def integers(name: str, values: list[int]) -> onnx.TensorProto:
        return helper.make_tensor(name, TensorProto.INT64, [len(values)], values)

    nodes = [
        helper.make_node("Cast", ["faces"], ["pixels"], to=TensorProto.FLOAT),
        helper.make_node("Div", ["pixels", "white"], ["scaled"]),
        helper.make_node("ReduceMean", ["scaled", "pixel_axes"], ["brightness"], keepdims=0),
        helper.make_node("Sub", ["brightness", "levels"], ["distance"]),
        helper.make_node("Mul", ["distance", "distance"], ["squared"]),
        helper.make_node("Mul", ["squared", "sharpness"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1),
        helper.make_node("Shape", ["faces"], ["count"], start=0, end=1),
        helper.make_node("Concat", ["count", "map_shape"], ["sizes"], axis=0),
        helper.make_node("Resize", ["scaled", "", "", "sizes"], ["map"], mode="linear", antialias=1),
        helper.make_node("Squeeze", ["map", "channel_axis"], ["attention"]),
    ]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("faces", TensorProto.UINT8, ["N", 1, "H", "W"])],
        [
            helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["N", len(levels)]),
            helper.make_tensor_value_info("attention", TensorProto.FLOAT, ["N", 6, 6]),
        ],
        [
            constant("white", [255.0]),
            constant("levels", levels),
            constant("sharpness", [-_SHARPNESS]),
            integers("pixel_axes", [2, 3]),
            integers("map_shape", [1, 6, 6]),
            integers("channel_axis", [1]),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    onnx.checker.check_model(model, full_check=True)
    path.write_bytes(model.SerializeToString())


if __name__ == "__main__":
    all_levels = [GRAY_OF[emotion] / 255 for emotion in Emotion]
    _build(TINY_MODEL, all_levels)
    _build(THREE_CLASSES, all_levels[:3])

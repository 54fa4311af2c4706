"""What training feeds the network is what the shipped file makes of the app's crops."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from fer_desktop.domain import FaceBox
from fer_desktop.paths import models_dir, resources_dir
from fer_desktop.vision.crop import crop_face, to_gray
from fer_desktop.vision.model_card import ModelCard

torch = pytest.importorskip("torch")
onnx = pytest.importorskip("onnx")

import onnxruntime  # noqa: E402  # after the two that may be missing

from training.transforms import to_input  # noqa: E402

BOXES = [
    FaceBox(400, 300, 48, 48),
    FaceBox(300, 200, 400, 400),
    FaceBox(-30, -40, 131, 131),
    FaceBox(500, 500, 20, 20),
]


@pytest.fixture(scope="module")
def preprocessing() -> onnxruntime.InferenceSession:
    """Returns the shipped graph cut off where its first convolution begins."""
    model = onnx.load(models_dir() / "emotion.onnx")
    first = next(node for node in model.graph.node if node.op_type == "Conv")
    del model.graph.output[:]
    model.graph.output.append(
        onnx.helper.make_tensor_value_info(first.input[0], onnx.TensorProto.FLOAT, None)
    )
    return onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])


@pytest.mark.parametrize("box", BOXES)
def test_the_network_sees_the_same_picture(preprocessing: onnxruntime.InferenceSession, box: FaceBox) -> None:
    photo = cv2.imread(str(resources_dir() / "samples" / "neutral.jpeg"))
    assert photo is not None
    card = ModelCard.load(models_dir() / "emotion.json")
    crop = crop_face(to_gray(np.asarray(photo, dtype=np.uint8)), box, card.crop_margin)
    (in_the_app,) = preprocessing.run(None, {"faces": crop[np.newaxis, np.newaxis]})
    in_training = to_input(torch.from_numpy(crop)[None, None], card.input_size).numpy()
    assert in_the_app.shape == in_training.shape
    assert np.abs(in_the_app - in_training).max() <= 1e-4

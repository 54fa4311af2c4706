"""The ONNX classifier with a real, tiny model, and with model files that cannot be used."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from onnxruntime import ExecutionMode

from fer_desktop.domain import Emotion
from fer_desktop.errors import ModelError
from fer_desktop.vision.emotion_classifier import OnnxEmotionClassifier, session_options
from tests.fakes.tiny_model import GRAY_OF, THREE_CLASSES, TINY_MODEL, write_tiny_model

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from fer_desktop.domain import Image

MODEL = TINY_MODEL.read_bytes()


def uniform_crop(emotion: Emotion, side: int = 48) -> Image:
    return np.full((side, side), GRAY_OF[emotion], np.uint8)


@pytest.fixture
def classifier(tmp_path: Path) -> OnnxEmotionClassifier:
    return OnnxEmotionClassifier.load(*write_tiny_model(tmp_path))


@pytest.mark.parametrize("emotion", Emotion)
def test_probabilities_belong_to_their_emotions(classifier: OnnxEmotionClassifier, emotion: Emotion) -> None:
    (scores,) = classifier.predict([uniform_crop(emotion)])
    assert scores.dominant is emotion
    assert scores[emotion] > 0.9
    assert sum(scores.values()) == pytest.approx(1)


def test_crops_of_different_sizes_keep_their_order(classifier: OnnxEmotionClassifier) -> None:
    emotions = [Emotion.SAD, Emotion.ANGRY, Emotion.HAPPY, Emotion.HAPPY, Emotion.NEUTRAL]
    crops = [
        uniform_crop(emotion, side) for emotion, side in zip(emotions, (24, 200, 64, 64, 24), strict=True)
    ]
    assert [scores.dominant for scores in classifier.predict(crops)] == emotions


def test_crop_reads_the_same_alone_and_among_others(classifier: OnnxEmotionClassifier) -> None:
    crop = np.random.default_rng(7).integers(0, 256, (60, 60)).astype(np.uint8)
    alone = classifier.predict([crop])[0]
    among = classifier.predict([uniform_crop(Emotion.SAD, 60), crop])[1]
    assert tuple(among) == pytest.approx(tuple(alone), abs=1e-6)


def test_attention_comes_with_the_same_scores(classifier: OnnxEmotionClassifier) -> None:
    lit = uniform_crop(Emotion.SAD, 96)
    lit[:48, 48:] = 255
    crops = [lit, uniform_crop(Emotion.HAPPY, 24)]
    found = classifier.predict_with_attention(crops)
    assert tuple(scores for scores, _ in found) == classifier.predict(crops)
    weights = found[0][1]
    assert weights.dtype == np.float32
    assert weights.shape == (6, 6)
    assert weights[1, 4] > 0.9  # the tiny model's attention is the crop's brightness
    assert weights[4, 1] == pytest.approx(GRAY_OF[Emotion.SAD] / 255, abs=0.01)


def test_no_crops_give_no_scores(classifier: OnnxEmotionClassifier) -> None:
    assert classifier.predict([]) == ()
    assert classifier.predict_with_attention([]) == ()


def test_card_comes_with_the_model(classifier: OnnxEmotionClassifier) -> None:
    assert classifier.card.crop_margin == 0.1


@pytest.mark.parametrize(
    ("model", "changes", "title"),
    [
        (MODEL, {"sha256": "0" * 64}, "Model does not match its card"),
        (b"no model", {}, "Model damaged"),
        (b"", {}, "Model damaged"),
        (MODEL[:400], {}, "Model damaged"),
        (MODEL.replace(b"faces", b"masks"), {}, "Model unusable"),
        (MODEL.replace(b"probabilities", b"probabilitiez"), {}, "Model unusable"),
        (THREE_CLASSES.read_bytes(), {}, "Model unusable"),
    ],
    ids=[
        "hash",
        "text",
        "empty",
        "cut",
        "input name",
        "output name",
        "three classes",
    ],
)
def test_unusable_model_says_what_to_do(
    tmp_path: Path, model: bytes, changes: dict[str, object], title: str
) -> None:
    paths = write_tiny_model(tmp_path, model, **changes)
    with pytest.raises(ModelError) as caught:
        OnnxEmotionClassifier.load(*paths)
    assert caught.value.title == title
    assert caught.value.hint


@pytest.mark.parametrize(
    ("missing", "title"), [("emotion.onnx", "Model missing"), ("emotion.json", "Model card missing")]
)
def test_missing_file_is_named(tmp_path: Path, missing: str, title: str) -> None:
    paths = write_tiny_model(tmp_path)
    (tmp_path / missing).unlink()
    with pytest.raises(ModelError) as caught:
        OnnxEmotionClassifier.load(*paths)
    assert caught.value.title == title
    assert missing in caught.value.message


def value(name: str, kind: str, rank: int) -> SimpleNamespace:
    return SimpleNamespace(name=name, type=f"tensor({kind})", shape=[None] * rank)


@dataclass
class Session:
    """A model as onnxruntime presents it; keeps the faces that it was given."""

    inputs: Sequence[SimpleNamespace] = (value("faces", "uint8", 4),)
    outputs: Sequence[SimpleNamespace] = (value("probabilities", "float", 2), value("attention", "float", 3))
    probabilities: Sequence[Sequence[float]] = ((0.25, 0.25, 0.25, 0.25),) * 2
    maps: int = 2
    faces: list[NDArray[np.uint8]] = field(default_factory=list)

    def get_inputs(self) -> Sequence[SimpleNamespace]:
        return self.inputs

    def get_outputs(self) -> Sequence[SimpleNamespace]:
        return self.outputs

    def run(self, _names: Sequence[str], feeds: dict[str, NDArray[np.uint8]]) -> tuple[object, object]:
        self.faces.append(feeds["faces"])
        return np.array(self.probabilities, np.float32), np.zeros((self.maps, 6, 6), np.float32)


def load(session: Session, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("onnxruntime.InferenceSession", lambda *_args, **_options: session)
    OnnxEmotionClassifier.load(*write_tiny_model(folder))


def test_model_is_tried_with_two_faces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session(probabilities=((0.2505, 0.25, 0.25, 0.25), (0.0, 0.0, 0.0, 1.0)))
    load(session, tmp_path, monkeypatch)
    (faces,) = session.faces
    assert faces.dtype == np.uint8
    assert np.array_equal(faces, np.full((2, 1, 128, 128), 128))


@pytest.mark.parametrize(
    "session",
    [
        Session(inputs=[value("faces", "float", 4)]),
        Session(inputs=[value("faces", "uint8", 3)]),
        Session(outputs=[value("probabilities", "float", 2)]),
        Session(outputs=[value("probabilities", "float", 3), value("attention", "float", 3)]),
        Session(outputs=[value("probabilities", "float", 2), value("attention", "float16", 3)]),
        Session(probabilities=[[0.25] * 4]),
        Session(probabilities=[[0.252, 0.25, 0.25, 0.25]] * 2),
        Session(probabilities=[[-0.01, 0.51, 0.25, 0.25]] * 2),
        Session(maps=1),
    ],
)
def test_model_with_other_inputs_or_outputs_is_unusable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, session: Session
) -> None:
    with pytest.raises(ModelError, match="Model unusable"):
        load(session, tmp_path, monkeypatch)


def test_model_runs_on_one_thread_without_spinning() -> None:
    options = session_options()
    assert (options.intra_op_num_threads, options.inter_op_num_threads) == (1, 1)
    assert session_options(3).intra_op_num_threads == 3
    assert options.execution_mode == ExecutionMode.ORT_SEQUENTIAL
    assert not options.enable_cpu_mem_arena
    assert options.log_severity_level == 4
    for kind in ("intra", "inter"):
        assert options.get_session_config_entry(f"session.{kind}_op.allow_spinning") == "0"

"""Reads emotions: the shipped ONNX model, behind an interface that a fake can implement."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors

from fer_desktop.domain import Emotion, EmotionScores
from fer_desktop.errors import ModelError
from fer_desktop.memory import map_large_blocks
from fer_desktop.translation import N_, _
from fer_desktop.vision.model_card import ModelCard

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from fer_desktop.domain import Image

_HINT = N_("Install FER Desktop again, or export the model again with `python -m training export`.")

ORT_ERRORS = (
    ort_errors.Fail,
    ort_errors.InvalidArgument,
    ort_errors.InvalidGraph,
    ort_errors.InvalidProtobuf,
    ort_errors.NotImplemented,
    ort_errors.RuntimeException,
)
"""What onnxruntime raises if a file is not a model, or cannot be run."""

_WARM_UP_SIDE = 128
_WARM_UP_FACES = 2
"""More than one, so that a model exported for a single face is noticed."""


class EmotionClassifier(Protocol):
    """Reads the emotions of cropped faces."""

    def predict(self, crops: Sequence[Image]) -> tuple[EmotionScores, ...]:
        """Returns the probabilities for each crop.

        Args:
            crops: Gray, [height, width], at least 24 px on each side; their sizes may differ.
        """
        ...

    def predict_with_attention(
        self, crops: Sequence[Image]
    ) -> tuple[tuple[EmotionScores, NDArray[np.float32]], ...]:
        """Returns the same, and where the model's attention is on each crop, [height, width], 0 to 1."""
        ...


class OnnxEmotionClassifier:
    """Runs models/emotion.onnx in onnxruntime.

    Args:
        session: The model, loaded.
        card: Its card.
    """

    def __init__(self, session: onnxruntime.InferenceSession, card: ModelCard) -> None:
        self._session = session
        self.card = card

    @classmethod
    def load(cls, model_path: Path, card_path: Path) -> OnnxEmotionClassifier:
        """Loads the model, checks it against its card, and runs it once, because the first run is slow.

        Raises:
            ModelError: A file is missing or damaged, or the model is not what the card says.
        """
        card = ModelCard.load(card_path)
        map_large_blocks()
        try:
            card.verify(model_path.read_bytes())
        except FileNotFoundError:
            raise ModelError(
                _("Model missing"), _("{path} does not exist.").format(path=model_path), _(_HINT)
            ) from None
        except OSError as error:
            raise ModelError(
                _("Model unreadable"), _("{path} cannot be read.").format(path=model_path), _(_HINT)
            ) from error
        onnxruntime.disable_telemetry_events()  # the variable does not stop the telemetry of Windows
        try:
            # By path: given the content, onnxruntime keeps a second copy of it while loading.
            session = onnxruntime.InferenceSession(
                str(model_path), session_options(), providers=["CPUExecutionProvider"]
            )
            _check_signature(session)
            crops = np.full((_WARM_UP_FACES, 1, _WARM_UP_SIDE, _WARM_UP_SIDE), 128, np.uint8)
            probabilities, attention = session.run(["probabilities", "attention"], {"faces": crops})
        except ORT_ERRORS as error:
            raise ModelError(
                _("Model damaged"), _("{path} cannot be run.").format(path=model_path), _(_HINT)
            ) from error
        _check_outputs(probabilities, attention)
        return cls(session, card)

    def predict(self, crops: Sequence[Image]) -> tuple[EmotionScores, ...]:
        """Returns the probabilities for each crop, as `EmotionClassifier` says."""
        scores: list[EmotionScores] = []
        for faces in _batches(crops):
            (probabilities,) = self._session.run(["probabilities"], {"faces": faces})
            scores += _scores(probabilities)
        return tuple(scores)

    def predict_with_attention(
        self, crops: Sequence[Image]
    ) -> tuple[tuple[EmotionScores, NDArray[np.float32]], ...]:
        """Returns the same with the model's attention, as `EmotionClassifier` says."""
        found: list[tuple[EmotionScores, NDArray[np.float32]]] = []
        for faces in _batches(crops):
            probabilities, attention = self._session.run(["probabilities", "attention"], {"faces": faces})
            found += zip(_scores(probabilities), attention, strict=True)
        return tuple(found)


def _batches(crops: Sequence[Image]) -> Iterator[NDArray[np.uint8]]:
    """Yields consecutive crops of one size together, [faces, 1, height, width]."""
    for _shape, same_size in groupby(crops, key=lambda crop: crop.shape):
        yield np.stack(list(same_size))[:, np.newaxis]


def _scores(probabilities: NDArray[np.float32]) -> list[EmotionScores]:
    return [EmotionScores(tuple(row)) for row in probabilities.astype(float).tolist()]


def session_options(threads: int = 1) -> onnxruntime.SessionOptions:
    """Returns how the app runs its model: on one thread; two cost more and are hardly faster."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Its own arena would keep the memory of the largest batch for good; nothing is slower without it.
    options.enable_cpu_mem_arena = False
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    # By default its threads wait for the next frame in a busy loop, which takes up whole cores.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    options.log_severity_level = 4  # its errors are raised anyway
    return options


def _check_signature(session: onnxruntime.InferenceSession) -> None:
    """Compares names, types and ranks with the contract in models/README.md."""
    inputs = {(value.name, value.type, len(value.shape)) for value in session.get_inputs()}
    outputs = {(value.name, value.type, len(value.shape)) for value in session.get_outputs()}
    if inputs != {("faces", "tensor(uint8)", 4)}:
        raise ModelError(
            _("Model unusable"),
            _("The model does not accept faces the way FER Desktop crops them."),
            _(_HINT),
        )
    if outputs != {("probabilities", "tensor(float)", 2), ("attention", "tensor(float)", 3)}:
        raise ModelError(_("Model unusable"), _("The model's output does not match its card."), _(_HINT))


def _check_outputs(probabilities: np.ndarray[Any, Any], attention: np.ndarray[Any, Any]) -> None:
    if (
        probabilities.shape != (_WARM_UP_FACES, len(Emotion))
        or attention.shape[0] != _WARM_UP_FACES
        or not np.allclose(probabilities.sum(axis=1), 1, atol=1e-3)
        or probabilities.min() < 0
    ):
        raise ModelError(
            _("Model unusable"),
            _("The model does not give probabilities of the emotions that the app knows."),
            _(_HINT),
        )

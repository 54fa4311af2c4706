"""The pictures of a report. They show faces of the data set, so they must stay in the run's folder."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import cv2
import matplotlib as mpl
import numpy as np
import torch
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from fer_desktop.domain import Emotion
from fer_desktop.emotions import EMOTIONS
from training.data.face_set import SPLITS
from training.evaluation.metrics import (
    CALIBRATION_BINS,
    calibration_bins,
    confusion_matrix,
    expected_calibration_error,
)
from training.evaluation.predictions import SplitPredictions, labelled_faces
from training.evaluation.record import LABEL_KINDS
from training.transforms import MEAN, STD, augment, to_input

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from training.classifier import Classifier, FloatArray
    from training.config import Recipe
    from training.data.face_set import FaceSet
    from training.evaluation.record import LabelKind

_COLOURS = {emotion: row.light for emotion, row in EMOTIONS.items()}
# Accent and error are those of the app's light theme, which is not imported because it needs Qt.
_ACCENT, _MUTED, _WRONG = "#2C56CC", "#8A93A0", "#B3261E"
_STYLE: dict[Any, Any] = {
    "font.size": 12, "axes.titlesize": 12, "figure.titlesize": 13, "axes.spines.top": False,
    "axes.spines.right": False, "legend.frameon": False, "savefig.dpi": 110,
}  # fmt: skip
_TITLES = [emotion.title for emotion in Emotion]
_SEED = 0
_TILE = 1.3  # inches
_GRID_COLUMNS = 8
_AUGMENTED_FACES, _AUGMENTED_VIEWS = 5, 7
_OVERLAYS_RIGHT, _OVERLAYS_WRONG = 4, 3


def draw_data_grid(data: FaceSet, path: Path) -> None:
    """Draws some training faces of each emotion, by the data set's own labels."""
    generator = np.random.default_rng(_SEED)
    indices, labels = labelled_faces(data, "train")
    with _figure(path, (_TILE * (_GRID_COLUMNS + 1), _TILE * len(Emotion) + 0.5)) as figure:
        figure.suptitle(f"Training faces of {data.manifest['name']}, by its own labels")
        for code, (emotion, row) in enumerate(zip(Emotion, _tiles(figure, _GRID_COLUMNS), strict=True)):
            chosen = generator.permutation(indices[labels["fer2013"] == code])[:_GRID_COLUMNS]
            for ax, index in zip(row, chosen, strict=False):
                _show_face(ax, data.faces[index])
            _name_row(row[0], emotion)


def draw_class_distribution(data: FaceSet, path: Path) -> None:
    """Draws how many faces each emotion has in each split, by each kind of label; copies are left out."""
    kinds: dict[LabelKind, NDArray[np.int64]] = {
        "fer2013": data.own_emotions,
        "ferplus": data.ferplus_emotions,
    }
    shown = {kind: labels for kind, labels in kinds.items() if (labels >= 0).any()}
    with _figure(path, (5.2 * len(shown), 4.2)) as figure:
        figure.suptitle(f"Faces of {data.manifest['name']} after copies were dropped")
        for ax, (kind, labels) in zip(
            figure.subplots(1, len(shown), squeeze=False, sharey=True)[0], shown.items(), strict=True
        ):
            for position, emotion in enumerate(Emotion):
                counts = [int(((labels == position) & (data.splits == s)).sum()) for s in range(len(SPLITS))]
                width = 0.8 / len(Emotion)
                places = np.arange(len(SPLITS)) + width * (position - (len(Emotion) - 1) / 2)
                bars = ax.bar(places, counts, 0.95 * width, color=_COLOURS[emotion], label=emotion.title)
                ax.bar_label(bars, fontsize=9, rotation=90, padding=3)
            ax.margins(y=0.15)
            ax.set_xticks(range(len(SPLITS)), SPLITS)
            ax.set_title(LABEL_KINDS[kind])
        figure.axes[0].set_ylabel("faces")
        figure.axes[-1].legend()


def draw_augmented(data: FaceSet, recipe: Recipe, path: Path) -> None:
    """Draws training faces, each unchanged and as the network sees it in several steps."""
    generator = np.random.default_rng(_SEED)
    indices, _ = labelled_faces(data, "train")
    chosen = np.sort(generator.permutation(indices)[:_AUGMENTED_FACES])
    faces = torch.from_numpy(np.array(data.faces[chosen])).unsqueeze(1)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(_SEED)
        views = [augment(faces, recipe.image_size, recipe) for _ in range(_AUGMENTED_VIEWS)]
    columns = [to_input(faces, recipe.image_size), *views]
    with _figure(path, (_TILE * len(columns), _TILE * len(chosen) + 0.7)) as figure:
        figure.suptitle(f"What the network sees: the face, and {_AUGMENTED_VIEWS} augmented views of it")
        for row, ax_row in enumerate(_tiles(figure, len(columns), len(chosen))):
            for ax, batch in zip(ax_row, columns, strict=True):
                _show_face(ax, (batch[row, 0].numpy() * STD + MEAN) * 255)
        figure.axes[0].set_title("unchanged")


def draw_curves(history: Sequence[dict[str, Any]], best_epoch: int, path: Path) -> None:
    """Draws loss and accuracy by epoch; a line shows whose weights were kept."""
    epochs = [int(entry["epoch"]) for entry in history]
    with _figure(path, (10.5, 4.2)) as figure:
        for ax, name in zip(figure.subplots(1, 2), ("loss", "accuracy"), strict=True):
            for part, label, colour in (
                ("train", "training, augmented", _MUTED),
                ("validation", "validation", _ACCENT),
            ):
                values = [entry.get(f"{part}/{name}", np.nan) for entry in history]
                ax.plot(epochs, values, color=colour, marker="o", markersize=3, label=label)
            ax.axvline(best_epoch, color=_WRONG, linestyle=":", label=f"kept: epoch {best_epoch}")
            ax.set_xlabel("epoch")
            ax.set_title(name.capitalize())
            ax.xaxis.set_major_locator(MaxNLocator(integer=True))
            ax.grid(alpha=0.3)
        figure.axes[1].yaxis.set_major_formatter(PercentFormatter(1))
        figure.axes[1].legend()


def draw_confusion(predictions: SplitPredictions, path: Path) -> None:
    """Draws for each kind of label what share of an emotion's faces was named what, and how many that is."""
    with _figure(path, (5.6 * len(predictions.labels), 5)) as figure:
        axes = figure.subplots(1, len(predictions.labels), squeeze=False)[0]
        for ax, (kind, labels) in zip(axes, predictions.labels.items(), strict=True):
            named = labels >= 0
            matrix = confusion_matrix(labels[named], predictions.single[named].argmax(axis=1))
            shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
            ax.imshow(shares, vmin=0, vmax=1, cmap="Blues")
            for (row, column), share in np.ndenumerate(shares):
                ax.text(
                    column, row, f"{share:.0%}\n{matrix[row, column]}", ha="center", va="center",
                    color="white" if share > 0.5 else "black",
                )  # fmt: skip
            ax.set_xticks(range(len(_TITLES)), _TITLES)
            ax.set_yticks(range(len(_TITLES)), _TITLES, rotation=90, va="center")
            ax.tick_params(length=0)
            ax.spines[:].set_visible(False)
            ax.set_title(f"{LABEL_KINDS[kind]}, {int(named.sum())} faces")
            ax.set_xlabel("named by the model")
            ax.set_ylabel("label")


def draw_reliability(predictions: SplitPredictions, path: Path) -> None:
    """Draws for each kind of label accuracy by confidence (Guo et al., 2017, figure 1)."""
    edges = np.linspace(0, 1, CALIBRATION_BINS + 1)
    with _figure(path, (5.2 * len(predictions.labels), 4.8)) as figure:
        axes = figure.subplots(1, len(predictions.labels), squeeze=False)[0]
        for ax, (kind, labels) in zip(axes, predictions.labels.items(), strict=True):
            probabilities, expected = predictions.single[labels >= 0], labels[labels >= 0]
            bins = calibration_bins(probabilities)
            counts = np.bincount(bins, minlength=CALIBRATION_BINS)
            right = np.bincount(bins, probabilities.argmax(axis=1) == expected, CALIBRATION_BINS)
            accuracy = right / np.maximum(counts, 1)
            width = edges[1]
            ax.bar(edges[:-1], accuracy, width, align="edge", color=_ACCENT, alpha=0.85, label="accuracy")
            ax.bar(
                edges[:-1],
                counts / counts.sum(),
                width / 3,
                align="edge",
                color=_MUTED,
                label="share of faces",
            )
            ax.plot([0, 1], [0, 1], color=_WRONG, linestyle=":", label="perfectly calibrated")
            ax.set_xlim(0, 1)
            ax.set_ylim(0, 1)
            ax.set_aspect("equal")
            ax.set_xlabel("highest probability")
            error = expected_calibration_error(probabilities, expected)
            ax.set_title(f"{LABEL_KINDS[kind]}: calibration error {error:.1%}")
        figure.axes[0].legend(loc="upper left", fontsize=10)


def draw_attention(
    predictions: SplitPredictions, classify: Classifier, data: FaceSet, kind: LabelKind, path: Path
) -> None:
    """Draws where the model looked, on faces of each emotion that it named correctly and wrongly.

    Args:
        predictions: What it said.
        classify: The model; it has attention.
        data: The data set.
        kind: The labels that decide what is correct.
        path: The file to write.
    """
    generator = np.random.default_rng(_SEED)
    labels, named = predictions.labels[kind], predictions.single.argmax(axis=1)
    columns = _OVERLAYS_RIGHT + _OVERLAYS_WRONG
    with _figure(path, (1.35 * _TILE * (columns + 1), 1.6 * _TILE * len(Emotion) + 0.5)) as figure:
        figure.suptitle(
            f"Attention (red: high) on faces by {LABEL_KINDS[kind]}: {_OVERLAYS_RIGHT} named correctly, then "
            f"{_OVERLAYS_WRONG} wrongly, if there are as many"
        )
        for code, (emotion, row) in enumerate(zip(Emotion, _tiles(figure, columns), strict=True)):
            _name_row(row[0], emotion)
            for right, axes in ((True, row[:_OVERLAYS_RIGHT]), (False, row[_OVERLAYS_RIGHT:])):
                shown = generator.permutation(np.flatnonzero((labels == code) & ((named == code) == right)))
                for ax, number in zip(axes, shown, strict=False):
                    face = data.faces[predictions.indices[number]]
                    _show_face(ax, face)
                    attention = classify(face[np.newaxis]).attention
                    if attention is not None:
                        _overlay(ax, attention[0], face.shape[0])
                    probability = predictions.single[number, named[number]]
                    title = f"{_TITLES[named[number]]} {probability:.0%}"
                    ax.set_title(title, color="black" if right else _WRONG, fontsize=11)


def draw_model_figures(
    predictions: SplitPredictions, classify: Classifier, data: FaceSet, folder: Path
) -> list[Path]:
    """Draws how a model does on one split; returns the files, all in `folder`."""
    draw_confusion(predictions, folder / "confusion.png")
    draw_reliability(predictions, folder / "reliability.png")
    drawn = [folder / "confusion.png", folder / "reliability.png"]
    if classify(data.faces[predictions.indices[:1]]).attention is not None:
        kind = next(iter(predictions.labels))
        draw_attention(predictions, classify, data, kind, folder / "attention.png")
        drawn.append(folder / "attention.png")
    return drawn


@contextmanager
def _figure(path: Path, inches: tuple[float, float]) -> Iterator[Figure]:
    """Gives a figure to draw into, in our style, and writes it to `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=inches, layout="constrained")
        yield figure
        figure.savefig(path)


def _tiles(figure: Figure, columns: int, rows: int = len(Emotion)) -> NDArray[Any]:
    """Returns axes for pictures, without ticks and frames, [rows, columns]."""
    tiles: NDArray[Any] = figure.subplots(rows, columns, squeeze=False)
    for ax in tiles.flat:
        ax.set_xticks([])
        ax.set_yticks([])
        ax.spines[:].set_visible(False)
    return tiles


def _name_row(ax: Axes, emotion: Emotion) -> None:
    ax.set_ylabel(emotion.title, rotation=0, ha="right", va="center", color=_COLOURS[emotion], weight="bold")


def _show_face(ax: Axes, face: NDArray[Any]) -> None:
    ax.imshow(face, cmap="gray", vmin=0, vmax=255)


def _overlay(ax: Axes, attention: FloatArray, side: int) -> None:
    """Draws an attention map over a face, scaled from its lowest to its highest value."""
    smooth = cv2.resize(attention, (side, side), interpolation=cv2.INTER_CUBIC)
    ax.imshow(smooth, cmap="jet", vmin=float(attention.min()), vmax=float(attention.max()), alpha=0.4)

"""The report of a run: report.md with its figures, all of it from the files in the run's folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fer_desktop.domain import Emotion
from fer_desktop.emotions import EMOTIONS
from fer_desktop.files import write_whole
from training.classifier import file_classifier, torch_classifier
from training.data.face_set import SPLITS
from training.engine import best_network
from training.evaluation.figures import (
    draw_augmented,
    draw_class_distribution,
    draw_curves,
    draw_data_grid,
    draw_model_figures,
)
from training.evaluation.predictions import SplitPredictions
from training.evaluation.record import LABEL_KINDS, Evaluation
from training.evaluation.sections import (
    capture_section,
    crop_margin_section,
    emotion_table,
    headline_table,
    robustness_section,
    unsure_section,
)
from training.evaluation.tables import copies, markdown_table, percent
from training.model_file import DeployedModel
from training.progress import duration
from training.provenance import Finished
from training.run_folder import History

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from training.classifier import Classifier
    from training.config import Recipe
    from training.data.face_set import FaceSet
    from training.evaluation.record import LabelKind, Metrics, ViewMetrics

_INTRODUCTION = """\
Written by `python -m training evaluate` from the files in this folder. In brackets 95 % intervals, by
bootstrap over the faces. The pictures show faces of the data set, which must not be passed on."""
_ON_ROBUSTNESS = """\
On {faces} faces of the test part. What each change does is in `training/evaluation/perturbations.py`."""
_ON_APP_VIEW = """\
Faces of the data set in the middle of larger frames, found by the app's detector and cropped again, at
several margins around its box. The margin is chosen on the validation part, the capture measured on the test
part."""


def write_report(recipe: Recipe, run_dir: Path, data: FaceSet) -> None:
    """Writes report.md and figures/ of a measured run into its folder.

    Raises:
        TrainingError: One of the run's files cannot be read.
    """
    evaluation, finished = Evaluation.read(run_dir), Finished.read(run_dir)
    pictures = _draw(recipe, run_dir, data, evaluation, finished)
    sections = [
        f"# Run `{run_dir.name}`",
        _INTRODUCTION,
        "## Results on the test part",
        _measured_on(evaluation),
        *_results(evaluation.metrics["test"]),
        *_chosen_on_validation(evaluation),
        "## Under what a webcam does to a face",
        _ON_ROBUSTNESS.format(faces=evaluation.robustness.faces),
        robustness_section(evaluation.robustness),
        *_as_the_app_sees_them(evaluation),
        "## Training",
        markdown_table(("", ""), _training_rows(finished, evaluation)),
        "## Data",
        _data_table(data.manifest),
        f"Training copies of other faces, dropped: {copies(data.manifest['duplicates_dropped'])}.",
        f"Validation copies of test faces, kept: {copies(data.manifest['validation_copies_of_test'])}.",
        "## Recipe",
        markdown_table(
            ("value", ""), [(f"`{name}`", f"{value}") for name, value in recipe.to_json().items()]
        ),
        "## Pictures",
        *(f"![{path.stem.replace('_', ' ')}]({path.relative_to(run_dir)})" for path in pictures),
    ]
    write_whole(run_dir / "report.md", "\n\n".join(sections) + "\n", private=False)


def _draw(
    recipe: Recipe, run_dir: Path, data: FaceSet, evaluation: Evaluation, finished: Finished
) -> list[Path]:
    folder = run_dir / "figures"
    names = ("curves", "data_grid", "class_distribution", "augmented")
    curves, grid, distribution, augmented = (folder / f"{name}.png" for name in names)
    draw_curves(History.read(run_dir).root, finished.best_epoch, curves)
    draw_data_grid(data, grid)
    draw_class_distribution(data, distribution)
    draw_augmented(data, recipe, augmented)
    predictions = SplitPredictions.load(run_dir / "test.npz")
    of_model = draw_model_figures(predictions, _classifier(recipe, run_dir, evaluation, data), data, folder)
    return [*of_model, curves, distribution, grid, augmented]


def _classifier(recipe: Recipe, run_dir: Path, evaluation: Evaluation, data: FaceSet) -> Classifier:
    """Returns what was measured."""
    if evaluation.exported:
        return file_classifier(run_dir / "emotion.onnx")
    network = best_network(run_dir)
    return torch_classifier(
        DeployedModel(network, recipe.image_size, data.side, evaluation.temperature, evaluation.class_shift)
    )


def _measured_on(evaluation: Evaluation) -> str:
    if evaluation.exported is None:
        obstacle = evaluation.not_exported_since
        what = f"The network itself was measured; there is no model for the app, since {obstacle}"
    else:
        what = f"The file emotion.onnx itself was measured; its weights are {evaluation.exported.precision}"
    chosen = "It is not calibrated"
    if evaluation.unsure_threshold is not None:
        chosen = (
            f"Chosen on the validation part by {LABEL_KINDS[evaluation.calibrated_on]}: temperature "
            f"{evaluation.temperature:.2f}, unsure below {evaluation.unsure_threshold:g}"
        )
    return (
        f'{what}. {chosen}. "With mirror image" is the mean of the probabilities of a face and its mirror '
        "image."
    )


def _results(metrics: dict[LabelKind, ViewMetrics]) -> Iterable[str]:
    yield _headlines(metrics)
    for kind, of_kind in metrics.items():
        yield f"By emotion, {LABEL_KINDS[kind]}, single view:"
        yield emotion_table(of_kind)


def _chosen_on_validation(evaluation: Evaluation) -> Iterable[str]:
    if evaluation.unsure_threshold is not None:
        yield "## Results on the validation part"
        yield "All choices were made here, so these figures are a little too good."
        yield _headlines(evaluation.metrics["validation"])
        yield "## Unsure"
        yield f"If the highest probability is below {evaluation.unsure_threshold:g}."
        yield unsure_section(evaluation.metrics, evaluation.left_out)


def _as_the_app_sees_them(evaluation: Evaluation) -> Iterable[str]:
    if evaluation.exported is not None and evaluation.capture is not None:
        yield "## As the app sees faces"
        yield _ON_APP_VIEW
        yield crop_margin_section(evaluation.exported.crop_margin_search)
        yield f"A capture, at the margin {evaluation.exported.crop_margin:g}:"
        yield capture_section(evaluation.capture)


def _headlines(metrics: dict[LabelKind, ViewMetrics]) -> str:
    views: dict[str, Metrics] = {}
    for kind, of_kind in metrics.items():
        views[LABEL_KINDS[kind]] = of_kind
        views[f"{LABEL_KINDS[kind]}, with mirror image"] = of_kind.flip
    return headline_table(views)


def _training_rows(finished: Finished, evaluation: Evaluation) -> list[tuple[str, str]]:
    return [
        ("parameters", f"{evaluation.parameters:,}"),
        ("epochs", f"{finished.epochs}, the weights of epoch {finished.best_epoch} were kept"),
        ("duration", duration(finished.wall_seconds)),
        ("hardware", finished.hardware),
        ("processes", str(finished.processes)),
        ("precision", finished.precision),
        ("speed", f"{finished.faces_per_second:.0f} faces a second"),
        ("waiting for data", percent(finished.loader_share)),
        ("first weights", finished.weights),
        ("date", finished.date),
        ("commit", finished.commit),
    ]


def _data_table(manifest: dict[str, Any]) -> str:
    counts = manifest["counts"]
    rows = [
        (name, *(f"{counts[split][key]:,}" for split in SPLITS))
        for name, key in (
            *((emotion.value, EMOTIONS[emotion].fer2013) for emotion in Emotion),
            ("all, by own labels", "four_classes"),
            ("all, by FER+ labels", "ferplus_four_classes"),
        )
    ]
    return f"{manifest['name']}, before copies were dropped:\n\n{markdown_table(('', *SPLITS), rows)}"

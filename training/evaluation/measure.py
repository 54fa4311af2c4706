"""How a model does on splits of a data set, reported line by line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from training.evaluation.left_out import measure_left_out
from training.evaluation.predictions import SplitPredictions
from training.evaluation.record import LABEL_KINDS, Measurement
from training.evaluation.robustness import measure_robustness
from training.evaluation.tables import percent, points, with_interval

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from training.classifier import Classifier
    from training.data.face_set import FaceSet
    from training.evaluation.record import LabelKind, LeftOut, Robustness, ViewMetrics


def measure_splits(
    classify: Classifier,
    data: FaceSet,
    splits: Sequence[str],
    report: Callable[[str], None],
    threshold: float | None = None,
) -> tuple[dict[str, SplitPredictions], Measurement]:
    """Measures a model on splits of a data set; its robustness on the last of them.

    Args:
        classify: The model.
        data: The data set.
        splits: At least one.
        report: Takes a line of progress.
        threshold: Below it the app is unsure.

    Returns:
        What the model said, by split, and how good that is.

    Raises:
        DataError: A split has no face of the emotions.
    """
    predictions, metrics, left_out = {}, {}, {}
    for split in splits:
        predictions[split] = SplitPredictions.of(classify, data, split)
        metrics[split] = predictions[split].measure(threshold)
        left_out[split] = measure_left_out(classify, data, split, predictions[split], threshold)
        for line in (*_metrics_lines(metrics[split]), *_left_out_lines(left_out[split])):
            report(f"Evaluation: {split}, {line}")
    robustness = measure_robustness(classify, data, *predictions[split].judged)
    report(f"Evaluation: {_robustness_line(robustness)}")
    return predictions, Measurement(metrics=metrics, left_out=left_out, robustness=robustness)


def _metrics_lines(by_labels: dict[LabelKind, ViewMetrics]) -> Iterator[str]:
    for kind, metrics in by_labels.items():
        recall = ", ".join(f"{emotion} {percent(value)}" for emotion, value in metrics.recall.items())
        yield (
            f"{metrics.faces} faces, {LABEL_KINDS[kind]}: accuracy "
            f"{with_interval(*metrics.overall('accuracy'))}, with mirror image "
            f"{percent(metrics.flip.accuracy)}, macro F1 {percent(metrics.macro_f1)}, calibration error "
            f"{percent(metrics.ece)}; recall {recall}"
        )


def _left_out_lines(left_out: LeftOut | None) -> Iterator[str]:
    if left_out is not None:
        unsure = "" if left_out.unsure is None else f", unsure about {percent(left_out.unsure)}"
        yield f"{left_out.faces} faces of surprise, fear or disgust: AUROC {left_out.auroc:.3f}{unsure}"


def _robustness_line(robustness: Robustness) -> str:
    changes = ", ".join(f"{name} {points(-figures.loss)}" for name, figures in robustness.perturbed.items())
    return f"change in points on {robustness.faces} faces under: {changes}"

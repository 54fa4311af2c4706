"""The model card: as data for the app, and as text for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fer_desktop.domain import Emotion
from fer_desktop.files import write_whole
from fer_desktop.vision.model_card import FORMAT_VERSION
from training.config import Recipe
from training.evaluation.record import (
    LABEL_KINDS,
    Capture,
    Evaluation,
    Exported,
    MarginSearch,
    RunMeasurement,
)
from training.evaluation.sections import (
    capture_section,
    crop_margin_section,
    emotion_table,
    headline_table,
    robustness_section,
    unsure_section,
)
from training.evaluation.tables import copies, markdown_table, one_of, percent, points, with_interval
from training.model_file import Precision
from training.networks import NETWORKS
from training.personal import DRAWS, PersonalCard, personal_table
from training.progress import duration
from training.run_folder import Record
from training.transforms import MEAN, STD

if TYPE_CHECKING:
    from pathlib import Path

    from training.provenance import Finished

_TARGETS = {
    "ferplus": "the distribution of its FER+ votes over these emotions",
    "fer2013": "FER-2013's own labels",
    "mixed": "the mean of FER-2013's own labels and the distribution of its FER+ votes over these emotions",
}
_WEIGHTS = {
    "int8": "int8 in the large convolutions, which compute in 8 bits; fp32 elsewhere",
    "fp16": "fp16, computed in fp32",
}


class Input(Record):
    """What the network takes: faces of `size` pixels, less `mean`, divided by `std`."""

    size: int
    mean: float
    std: float


class Dataset(Record):
    """What the data set was, as its manifest says."""

    name: str
    source_sha256: dict[str, str]
    counts: dict[str, dict[str, int]]
    duplicates_dropped: dict[str, int]
    validation_copies_of_test: dict[str, int]


class Training(Record):
    """The cost of a training, and of those it continues from."""

    recipe: str
    commit: str
    hardware: str
    duration_seconds: int
    epochs: int
    continued_from: Training | None

    @classmethod
    def of(cls, recipe: str, finished: Finished, earlier: Training | None) -> Training:
        """Returns what a run took."""
        return cls(
            recipe=recipe,
            commit=finished.commit,
            hardware=finished.hardware,
            duration_seconds=round(finished.wall_seconds),
            epochs=finished.epochs,
            continued_from=earlier,
        )


class Card(RunMeasurement):
    """The content of emotion.json."""

    format_version: int
    version: str
    architecture: str
    weights: Precision
    rounding: dict[str, float]
    classes: list[str]
    input: Input
    unsure_threshold: float
    crop_margin: float
    crop_margin_search: MarginSearch
    capture: Capture
    recipe: Recipe
    dataset: Dataset
    training: Training
    sha256: str
    personal: PersonalCard | None = None


def build_card(
    recipe: Recipe,
    manifest: dict[str, Any],
    finished: Finished,
    evaluation: Evaluation,
    exported: Exported,
    earlier: Training | None,
) -> Card:
    """Returns the card of a run's model.

    Args:
        recipe: What was trained.
        manifest: Of the data.
        finished: What the training took.
        evaluation: What was measured.
        exported: The model file.
        earlier: The training from which it continued; None if it continued from none.
    """
    return Card(
        format_version=FORMAT_VERSION,
        version=finished.date,
        architecture=recipe.architecture,
        weights=exported.precision,
        rounding=exported.validation_accuracy,
        classes=[emotion.value for emotion in Emotion],
        input=Input(size=recipe.image_size, mean=MEAN, std=STD),
        recipe=recipe.model_copy(update={"precision": finished.precision}),
        dataset=Dataset.model_validate(manifest),
        training=Training.of(recipe.name, finished, earlier),
        crop_margin=exported.crop_margin,
        crop_margin_search=exported.crop_margin_search,
        sha256=exported.sha256,
        **{name: value for name, value in dict(evaluation).items() if name in Card.model_fields},
    )


def write_readme(card: Card, path: Path) -> None:
    """Writes the card as people read it; every number comes from `card`."""
    ferplus, fer2013 = card.metrics["test"]["ferplus"], card.metrics["test"]["fer2013"]
    training, counts = card.training, card.dataset.counts
    confusion = markdown_table(
        ("", *card.classes),
        [
            (f"**{emotion}**", *map(str, row))
            for emotion, row in zip(card.classes, ferplus.confusion, strict=True)
        ],
    )
    flips = [
        (words, points(view.flip.accuracy - view.accuracy), with_interval(*view.flip.overall("accuracy")))
        for words, view in (("FER+ labels", ferplus), ("FER-2013's own", fer2013))
    ]
    write_whole(
        path,
        f"""# The emotion model

Written by `python -m training` from emotion.json; do not edit.

`emotion.onnx` reads the expression of one gray face crop: {one_of(card.classes)}. It is
{NETWORKS[card.architecture].description} of {card.parameters:,} parameters that sees
{card.input.size}x{card.input.size} pixels. Version {card.version}, recipe
`{card.recipe.name}`, {training.epochs} epochs in {duration(training.duration_seconds)} on
{training.hardware}.{_earlier(training.continued_from)}

## The file

- Input `faces`: gray face crops, uint8, [n, 1, height, width], both at least 24; resizing and
  normalization happen inside.
- Output `probabilities`: float32, [n, {len(card.classes)}], in the order {", ".join(card.classes)};
  calibrated, rows sum to 1.
- Output `attention`: float32, [n, h, w] in 0..1, h and w at least 6: where the network looked (spatial
  attention).
- Weights: {_WEIGHTS[card.weights]}.
  Of the validation faces, the network as trained classifies {percent(card.rounding["network"])} correctly,
  with these weights {percent(card.rounding[card.weights])}.

`emotion.json` is its card; the app loads the two only if they belong together (SHA-256).

## Intended use

Choosing music by the look on a face, by the person whose face it is, for fun. It says how a face
**looks**, not what a person feels.

Not for decisions about people: not at work, in education, in hiring, in monitoring, in health or in
law. It knows nothing about identity, age or gender. In the European Union, reading emotions at work and in
education is prohibited (Regulation 2024/1689, article 5(1)(f)).

## How often it is correct

On the {fer2013.faces} faces of these emotions in FER-2013's test part (PrivateTest), on which nothing
was chosen. FER+ labels are the majority vote of ten people per face and exist for {ferplus.faces} of them;
FER-2013's own labels came with the pictures. In brackets 95 % intervals, by bootstrap over the faces.

{headline_table({"FER+ labels": ferplus, "FER-2013's own labels": fer2013})}

By emotion, FER+ labels:

{emotion_table(ferplus)}

By emotion, FER-2013's own labels:

{emotion_table(fer2013)}

What it named (columns) the faces of each FER+ label (rows):

{confusion}

The calibration error is the gap between confidence and accuracy (ECE, 15 equal bins):
{with_interval(*ferplus.overall("ece"))} by FER+ labels.

Averaging a face with its mirror image changes the accuracy
{" and ".join(f"by {change} points by {words}, to {accuracy}" for words, change, accuracy in flips)}.

## When it is unsure

If its highest probability is below {card.unsure_threshold:g}, the app says that it is unsure. The threshold
was chosen on the validation part; all figures are by FER+ labels.

{unsure_section(card.metrics, card.left_out)}

## Under what a webcam does to a face

{card.robustness.faces} test faces by FER+ labels, each changed in one way (in
`training/evaluation/perturbations.py`):

{robustness_section(card.robustness)}

## As the app sees faces

FER-2013's faces in the middle of larger frames, found by the app's detector and cropped again around its
box. The margin is a share of the box's side that is added on each side. On the validation part, by
{LABEL_KINDS[card.calibrated_on]}, {card.crop_margin:g} does best.
{crop_margin_section(card.crop_margin_search)}

A capture averages ten views of the face: moved a little, and mirrored. On the test part, by FER+ labels:
{capture_section(card.capture)}

{_personal(card)}## Data

{card.dataset.name}: 48x48 gray faces that an image search found in 2013 (Goodfellow
et al., 2013), with the votes of ten people each (Barsoum et al., 2016). The training part has
{counts["train"]["ferplus_four_classes"]} faces of these emotions by FER+ labels and
{counts["train"]["four_classes"]} by FER-2013's own labels. Of its faces of all labels,
{copies(card.dataset.duplicates_dropped)} were dropped before training as copies of validation or test faces.
What was learned of each is {_learned(card.recipe)}.

Checkpoint, class shift, temperature ({card.temperature:.2f}), threshold and crop margin
({card.crop_margin:g} of the box's side) were chosen by {LABEL_KINDS[card.calibrated_on]} on the
{card.metrics["validation"][card.calibrated_on].faces} validation faces (PublicTest).

## Limits

- **Noisy labels.** People disagree about such pictures. FER+ and FER-2013 give the same label to
  {percent(card.label_agreement["test"])} of the test faces, so no model can be correct by both.
  This one agrees with FER+ on {percent(ferplus.accuracy)} and with FER-2013's own labels on
  {percent(fer2013.accuracy)} of the faces.
- **Closed set.** Other emotions are not among its answers; such faces get one of these.
  How often the app is unsure about them is shown above.
- **Found pictures.** They come from the web of 2013, not from webcams. Who is in them is not recorded, so
  differences by skin colour, age or glasses are neither balanced nor measured.
- **Copies.** Not all training copies of test faces are found, and
  {copies(card.dataset.validation_copies_of_test)} validation faces are copies of test faces and were kept:
  the figures may be a little too high.
- **Not measured:** faces turned aside or covered; light and distance only as simulated on FER-2013's
  pictures.

## Licence

The weights come from pictures that are for research and belong to their sources. They are therefore
**not** under the MIT licence of the code: use them for research and private purposes only. FER+ labels:
MIT, Microsoft.
""",
        private=False,
    )


def _earlier(run: Training | None) -> str:
    """Returns what the training continued from, back to the first one."""
    if run is None:
        return ""
    return (
        f" It continued from the best weights of the recipe\n`{run.recipe}`: {run.epochs} epochs in "
        f"{duration(run.duration_seconds)} on {run.hardware}.{_earlier(run.continued_from)}"
    )


def _personal(card: Card) -> str:
    """Returns what a face profile gains; "" for a card that does not say it."""
    if card.personal is None:
        return ""
    return f"""## What a face profile gains

The app can learn one person's face: it keeps what the model reads while the person shows each emotion, and
reads by it. Measured by `python -m training personal` on {card.personal.readings} readings of posed faces of
{card.personal.people} people, always by leaving out the person: of that person, only the shown moments are
known, and the others are read. Means of {DRAWS} draws. The sessions are named as in the readings; neutral
faces have one of their own, and are then only shown. Emotions and calibration are those of the profile; the
app uses it only if it does better on the shown moments, each held out in turn.

{personal_table(card.personal.measured)}

"""


def _learned(recipe: Recipe) -> str:
    told = (
        f",\nand to {recipe.teacher_share:.0%} what the network of `{recipe.teacher}` said about it"
        if recipe.teacher
        else ""
    )
    return _TARGETS[recipe.targets] + told

"""The model card: as data for the app, and as text for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fer_desktop.domain import Emotion
from fer_desktop.vision.model_card import FORMAT_VERSION
from training.evaluation.predictions import LABEL_KINDS
from training.evaluation.sections import (
    capture_section,
    crop_margin_section,
    robustness_section,
    unsure_section,
)
from training.evaluation.tables import (
    copies,
    duration,
    markdown_table,
    percent,
    points,
    with_interval,
)
from training.transforms import MEAN, STD

if TYPE_CHECKING:
    from pathlib import Path

    from training.config import Recipe

_TARGETS = {
    "ferplus": "the spread of its FER+ votes over the four",
    "fer2013": "FER-2013's own labels",
    "mixed": "the mean of FER-2013's own labels and the spread of its FER+ votes over the four",
}
_WEIGHTS = {
    "int8": "int8 in the large convolutions, which compute in 8 bits; fp32 elsewhere",
    "fp16": "fp16, computed in fp32",
}
_DATASET_KEYS = ("name", "source_sha256", "counts", "duplicates_dropped", "validation_copies_of_test")


def build_card(
    recipe: Recipe,
    manifest: dict[str, Any],
    finished: dict[str, Any],
    evaluation: dict[str, Any],
    earlier: dict[str, Any] | None,
) -> dict[str, Any]:
    """Returns the content of emotion.json, from what the steps of a run left behind.

    Args:
        recipe: What was trained.
        manifest: Of the data.
        finished: What the training took.
        evaluation: What was measured.
        earlier: What the training took that it went on from, None where it began by itself.
    """
    exported = evaluation["exported"]
    return {
        "format_version": FORMAT_VERSION,
        "version": finished["date"],
        "architecture": recipe.architecture,
        "parameters": evaluation["parameters"],
        "weights": exported["precision"],
        "rounding": exported["validation_accuracy"],
        "classes": [emotion.value for emotion in Emotion],
        "input": {"size": recipe.image_size, "mean": MEAN, "std": STD},
        "calibrated_on": evaluation["calibrated_on"],
        "temperature": evaluation["temperature"],
        "class_shift": evaluation["class_shift"],
        "unsure_threshold": evaluation["unsure_threshold"],
        "crop_margin": exported["crop_margin"],
        "recipe": recipe.to_json() | {"precision": finished["precision"]},
        "dataset": {key: manifest[key] for key in _DATASET_KEYS},
        "training": {
            "commit": finished["commit"],
            "hardware": finished["hardware"],
            "duration_seconds": round(finished["wall_seconds"]),
            "epochs": finished["epochs"],
            "seed": recipe.seed,
            "goes_on_from": earlier,
        },
        "label_agreement": evaluation["label_agreement"],
        "metrics": evaluation["metrics"],
        "left_out": evaluation["left_out"],
        "robustness": evaluation["robustness"],
        "crop_margin_search": exported["crop_margin_search"],
        "capture": evaluation["capture"],
        "sha256": exported["sha256"],
    }


def write_readme(card: dict[str, Any], path: Path) -> None:
    """Writes the card as people read it; every number comes from `card`."""
    test, training = card["metrics"]["test"], card["training"]
    ferplus, fer2013 = test["ferplus"], test["fer2013"]
    counts = card["dataset"]["counts"]
    dropped, kept = card["dataset"]["duplicates_dropped"], card["dataset"]["validation_copies_of_test"]
    calibrated, rounding = card["calibrated_on"], card["rounding"]
    confusion = markdown_table(
        ("", *card["classes"]),
        [
            (f"**{emotion}**", *map(str, row))
            for emotion, row in zip(card["classes"], ferplus["confusion"], strict=True)
        ],
    )
    path.write_text(
        f"""# The emotion model

Written by `python -m training` from emotion.json; do not edit.

`emotion.onnx` reads the expression of one gray face crop: angry, happy, neutral or sad. It is a
ResNet18 with a convolutional block attention module (CBAM) of {card["parameters"]:,} parameters that sees
{card["input"]["size"]}x{card["input"]["size"]} pixels. Version {card["version"]}, recipe
`{card["recipe"]["name"]}`, {training["epochs"]} epochs in {duration(training["duration_seconds"])} on
{training["hardware"]}.{_earlier(training["goes_on_from"])}

## The file

- Input `faces`: gray face crops, uint8, [n, 1, height, width], both at least 24; resizing and
  normalisation happen inside.
- Output `probabilities`: float32, [n, 4], in the order {", ".join(card["classes"])}; calibrated, rows sum
  to 1.
- Output `attention`: float32, [n, h, w] in 0..1, h and w at least 6: the places that counted (CBAM's
  spatial attention).
- Weights: {_WEIGHTS[card["weights"]]}.
  Of the validation faces the network as it was trained names {percent(rounding["network"])} rightly, with
  these weights {percent(rounding[card["weights"]])}.

`emotion.json` is its card; the app loads the two only if they belong together (SHA-256).

## What it is for

Picking music by the look on a face, by the person whose face it is, for fun. It tells how a face
**looks**, not what a person feels.

Not for decisions about people: not at work, in education, in hiring, in monitoring, in health or in
law. It knows nothing of identity, age or gender. In the European Union, reading
emotions at work and in education is forbidden (Regulation 2024/1689, article 5(1)(f)).

## How often it is right

On the {fer2013["faces"]} faces of these four emotions in FER-2013's test part (PrivateTest), which
nothing was chosen on. FER+ labels are the majority of ten people per face and exist for
{ferplus["faces"]} of them; FER-2013's own labels came with the pictures. In brackets 95 % intervals, by
bootstrap over the faces.

{_headlines(ferplus, fer2013)}

By emotion, FER+ labels:

{_by_emotion(ferplus)}

By emotion, FER-2013's own labels:

{_by_emotion(fer2013)}

What it named (columns) the faces of each FER+ label (rows):

{confusion}

The calibration error says how far "so many per cent sure" and "right so often" lie apart (ECE, 15 equal
bins): {with_interval(ferplus, "ece")} by FER+ labels.

The mean of a face and its mirror image changes the accuracy by
{points(ferplus["flip"]["accuracy"] - ferplus["accuracy"])} points by FER+ labels, to
{with_interval(ferplus["flip"], "accuracy")}, and by
{points(fer2013["flip"]["accuracy"] - fer2013["accuracy"])} points by FER-2013's own, to
{with_interval(fer2013["flip"], "accuracy")}.

## When it is unsure

Where its highest probability is below {card["unsure_threshold"]:g}, the app says that it is unsure. The
threshold was chosen on the validation part; all by FER+ labels.

{unsure_section(card["metrics"], card["left_out"])}

## Under what a webcam does to a face

{card["robustness"]["faces"]} test faces by FER+ labels, each changed in one way (in
`training/evaluation/perturbations.py`):

{robustness_section(card["robustness"])}

## As the app sees faces

FER-2013's faces in the middle of larger frames, found by the app's detector and cut out again around its
box. The margin is a share of the box's side that is added on each side. On the validation part, by
{LABEL_KINDS[calibrated]}, {card["crop_margin"]:g} does best.
{crop_margin_section(card["crop_margin_search"])}

A capture averages ten views of the face: moved a little, and mirrored. On the test part, by FER+ labels:
{capture_section(card["capture"])}

## Data

{card["dataset"]["name"]}: 48x48 gray faces that an image search found in 2013 (Goodfellow
et al., 2013), with the votes of ten people each (Barsoum et al., 2016). The training part has
{counts["train"]["ferplus_four_classes"]} faces with one of the four FER+ labels and
{counts["train"]["four_classes"]} with one of the four of FER-2013. Of its faces of all labels,
{copies(dropped)} were dropped before training as copies of validation or test faces.
What was learnt of each is {_learnt(card["recipe"])}.

Checkpoint, class shift, temperature ({card["temperature"]:.2f}), threshold and crop margin
({card["crop_margin"]:g} of the box's side) were chosen by {LABEL_KINDS[calibrated]} on the
{card["metrics"]["validation"][calibrated]["faces"]} validation faces (PublicTest).

## Limits

- **Noisy labels.** People disagree about such pictures. FER+ and FER-2013 give the same label to
  {percent(card["label_agreement"]["test"])} of the test faces, so that no model can be right by
  both. This one agrees with FER+ in {percent(ferplus["accuracy"])} and with FER-2013's own labels in
  {percent(fer2013["accuracy"])} of the faces.
- **Closed set.** Fear, disgust and surprise are not among its answers; such faces get one of the four.
  How often the app is unsure of them stands above.
- **Found pictures.** They are from the web of 2013, not from webcams. Who is in them is not recorded, so
  differences by skin colour, age or glasses are neither balanced nor measured.
- **Copies.** Training copies of test faces are not all found, and {copies(kept)} validation faces are copies
  of test faces, which stay: the figures may be a little too high.
- **Not measured:** faces turned aside or covered; light and distance only as made of FER-2013's pictures.

## Licence

The weights come from pictures that are for research and belong to their sources. They are therefore
**not** under the MIT licence of the code: use them for research and private purposes only. FER+ labels:
MIT, Microsoft.
""",
        encoding="utf-8",
    )


def _earlier(run: dict[str, Any] | None) -> str:
    """Returns what the training went on from, back to the one that began by itself."""
    if run is None:
        return ""
    return (
        f" It went on from the best weights of the recipe\n`{run['recipe']}`: {run['epochs']} epochs in "
        f"{duration(run['duration_seconds'])} on {run['hardware']}.{_earlier(run['goes_on_from'])}"
    )


def _learnt(recipe: dict[str, Any]) -> str:
    targets, teacher, share = (recipe[name] for name in ("targets", "teacher", "teacher_share"))
    told = f",\nand by {share:.0%} what the network of `{teacher}` said of it" if teacher else ""
    return _TARGETS[targets] + told


def _headlines(ferplus: dict[str, Any], fer2013: dict[str, Any]) -> str:
    names = {
        "named rightly (accuracy)": "accuracy",
        "mean recall of the four": "macro_recall",
        "mean F1 of the four": "macro_f1",
        "calibration error": "ece",
    }
    rows = [(words, with_interval(ferplus, key), with_interval(fer2013, key)) for words, key in names.items()]
    return markdown_table(("", "FER+ labels", "FER-2013's own labels"), rows)


def _by_emotion(metrics: dict[str, Any]) -> str:
    names = ("recall", "precision", "f1")
    rows = [
        (emotion.value, *(with_interval(metrics, name, emotion.value) for name in names))
        for emotion in Emotion
    ]
    header = ("", "recall: of its faces, named so", "precision: of those named so, right", "F1")
    return markdown_table(header, rows)

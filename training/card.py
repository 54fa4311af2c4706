"""The model card: as data for the app, and as text for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fer_desktop.domain import Emotion
from fer_desktop.vision.model_card import FORMAT_VERSION
from training.transforms import MEAN, STD

if TYPE_CHECKING:
    from pathlib import Path

    from training.config import Recipe


def build_card(
    recipe: Recipe, manifest: dict[str, Any], finished: dict[str, Any], evaluation: dict[str, Any]
) -> dict[str, Any]:
    """Returns the content of emotion.json, from what the steps of a run left behind."""
    return {
        "format_version": FORMAT_VERSION,
        "version": finished["date"],
        "architecture": recipe.architecture,
        "classes": [emotion.value for emotion in Emotion],
        "input": {"size": recipe.image_size, "mean": MEAN, "std": STD},
        "temperature": evaluation["temperature"],
        "unsure_threshold": evaluation["unsure_threshold"],
        "crop_margin": evaluation["crop_margin"],
        "recipe": recipe.to_json() | {"precision": finished["precision"]},
        "dataset": {key: manifest[key] for key in ("name", "source_sha256", "counts", "duplicates_dropped")},
        "training": {
            "commit": finished["commit"],
            "hardware": finished["hardware"],
            "duration_seconds": round(finished["wall_seconds"]),
            "epochs": finished["epochs"],
            "seed": recipe.seed,
        },
        "metrics": evaluation["metrics"],
        "crop_margin_search": evaluation["crop_margin_search"],
        "sha256": evaluation["sha256"],
    }


def write_readme(card: dict[str, Any], path: Path) -> None:
    """Writes the card as people read it; every number comes from `card`."""
    test, training = card["metrics"]["test"], card["training"]
    ferplus, fer2013 = test["ferplus"], test["fer2013"]
    counts = card["dataset"]["counts"]
    dropped = sum(card["dataset"]["duplicates_dropped"].values())
    rows = "\n".join(
        f"| {emotion} | {ferplus['recall'][emotion]:.1%} | {fer2013['recall'][emotion]:.1%} |"
        for emotion in card["classes"]
    )
    confusion = "\n".join(
        f"| **{emotion}** | {' | '.join(str(count) for count in row)} |"
        for emotion, row in zip(card["classes"], ferplus["confusion"], strict=True)
    )
    path.write_text(
        f"""# The emotion model

Written by `python -m training` from emotion.json; do not edit.

`emotion.onnx` reads the expression of one gray face crop: angry, happy, neutral or sad. It is a
ResNet18 with a convolutional block attention module (CBAM) that sees
{card["input"]["size"]}x{card["input"]["size"]} pixels. Version {card["version"]}, recipe
`{card["recipe"]["name"]}`, {training["epochs"]} epochs in {training["duration_seconds"] / 60:.0f}
minutes on {training["hardware"]}.

## The file

- Input `faces`: gray face crops, uint8, [n, 1, height, width], both at least 24; resizing and
  normalisation happen inside.
- Output `probabilities`: float32, [n, 4], in the order {", ".join(card["classes"])}; calibrated, rows sum
  to 1.
- Output `attention`: float32, [n, h, w] in 0..1, h and w at least 6: the places that counted (CBAM's
  spatial attention).

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
{ferplus["faces"]} of them; FER-2013's own labels came with the pictures.

| share named rightly | FER+ labels | FER-2013's labels |
|---|---|---|
| **all** | {ferplus["accuracy"]:.1%} | {fer2013["accuracy"]:.1%} |
{rows}
| mean of the four | {ferplus["macro_recall"]:.1%} | {fer2013["macro_recall"]:.1%} |
| calibration error | {ferplus["ece"]:.1%} | {fer2013["ece"]:.1%} |

What it named (columns) the faces of each FER+ label (rows):

| | {" | ".join(card["classes"])} |
|---|{"---|" * len(card["classes"])}
{confusion}

Where its highest probability is below {card["unsure_threshold"]:g}, the app says that it is unsure. On
the other {ferplus["unsure"]["kept_share"]:.0%} of the faces it is right in
{ferplus["unsure"]["kept_accuracy"]:.1%}.

## Data

{card["dataset"]["name"]}: 48x48 gray faces that an image search found in 2013 (Goodfellow
et al., 2013), with the votes of ten people each (Barsoum et al., 2016). Trained on the training part's
faces whose FER+ label is one of the four ({counts["train"]["ferplus_four_classes"]}, before
{dropped} training pictures of all labels were dropped as copies of
validation or test faces), towards the spread of the votes. Checkpoint, class balance, temperature
({card["temperature"]:.2f}), threshold and crop margin ({card["crop_margin"]:g} of the box's side) were
chosen on the {card["metrics"]["validation"]["ferplus"]["faces"]} validation faces (PublicTest).

## Limits

- **Noisy labels.** People disagree about such pictures, and so do FER+ and FER-2013: no model can be
  right by both.
- **Closed set.** Fear, disgust and surprise are not among its answers; such faces get one of the four.
- **Found pictures.** They are from the web of 2013, not from webcams. Who is in them is not recorded, so
  differences by skin colour, age or glasses are neither balanced nor measured.
- **Copies.** Training faces that show a test face in a somewhat other crop are not all found and dropped,
  so the figures are a little too high.
- **Not measured:** faces turned aside, covered, in poor light, or far away.

## Licence

The weights come from pictures that are for research and belong to their sources. They are therefore
**not** under the MIT licence of the code: use them for research and private purposes only. FER+ labels:
MIT, Microsoft.
""",
        encoding="utf-8",
    )

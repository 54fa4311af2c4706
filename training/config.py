"""Recipes: all values that a training depends on, read from training/recipes/<name>.toml."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from training.errors import TrainingError

RECIPES_DIR = Path(__file__).parent / "recipes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """One way to train a model.

    Attributes:
        name: The file's name without ".toml".
        seed: Seeds the first weights, the order of the faces, augmentation and dropout.
        architecture: The network, see `training.models`.
        image_size: Side in pixels of what the network sees.
        dropout: Share of the features that are dropped before the dense layer.
        epochs: Passes; one draws as many faces as there are training faces.
        small_epochs: How many of them, at the beginning, see smaller pictures, which is cheaper.
        small_image_size: Side in pixels in those.
        batch_size: Faces a step.
        precision: "bf16" runs convolutions in bfloat16 where the device computes in it, else in float32.
        learning_rate: The peak of the one-cycle schedule (Smith and Topin, 2018), for AdamW (Loshchilov
            and Hutter, 2019).
        warmup_share: Share of the steps until the peak.
        weight_decay: Of convolutions and dense layers; normalisation and biases have none.
        ema_decay: Of the moving average of the weights, which is what is evaluated and exported.
        balance: 0 draws each face equally often, 1 each class; between, classes weigh count ** (1 - balance).
        mixup: Parameter of the Beta distribution of mixup (Zhang et al., 2018); 0 is none.
        crop_scale: Tightest and loosest crop, as a share of FER-2013's own.
        rotation_degrees: Largest rotation to either side.
        shift: Largest shift in each direction, as a share of the side.
        lighting: Strength of changes in brightness, contrast, gamma and light from one side; 0 is none.
        blur_probability: Share of the faces that lose resolution and gain noise.
        erasing_probability: Share of the faces in which a rectangle is painted over.
    """

    name: str
    seed: int
    architecture: Literal["resnet18_cbam"]
    image_size: int
    dropout: float
    epochs: int
    small_epochs: int
    small_image_size: int
    batch_size: int
    precision: Literal["bf16", "fp32"]
    learning_rate: float
    warmup_share: float
    weight_decay: float
    ema_decay: float
    balance: float
    mixup: float
    crop_scale: tuple[float, float]
    rotation_degrees: float
    shift: float
    lighting: float
    blur_probability: float
    erasing_probability: float

    @classmethod
    def load(cls, name_or_path: str) -> Recipe:
        """Reads a recipe of ours by its name, or any by the path of its file.

        Raises:
            TrainingError: There is none of that name, or it lacks a value, or has one too many.
        """
        path = Path(name_or_path)
        if path.suffix != ".toml":
            path = RECIPES_DIR / f"{name_or_path}.toml"
        try:
            values = tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            known = ", ".join(sorted(recipe.stem for recipe in RECIPES_DIR.glob("*.toml")))
            raise TrainingError("No such recipe", f"{path} is not there.", f"There are: {known}.") from None
        except (OSError, ValueError) as error:
            raise TrainingError("Recipe unreadable", f"{path}: {error}.", "Correct the file.") from error
        return cls._parse(path, {"name": path.stem, **values})

    @classmethod
    def _parse(cls, path: Path, values: dict[str, Any]) -> Recipe:
        names = {field.name for field in dataclasses.fields(cls)}
        for what, wrong in (("lacks", names - values.keys()), ("has unknown", values.keys() - names)):
            if wrong:
                raise TrainingError(
                    "Recipe unusable", f"{path} {what}: {', '.join(sorted(wrong))}.", "Correct the file."
                )
        return cls(**values | {"crop_scale": tuple(values["crop_scale"])})

    def to_json(self) -> dict[str, Any]:
        """Returns all values, as the model card and the run folder keep them."""
        return dataclasses.asdict(self) | {"crop_scale": list(self.crop_scale)}

    @property
    def digest(self) -> str:
        """Eight hex digits that differ where any value differs."""
        return hashlib.sha256(json.dumps(self.to_json(), sort_keys=True).encode()).hexdigest()[:8]

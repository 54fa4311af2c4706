"""Recipes: all values that a training depends on, read from training/recipes/<name>.toml."""

from __future__ import annotations

import hashlib
import json
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializeAsAny,
    SerializerFunctionWrapHandler,
    ValidationError,
    model_serializer,
    model_validator,
)

from training.errors import TrainingError
from training.networks import NETWORKS, Network, NetworkOptions

RECIPES_DIR = Path(__file__).parent / "recipes"

PUBLISHED_WEIGHTS = ("imagenet", "vggface2")
"""What a network may start from, apart from recipes and files; see `Recipe.weights`."""

_Count = Annotated[int, Field(ge=1)]
_CountOrNone = Annotated[int, Field(ge=0)]
_Share = Annotated[float, Field(ge=0, lt=1)]
_Strength = Annotated[float, Field(ge=0)]
_Side = Annotated[int, Field(ge=24, le=512)]


class Recipe(BaseModel):
    """One way to train a model. What a recipe's file leaves out is off.

    In the file, and wherever a recipe is kept, the options of its network are among the other values.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str  # the file's name without ".toml"
    seed: int = 1  # determines the first weights, the order of the faces, augmentation and dropout
    # What is learned: the data set's own labels, the distribution of the FER+ votes, or the mean of both.
    # Validation uses the same labels, FER+ for "mixed".
    targets: Literal["fer2013", "ferplus", "mixed"]
    other_emotions: bool = False  # learns the faces of other emotions too, as equally far from all of ours
    # Learns the validation faces too, except copies of test faces: a recipe that was chosen on them may
    # finally learn from all. Nothing is chosen or calibrated on them then, and there is no model for the app.
    validation_too: bool = False
    teacher: str | None = None  # the recipe whose best network's opinion of each face is learned too
    teacher_share: _Share = 0.0  # share of the targets that is this opinion (`training.teacher`)

    architecture: str  # one of `NETWORKS`
    options: SerializeAsAny[NetworkOptions]  # what that network alone can be told
    image_size: _Side  # side in pixels of what the network sees
    dropout: _Share = 0.0  # share of the features that is dropped before the last dense layer
    # What the network starts from: "none" (random weights), the name of a recipe, whose best weights it
    # continues from, the path of one of our checkpoints, "imagenet" (torchvision's ResNet18; also the path of
    # a state dict of it) or "vggface2" (`training.face_weights`).
    weights: str = "none"
    continues: str | None = None  # the recipe whose best weights are used if ImageNet's cannot be downloaded

    epochs: _Count  # at most; each draws as many faces as there are training faces
    early_stopping: _CountOrNone = 0  # ends after this many epochs without progress; 0 is never
    # What decides which epoch is best: validation accuracy, its mean with macro recall, or being the last, if
    # what is learned does not show on unchanged validation faces.
    selection: Literal["accuracy", "score", "last"] = "accuracy"
    small_epochs: _CountOrNone = 0  # how many, at the start, see smaller pictures, which is cheaper
    small_image_size: _Side | None = None
    batch_size: _Count  # faces per step, all processes together
    precision: Literal["bf16", "fp16", "fp32"] = "fp32"  # 16 bits are used if they are fast on the device

    optimizer: Literal["adam", "adamw"] = "adam"  # Kingma and Ba, 2015; Loshchilov and Hutter, 2019
    learning_rate: Annotated[float, Field(gt=0)]  # the highest in the schedule
    # "step": times `step_factor` every `step_epochs`; "cosine": down to 0 in `cosine_epochs`, then up again;
    # "onecycle": Smith and Topin, 2018.
    schedule: Literal["constant", "step", "cosine", "onecycle"] = "constant"
    warmup_share: _Share = 0.2  # share of the steps before the peak of "onecycle"
    step_epochs: _Count = 5
    step_factor: Annotated[float, Field(gt=0, lt=1)] = 0.1
    cosine_epochs: _Count = 15
    weight_decay: _Strength = 0.0  # of convolutions and dense layers, not of normalization and biases
    gradient_clip: _Strength = 0.0  # largest norm of the gradient; 0 does not clip
    ema_decay: _Share = 0.0  # of the moving average of the weights, which is then evaluated; 0 is none

    class_weights: bool = False  # rare classes weigh more in the loss: all weigh the same in total
    focal_gamma: _Strength = 0.0  # of the focal loss (Lin et al., 2017); 0 is cross-entropy
    label_smoothing: _Share = 0.0  # share of each target spread over all classes (Szegedy et al., 2016)
    class_shift: bool = False  # balances the exported classes on the validation part (`choose_class_shift`)

    # 0 draws each face equally often, 1 each class; between, classes weigh count ** (1 - balance).
    balance: Annotated[float, Field(ge=0, le=1)] = 0.0
    mixup: _Strength = 0.0  # parameter of the Beta distribution (Zhang et al., 2018); 0 is none
    mirror: bool = False  # mirrors half of the faces
    # Tightest and loosest crop, as a share of the data set's own.
    crop_scale: tuple[Annotated[float, Field(gt=0)], Annotated[float, Field(gt=0)]] = (1.0, 1.0)
    rotation_degrees: Annotated[float, Field(ge=0, le=180)] = 0.0  # largest rotation to either side
    shift: _Share = 0.0  # largest shift in each direction, as a share of the side
    lighting: _Strength = 0.0  # strength of changes in brightness, contrast, gamma and light from one side
    gain: Annotated[float, Field(ge=1)] = 1.0  # largest factor of pixel values, and its inverse; white stays
    blur_probability: Annotated[float, Field(ge=0, le=1)] = 0.0  # share that loses resolution and gains noise
    noise: _Strength = 0.04  # largest standard deviation of that noise, of pixel values in 0..1
    erasing_probability: Annotated[float, Field(ge=0, le=1)] = 0.0  # share that gets a painted rectangle

    @model_validator(mode="before")
    @classmethod
    def _gather_options(cls, values: dict[str, Any]) -> dict[str, Any]:
        if "options" in values:  # they are gathered here and stand next to the other values in a recipe
            raise ValueError("options is not known")
        kind = NETWORKS.get(str(values.get("architecture", "")))
        if kind is None:
            raise ValueError(f"architecture must be one of {', '.join(NETWORKS)}")
        own = {name: value for name, value in values.items() if name in kind.model_fields}
        rest = {name: value for name, value in values.items() if name not in own}
        for name, default in _options_of_others(kind).items():
            # Earlier versions kept the options of all networks with every run, at their defaults.
            if rest.pop(name, default) != default:
                raise ValueError(f"{name} is not an option of {values['architecture']}")
        try:
            return {"options": kind.model_validate(own), **rest}
        except ValidationError as error:
            raise ValueError(in_words(error)) from error

    @model_serializer(mode="wrap")
    def _spread_options(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        spread: dict[str, Any] = {}
        for name, value in serialize(self).items():
            spread |= value if name == "options" else {name: value}
        return spread

    @model_validator(mode="after")
    def _check_together(self) -> Self:
        network = self.architecture
        if self.small_epochs and self.small_image_size is None:
            raise ValueError("small_epochs needs small_image_size")
        if self.small_epochs and not self.options.takes_any_size:
            raise ValueError(f"{network} sees one size only: small_epochs must be 0")
        if self.weights != "none" and not self.options.takes_weights:
            raise ValueError(f'{network} starts from random weights: weights must be "none"')
        if self.weights in PUBLISHED_WEIGHTS and self.weights not in self.options.published_weights:
            raise ValueError(f'weights "{self.weights}" do not fit {network}')
        if (self.teacher is None) != (self.teacher_share == 0):
            raise ValueError("teacher and teacher_share need each other")
        if self.validation_too and (self.selection != "last" or self.early_stopping or self.class_shift):
            raise ValueError(
                'validation_too leaves nothing to choose by: selection must be "last", early_stopping 0 and '
                "class_shift false"
            )
        if self.crop_scale[0] > self.crop_scale[1]:
            raise ValueError("crop_scale must have the tightest crop first")
        return self

    @classmethod
    def load(cls, name_or_path: str | Path, changes: dict[str, Any] | None = None) -> Recipe:
        """Reads one of our recipes by its name, or any by the path of its file.

        Args:
            name_or_path: "quick", or the path of a .toml file.
            changes: Values that replace the file's.

        Raises:
            TrainingError: There is no such recipe, or it lacks a value, has one too many or a wrong one.
        """
        path = Path(name_or_path)
        if path.suffix != ".toml":
            path = RECIPES_DIR / f"{name_or_path}.toml"
        try:
            values = tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            known = ", ".join(recipe_names())
            raise TrainingError("No such recipe", f"{path} is missing.", f"There are: {known}.") from None
        except (OSError, ValueError) as error:
            raise TrainingError("Recipe unreadable", f"{path}: {error}.", "Correct the file.") from error
        changes = changes or {}
        hint = "Correct the value given with --set." if changes else "Correct the file."
        try:
            recipe = cls.model_validate({"name": path.stem, **values, **changes})
        except ValidationError as error:
            raise TrainingError("Recipe unusable", f"{path}: {in_words(error)}.", hint) from error
        for name in changes.keys() & _options_of_others(type(recipe.options)):
            raise TrainingError("Recipe unusable", f"{name} is not an option of {recipe.architecture}.", hint)
        return recipe

    def build_network(self) -> Network:
        """Returns the network with random weights."""
        return self.options.build(dropout=self.dropout, image_size=self.image_size)

    def to_json(self) -> dict[str, Any]:
        """Returns all values, as the model card and checkpoints keep them."""
        return self.model_dump(mode="json")

    def to_toml(self) -> str:
        """Returns all values as a file that `load` reads."""
        given = {name: value for name, value in self.to_json().items() if value is not None}
        return "".join(f"{name} = {json.dumps(value)}\n" for name, value in given.items())

    @property
    def digest(self) -> str:
        """Eight hex digits that differ if any value differs.

        What is off is left out, so that runs stay known when recipes learn something new.
        """
        values = self.model_dump(mode="json", exclude_defaults=True)
        return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:8]


def recipe_names() -> list[str]:
    """Returns the names of our recipes, sorted."""
    return sorted(path.stem for path in RECIPES_DIR.glob("*.toml"))


def parse_change(text: str) -> tuple[str, Any]:
    """Reads what follows --set: "epochs=3", "cbam=false", "targets=fer2013".

    Raises:
        ValueError: There is no name and no equals sign.
    """
    name, sign, value = text.partition("=")
    if not sign or not name.strip():
        raise ValueError(f"{text!r} is not NAME=VALUE")
    try:
        return name.strip(), tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return name.strip(), value.strip()  # a word without its quotation marks


def in_words(error: ValidationError) -> str:
    """Returns what is wrong with which values, in one line."""
    lines = []
    for each in error.errors():
        name = ".".join(map(str, each["loc"]))
        if each["type"] == "missing":
            lines.append(f"{name} is missing")
        elif each["type"] == "extra_forbidden":
            lines.append(f"{name} is not known")
        else:
            lines.append(f"{name}: {each['msg']}" if name else str(each["ctx"]["error"]))
    return "; ".join(lines)


def _options_of_others(kind: type[NetworkOptions]) -> dict[str, Any]:
    """Returns the names and defaults of the options of other networks that this one lacks."""
    return {
        name: field.default
        for other in NETWORKS.values()
        for name, field in other.model_fields.items()
        if name not in kind.model_fields
    }

"""How readings of posed faces differ from person to person, and what a face profile gains by it.

Everything is chosen and measured by leaving out one person: what is known about people comes from the others,
and of the person only the moments that are shown.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import permutations, product
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fer_desktop.domain import Emotion, EmotionScores
from fer_desktop.personal.held_out import compare_held_out
from fer_desktop.personal.population import BASIS, DIMENSIONS, Population, centred_logs
from fer_desktop.personal.profile import FaceProfile
from fer_desktop.personal.reader import PersonalReader
from training.errors import DataError
from training.evaluation.metrics import expected_calibration_error
from training.evaluation.tables import markdown_table, percent
from training.run_folder import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from fer_desktop.personal.population import Vectors

Places = NDArray[np.int64]

DRAWS = 20
"""Random draws of the shown moments that a figure is the mean of."""

_CHOOSING_DRAWS = 4
_SEED = 0
_SHRINKAGES = (0.1, 0.2, 0.4, 0.6, 0.8, 1.0)
_TAILS = (3.0, 5.0, 10.0, 30.0)
_TEMPERATURES = (0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.75, 2.0)
_SMALLEST_SPREAD = 1e-3
_SHOWN_AT = datetime(2026, 1, 1, tzinfo=UTC)
_MIN_PEOPLE = 3


class Measured(Record):
    """What one way of showing faces gains, on the person's other faces.

    Attributes:
        shown: What was shown.
        faces: How many faces were read, over all draws.
        general: Share that the model alone names correctly.
        personal: Share that the personal reading names correctly.
        in_app: Share that the app names correctly, which reads by the profile only if it does better on what
            was shown, held out.
        recall: Share that the personal reading names correctly, by emotion; None for one without a face.
        calibration_error: Of the personal reading, in 15 equal bins.
    """

    shown: str
    faces: int
    general: float
    personal: float
    in_app: float
    recall: dict[Emotion, float | None]
    calibration_error: float


class PersonalCard(Record):
    """The card's part `personal`: a `Population`, how it was chosen, and what it gains.

    Attributes:
        people: Whose readings it was measured on.
        readings: How many.
        shrinkage: How far the covariances were moved towards round ones, 0 to 1.
        measured: One entry for each way of showing faces.
    """

    means: list[list[float]]
    between: list[list[float]]
    within: list[list[list[float]]]
    tail: float
    temperature: float
    shrinkage: float
    people: int
    readings: int
    measured: list[Measured]


@dataclass(frozen=True, slots=True, eq=False)
class Readings:
    """What a model read in posed faces; one entry per face, [faces] or [faces, emotions].

    Attributes:
        people: Whose face it is.
        sessions: In which session it was posed; neutral faces may have one of their own.
        emotions: What was posed, as the place in `Emotion`.
        probabilities: What the model read.
    """

    people: NDArray[np.str_]
    sessions: NDArray[np.str_]
    emotions: Places
    probabilities: Vectors

    @classmethod
    def load(cls, path: Path) -> Readings:
        """Reads a CSV with the columns person, session, emotion, and p_<emotion> for each emotion.

        Raises:
            DataError: It cannot be read, lacks a column, has a wrong value, or too few people.
        """
        try:
            with path.open(encoding="utf-8", newline="") as file:
                rows = list(csv.DictReader(file))
            readings = cls(
                np.array([row["person"] for row in rows]),
                np.array([row["session"] for row in rows]),
                np.array([list(Emotion).index(Emotion(row["emotion"])) for row in rows]),
                np.array([[float(row[f"p_{emotion}"]) for emotion in Emotion] for row in rows]),
            )
        except (OSError, ValueError, KeyError, TypeError, csv.Error) as error:
            raise DataError(
                "Readings unusable",
                f"{path} cannot be read as readings of posed faces ({error!r}).",
                "It is a CSV with the columns person, session, emotion, "
                + ", ".join(f"p_{emotion}" for emotion in Emotion)
                + ".",
            ) from error
        who = [set(readings.people[readings.emotions == place].tolist()) for place in range(len(Emotion))]
        if min(map(len, who)) < _MIN_PEOPLE:
            raise DataError(
                "Too few people",
                f"{path} has an emotion that fewer than {_MIN_PEOPLE} people show.",
                "Take readings of more people.",
            )
        return readings

    def at(self, places: Places | NDArray[np.bool_]) -> Readings:
        """Returns some of them."""
        return Readings(
            self.people[places], self.sessions[places], self.emotions[places], self.probabilities[places]
        )


class Draw(NamedTuple):
    """One person, with the indices of the readings that are shown and of those that are then tested."""

    person: str
    shown: Places
    tested: Places


def population_of(readings: Readings, shrinkage: float) -> Population:
    """Measures how readings vary between and within people; tail and temperature remain to be chosen.

    Args:
        readings: At least two people, and some of their emotions more than once.
        shrinkage: How far each covariance is moved towards a round one of the same size, 0 to 1.
    """
    points = centred_logs(readings.probabilities) @ BASIS
    people = sorted(set(readings.people.tolist()))
    means = np.full((len(people), len(Emotion), DIMENSIONS), np.nan)
    noise = np.full((len(people), len(Emotion)), np.nan)
    scatter = np.zeros((len(Emotion), DIMENSIONS, DIMENSIONS))
    freedom = np.zeros(len(Emotion))
    for row, person in enumerate(people):
        for place in range(len(Emotion)):
            own = points[(readings.people == person) & (readings.emotions == place)]
            if len(own):
                means[row, place] = own.mean(axis=0)
                noise[row, place] = 1 / len(own)
                rest = own - means[row, place]
                scatter[place] += rest.T @ rest
                freedom[place] += len(own) - 1
    within = scatter / np.maximum(freedom, 1)[:, np.newaxis, np.newaxis]
    mean = np.nanmean(means, axis=0)
    # Pairs of emotions that someone did not show are left out; so the sum may not be a covariance yet.
    offsets = np.nan_to_num(means - mean).reshape(len(people), -1)
    known = (~np.isnan(means)).astype(float).reshape(len(people), -1)
    between = offsets.T @ offsets / np.maximum(known.T @ known - 1, 1)
    rounded = np.zeros_like(between)
    for place, share in enumerate(np.nanmean(noise, axis=0)):
        block = np.s_[place * DIMENSIONS : (place + 1) * DIMENSIONS]
        between[block, block] -= share * within[place]  # few moments make means differ by themselves
        rounded[block, block] = _round(between[block, block])
    return Population(
        model_version="",
        means=mean,
        between=_positive((1 - shrinkage) * between + shrinkage * rounded),
        within=np.stack([_positive((1 - shrinkage) * each + shrinkage * _round(each)) for each in within]),
        tail=_TAILS[0],
        temperature=1.0,
    )


def _round(covariance: Vectors) -> Vectors:
    rounded: Vectors = np.eye(len(covariance)) * max(np.trace(covariance) / len(covariance), _SMALLEST_SPREAD)
    return rounded


def _positive(covariance: Vectors) -> Vectors:
    values, vectors = np.linalg.eigh(covariance)
    positive: Vectors = (vectors * np.maximum(values, _SMALLEST_SPREAD)) @ vectors.T
    return positive


def random_draws(
    readings: Readings, count: int, draws: int = DRAWS, emotions: Sequence[Emotion] = tuple(Emotion)
) -> list[Draw]:
    """Returns draws that show `count` moments of each emotion and test the person's others.

    Only people who have more than `count` of each emotion take part; of those, only `emotions` are shown.
    """
    random = np.random.default_rng(_SEED)
    found = []
    for _ in range(draws):
        for person in sorted(set(readings.people.tolist())):
            own = [np.flatnonzero((readings.people == person) & (readings.emotions == place))
                   for place in range(len(Emotion))]  # fmt: skip
            if min(map(len, own)) > count:
                picked = [random.choice(each, count, replace=False) for each in own]
                tested = np.setdiff1d(np.concatenate(own), np.concatenate(picked))
                shown = [each for each, emotion in zip(picked, Emotion, strict=True) if emotion in emotions]
                found.append(Draw(person, np.concatenate(shown), tested))
    return found


def session_draws(readings: Readings, shown_in: str, tested_in: str, draws: int = DRAWS) -> list[Draw]:
    """Returns draws that show one moment of each emotion in one session and test the faces of another.

    An emotion that is posed in neither session is shown as in another one, and not tested.
    """
    random = np.random.default_rng(_SEED)
    posed = set(readings.emotions[readings.sessions == shown_in].tolist())
    found = []
    for _ in range(draws):
        for person in sorted(set(readings.people.tolist())):
            mine = readings.people == person
            own = [
                np.flatnonzero(
                    mine
                    & (readings.emotions == place)
                    & ((readings.sessions == shown_in) if place in posed else True)
                )
                for place in range(len(Emotion))
            ]
            tested = np.flatnonzero(mine & (readings.sessions == tested_in))
            if min(map(len, own)) and len(tested):
                shown = np.concatenate([random.choice(each, 1) for each in own])
                found.append(Draw(person, shown, tested))
    return found


def read_draws(
    readings: Readings, draws: Sequence[Draw], population_without: Callable[[str], Population]
) -> Iterator[Vectors]:
    """Yields what the personal reading makes of the tested faces of each draw, [faces, emotions]."""
    for draw in draws:
        reader = PersonalReader(population_without(draw.person), _profile(readings, draw))
        yield reader.read(readings.probabilities[draw.tested])


def _profile(readings: Readings, draw: Draw) -> FaceProfile:
    """Returns what the person shows in a draw."""
    profile = FaceProfile(draw.person, "", {})
    for place in draw.shown:
        scores = EmotionScores(tuple(readings.probabilities[place].tolist()))
        profile = profile.showing(list(Emotion)[readings.emotions[place]], [scores], _SHOWN_AT)
    return profile


def choose(readings: Readings) -> tuple[float, float, float]:
    """Returns the shrinkage, tail and temperature of the best log probability, by leaving out one person."""
    ways = [random_draws(readings, count, _CHOOSING_DRAWS) for count in (1, 2)]
    ways.append(
        [draw for pair in _pairs(readings) for draw in session_draws(readings, *pair, _CHOOSING_DRAWS)]
    )
    best = (np.inf, 0.0, 0.0, 0.0)
    for shrinkage, tail in product(_SHRINKAGES, _TAILS):
        without = _leaving_out(readings, shrinkage, tail, 1.0)
        losses = np.zeros(len(_TEMPERATURES))
        for draws in filter(None, ways):
            logs = np.log(np.maximum(np.concatenate(list(read_draws(readings, draws, without))), 1e-300))
            labels = readings.emotions[np.concatenate([draw.tested for draw in draws])]
            for number, temperature in enumerate(_TEMPERATURES):
                scaled = logs / temperature
                right = scaled[np.arange(len(labels)), labels]
                losses[number] += np.mean(np.logaddexp.reduce(scaled, axis=1) - right)
        number = int(losses.argmin())
        best = min(best, (float(losses[number]), shrinkage, tail, _TEMPERATURES[number]))
    return best[1:]


def measure(readings: Readings, shrinkage: float, tail: float, temperature: float) -> list[Measured]:
    """Returns what the personal reading gains, by leaving out one person, over 20 draws."""
    without = _leaving_out(readings, shrinkage, tail, temperature)
    ways = {
        "one of each": random_draws(readings, 1),
        "two of each": random_draws(readings, 2),
        "one neutral, one angry": random_draws(readings, 1, emotions=(Emotion.NEUTRAL, Emotion.ANGRY)),
    }
    pairs = {f"{one}, tested {other}": session_draws(readings, one, other) for one, other in _pairs(readings)}
    if pairs:
        ways["one of each, another session"] = [draw for draws in pairs.values() for draw in draws]
    return [_measured(shown, readings, draws, without) for shown, draws in (ways | pairs).items() if draws]


def personal_card(readings: Readings, report: Callable[[str], None]) -> PersonalCard:
    """Chooses and measures everything, and reports it as a table."""
    shrinkage, tail, temperature = choose(readings)
    report(
        f"Chosen by leaving out one person: shrinkage {shrinkage:g}, tail {tail:g}, "
        f"temperature {temperature:g}"
    )
    population = replace(population_of(readings, shrinkage), tail=tail, temperature=temperature)
    measured = measure(readings, shrinkage, tail, temperature)
    report(personal_table(measured))
    return PersonalCard(
        **population.to_card(),
        shrinkage=shrinkage,
        people=len(set(readings.people.tolist())),
        readings=len(readings.people),
        measured=measured,
    )


def personal_table(measured: Sequence[Measured]) -> str:
    """Returns the figures as a Markdown table."""
    header = ("shown", "model alone", "with the profile", "as the app uses it", *Emotion, "calibration error")
    return markdown_table(
        header,
        [
            (
                each.shown,
                percent(each.general),
                percent(each.personal),
                percent(each.in_app),
                *(percent(each.recall[emotion]) for emotion in Emotion),
                percent(each.calibration_error),
            )
            for each in measured
        ],
    )


def _pairs(readings: Readings) -> list[tuple[str, str]]:
    """Returns the pairs of sessions in which more than one emotion was posed."""
    sessions = sorted(set(readings.sessions.tolist()))
    posed = [each for each in sessions if len(set(readings.emotions[readings.sessions == each].tolist())) > 1]
    return list(permutations(posed, 2))


def _leaving_out(
    readings: Readings, shrinkage: float, tail: float, temperature: float
) -> Callable[[str], Population]:
    """Returns what is known about people without the one that is named."""
    return {
        person: replace(
            population_of(readings.at(readings.people != person), shrinkage),
            tail=tail,
            temperature=temperature,
        )
        for person in set(readings.people.tolist())
    }.__getitem__


def _measured(
    shown: str, readings: Readings, draws: Sequence[Draw], without: Callable[[str], Population]
) -> Measured:
    personal = np.concatenate(list(read_draws(readings, draws, without)))
    tested = readings.at(np.concatenate([draw.tested for draw in draws]))
    hits = personal.argmax(axis=1) == tested.emotions
    alone = tested.probabilities.argmax(axis=1) == tested.emotions
    better = [compare_held_out(without(draw.person), _profile(readings, draw)).better for draw in draws]
    used = np.repeat(better, [len(draw.tested) for draw in draws])
    return Measured(
        shown=shown,
        faces=len(hits),
        general=float(alone.mean()),
        personal=float(hits.mean()),
        in_app=float(np.where(used, hits, alone).mean()),
        recall={emotion: _recall(hits[tested.emotions == place]) for place, emotion in enumerate(Emotion)},
        calibration_error=expected_calibration_error(personal, tested.emotions),
    )


def _recall(hits: NDArray[np.bool_]) -> float | None:
    return float(hits.mean()) if len(hits) else None

"""The vocabulary that all parts share: frozen values, with no I/O and no imports from the rest of the app."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from datetime import datetime

Image = NDArray[np.uint8]
"""A picture in memory: uint8, [height, width, 3] in BGR order, or [height, width] if gray."""


class Emotion(StrEnum):
    """What a face can show, in the order of the model's outputs; `emotions.EMOTIONS` says the rest."""

    ANGRY = "angry"
    HAPPY = "happy"
    NEUTRAL = "neutral"
    SAD = "sad"

    @property
    def title(self) -> str:  # type: ignore[override]  # str.title is a method; as a word, an emotion has one title
        """The word as a heading starts with it: "Happy"."""
        return self.value.capitalize()


_INDEX = {emotion: index for index, emotion in enumerate(Emotion)}


class Advice(StrEnum):
    """What would make a face easier to read."""

    MOVE_CLOSER = "move closer"
    MORE_LIGHT = "more light"
    FACE_CAMERA = "face the camera"


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture from a frame source.

    Attributes:
        image: BGR, uint8, [height, width, 3]; never changed once the frame exists.
        number: Counts up from 0 within one source.
        captured_at: Seconds on the monotonic clock.
    """

    image: Image
    number: int
    captured_at: float


@dataclass(frozen=True, slots=True)
class FaceBox:
    """Where a face is, in pixels of the frame; it may extend beyond the edges."""

    x: int
    y: int
    width: int
    height: int

    @property
    def area(self) -> int:
        """In square pixels."""
        return self.width * self.height

    def overlap(self, other: FaceBox) -> float:
        """Returns the intersection over union of two boxes, 0 to 1."""
        width = min(self.x + self.width, other.x + other.width) - max(self.x, other.x)
        height = min(self.y + self.height, other.y + other.height) - max(self.y, other.y)
        shared = max(0, width) * max(0, height)
        return shared / (self.area + other.area - shared)


@dataclass(frozen=True, slots=True)
class EmotionScores(Mapping[Emotion, float]):
    """The probability of each emotion, in the order of `Emotion`.

    Attributes:
        probabilities: One for each emotion; they sum to 1.

    Raises:
        ValueError: There are more or fewer probabilities than emotions.
    """

    probabilities: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.probabilities) != len(Emotion):
            raise ValueError(f"{len(self.probabilities)} probabilities of {len(Emotion)} emotions")

    def __getitem__(self, emotion: Emotion) -> float:
        return self.probabilities[_INDEX[emotion]]

    def __iter__(self) -> Iterator[Emotion]:
        return iter(Emotion)

    def __len__(self) -> int:
        return len(Emotion)

    @property
    def dominant(self) -> Emotion:
        """The emotion with the highest probability; the first of several."""
        return max(Emotion, key=self.__getitem__)


@dataclass(frozen=True, slots=True)
class FaceReading:
    """What one face of a frame shows.

    Attributes:
        box: Where the face was found.
        scores: What is read in it; if it is "you", by the face profile that was chosen.
        unsure: The highest probability is below the model card's threshold; a face that is tracked stays
            unsure until it is clearly above.
        face_id: The number that identifies the face from frame to frame; None in a single picture.
        general: What the model alone read in its newest frame, not smoothed; None if that is not known.
    """

    box: FaceBox
    scores: EmotionScores
    unsure: bool
    face_id: int | None = None
    general: EmotionScores | None = None


@dataclass(frozen=True, slots=True)
class AttentionMap:
    """Where on a face the model's attention is.

    Attributes:
        box: What the map covers, in pixels of the frame.
        weights: float32, [height, width], 0 to 1.
    """

    box: FaceBox
    weights: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class OcclusionMap:
    """How much covering each part of a face lowers the probability of the emotion that was read in it.

    Attributes:
        box: What the map covers, in pixels of the frame.
        weights: float32, [height, width], 0 to 1: the drop as a share of the largest; all 0 if no part
            matters.
        emotion: The one that was read.
        drop: The largest drop of its probability when one part is covered; 0 if no part matters by itself.
    """

    box: FaceBox
    weights: NDArray[np.float32]
    emotion: Emotion
    drop: float


@dataclass(frozen=True, slots=True)
class FrameAnalysis:
    """Everything that was read in one frame.

    Attributes:
        faces: "You" first, then the others by size. "You" is the largest face, unless the user chose another
            one in a live picture.
        detect_seconds: How long finding the faces took; for an unchanged picture, when it was last read.
        classify_seconds: The same for cropping and classifying.
        attention: On "you", if it was requested.
        advice: What would make "you" easier to read; None if nothing is wrong.
    """

    faces: tuple[FaceReading, ...]
    detect_seconds: float
    classify_seconds: float
    attention: AttentionMap | None = None
    advice: Advice | None = None

    @property
    def you(self) -> FaceReading | None:
        """The face that the app talks about, or None if there is no face."""
        return self.faces[0] if self.faces else None


@dataclass(frozen=True, slots=True)
class EmotionSnapshot:
    """What the user captured: a frozen frame and the careful reading of "you" in it."""

    frame: Frame
    reading: FaceReading
    taken_at: datetime

    @property
    def emotion(self) -> Emotion:
        """The emotion that a playlist is made for."""
        return self.reading.scores.dominant


@dataclass(frozen=True, slots=True)
class Track:
    """One song as the music service knows it.

    Attributes:
        id: The service's id.
        uri: What is added to playlists ("spotify:track:...").
        title: Its name.
        artists: Their names, the main artist first.
        duration_ms: Length in milliseconds.
        url: Its web page.
        isrc: International Standard Recording Code, the same for copies of one recording; "" if unknown.
        reason: Why it was picked ("keyword Rage").
        cover_url: A small picture of its album; "" if there is none.
        explicit: The service marks its lyrics as explicit.
    """

    id: str
    uri: str
    title: str
    artists: tuple[str, ...]
    duration_ms: int
    url: str
    isrc: str
    reason: str = ""
    cover_url: str = ""
    explicit: bool = False


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """One search of a playlist plan.

    Attributes:
        keyword: What to look for; also shown to the user as the reason for what it finds.
        genre: Narrows the search to a genre; "" for all.
        offset: How many of the best matches are skipped, so that two runs differ.
    """

    keyword: str
    genre: str = ""
    offset: int = 0


@dataclass(frozen=True, slots=True)
class PlaylistPlan:
    """What a playlist will be, before the music service is asked.

    Attributes:
        emotion: What it is for.
        name: What it is called.
        description: One line that goes with it.
        steps: The searches for each stretch of the list, in order: one stretch to match a mood, more to lift
            it. Each stretch gets an equal share of the tracks.
        track_count: How many tracks it has.
        lift: It leads away from the mood, rather than matching it.
        explicit: Tracks with explicit lyrics may be among them.
        own_top_tracks: Some of the user's most played tracks are mixed in.
        seed: Makes the random choices repeatable.
    """

    emotion: Emotion
    name: str
    description: str
    steps: tuple[tuple[SearchQuery, ...], ...]
    track_count: int
    lift: bool = False
    explicit: bool = True
    own_top_tracks: bool = False
    seed: int = 0

    @property
    def keywords(self) -> tuple[str, ...]:
        """The keywords of all searches, each once."""
        return tuple(dict.fromkeys(query.keyword for step in self.steps for query in step))


@dataclass(frozen=True, slots=True)
class Playlist:
    """A playlist that exists at the music service."""

    id: str
    name: str
    url: str
    tracks: tuple[Track, ...] = ()


@dataclass(frozen=True, slots=True)
class Account:
    """Whose playlists they are."""

    id: str
    name: str

"""Photos of every kind: read correctly, or refused with a reason."""

from __future__ import annotations

import os
import struct
import sys
import zlib
from typing import TYPE_CHECKING
from unittest.mock import Mock

import cv2
import numpy as np
import pytest

from fer_desktop.errors import FrameSourceError
from fer_desktop.vision.media import fit_within, is_photo, read_photo
from tests.fakes.videos import write_gif

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from cv2.typing import MatLike

    from fer_desktop.domain import Image


def halves(width: int = 80, height: int = 40) -> Image:
    """White on the left, black on the right."""
    image = np.zeros((height, width, 3), np.uint8)
    image[:, : width // 2] = 255
    return image


def encoded(suffix: str, image: MatLike, flags: Sequence[int] = ()) -> bytes:
    return cv2.imencode(suffix, image, flags)[1].tobytes()


def save(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def exif(orientation: int) -> bytes:
    return b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0" + bytes([orientation]) + b"\0\0\0\0\0\0"


def png_chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width: int, height: int, *, colour: int, bits: int, rows: bytes, extra: bytes = b"") -> bytes:
    """Returns a PNG of a colour type and depth that OpenCV does not write."""
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", header)
        + extra
        + png_chunk(b"IDAT", zlib.compress(rows))
        + png_chunk(b"IEND", b"")
    )


def refusal(path: Path) -> FrameSourceError:
    with pytest.raises(FrameSourceError) as caught:
        read_photo(path)
    assert caught.value.hint
    return caught.value


@pytest.mark.parametrize("form", ["jpg", "jfif", "png"])
@pytest.mark.parametrize(
    ("orientation", "white"),
    [
        (1, "left"),
        (2, "right"),
        (3, "right"),
        (4, "left"),
        (5, "top"),
        (6, "top"),
        (7, "bottom"),
        (8, "bottom"),
    ],
)
def test_photo_is_rotated_by_its_exif(tmp_path: Path, form: str, orientation: int, white: str) -> None:
    if form != "png":
        plain = encoded(".jpg", halves())
        content = b"Exif\0\0" + exif(orientation)
        turned = plain[:2] + b"\xff\xe1" + (len(content) + 2).to_bytes(2, "big") + content + plain[2:]
    else:
        plain = encoded(".png", halves())
        turned = plain[:33] + png_chunk(b"eXIf", exif(orientation)) + plain[33:]  # after the header
    path = save(tmp_path / f"phone.{form}", turned)
    assert is_photo(path)
    image = read_photo(path)
    lying = white in ("left", "right")
    assert image.shape == ((40, 80, 3) if lying else (80, 40, 3))
    parts = {"left": image[:, :15], "right": image[:, -15:], "top": image[:15], "bottom": image[-15:]}
    assert parts[white].mean() > 240
    assert parts[{"left": "right", "right": "left", "top": "bottom", "bottom": "top"}[white]].mean() < 15


@pytest.mark.parametrize("suffix", [".png", ".tiff"])
def test_16_bits_become_8(tmp_path: Path, suffix: str) -> None:
    deep = halves().astype(np.uint16) * 128 + 255  # 255 and 32,895 of 65,535
    image = read_photo(save(tmp_path / f"deep{suffix}", encoded(suffix, deep)))
    assert image.dtype == np.uint8
    assert image[5, 5].tolist() == [128] * 3
    assert image[5, 70].max() <= 1


def test_palette_gray_and_transparent_photos_become_colour(tmp_path: Path) -> None:
    palette = png_chunk(b"PLTE", bytes([255, 0, 0, 0, 0, 255]))  # red, blue
    clear = np.dstack([halves(), halves()[:, :, :1]])
    blue, white = [255, 0, 0], [255, 255, 255]
    for content, size, colour in (
        (png(8, 4, colour=3, bits=8, rows=(b"\0" + b"\1" * 8) * 4, extra=palette), (4, 8), blue),
        (png(8, 4, colour=3, bits=1, rows=b"\0\xff" * 4, extra=palette), (4, 8), blue),
        (encoded(".png", halves()[:, :, 0]), (40, 80), white),
        (encoded(".png", clear), (40, 80), white),
    ):
        image = read_photo(save(tmp_path / "photo.png", content))
        assert image.shape == (*size, 3)
        assert image[2, 2].tolist() == colour


def test_what_follows_the_end_of_a_png_does_not_matter(tmp_path: Path) -> None:
    path = save(tmp_path / "long.png", encoded(".png", halves()) + b"more" * 9)
    assert read_photo(path).shape == (40, 80, 3)


@pytest.mark.parametrize("suffix", [".png", ".webp", ".gif"])
def test_first_picture_of_an_animation_is_read(tmp_path: Path, suffix: str) -> None:
    pictures = [np.full((60, 80, 3), gray, np.uint8) for gray in (20, 120, 220)]
    if suffix == ".gif":
        path = write_gif(tmp_path / "moving.gif", pictures, [100, 100, 100])
        path = path.rename(path.with_suffix(".png"))  # what it is counts, not what it is called
    else:
        animation = cv2.Animation()
        animation.frames, animation.durations = pictures, [100] * 3
        path = save(tmp_path / f"moving{suffix}", cv2.imencodeanimation(suffix, animation)[1].tobytes())
    assert read_photo(path).mean() == pytest.approx(20, abs=2)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".bmp", ".tiff"])
@pytest.mark.parametrize("kept", [0, 0.02, 0.5, 0.9])
def test_truncated_photo_is_refused(tmp_path: Path, suffix: str, kept: float) -> None:
    noise = np.random.default_rng(7).integers(0, 256, (120, 160, 3), np.uint8)
    content = encoded(suffix, noise)
    path = save(tmp_path / f"cut{suffix}", content[: round(len(content) * kept)])
    assert refusal(path).title == "Not a photo"
    assert path.name in refusal(path).message


@pytest.mark.parametrize("missing", [1, 12], ids=["byte", "chunk"])
def test_png_without_its_end_is_refused(tmp_path: Path, missing: int) -> None:
    path = save(tmp_path / "cut.png", encoded(".png", halves())[:-missing])
    assert refusal(path).title == "Not a photo"


@pytest.mark.parametrize(
    ("size", "smaller"),
    [
        ((40, 80), (40, 80)),
        ((81, 40), (80, 40)),
        ((200, 300), (53, 80)),
        ((1, 5000), (1, 80)),
        ((5000, 1), (80, 1)),
    ],
)
def test_picture_is_scaled_down_to_fit(size: tuple[int, int], smaller: tuple[int, int]) -> None:
    image = np.zeros((*size, 3), np.uint8)
    fitted = fit_within(image, 80)
    assert fitted.shape == (*smaller, 3)
    assert (fitted is image) is (size == smaller)


def test_photo_of_a_hundred_megapixels_is_read(tmp_path: Path) -> None:
    rows = (b"\0" + b"\x80" * 1250) * 10_000  # one bit per pixel
    content = png(10_000, 10_000, colour=0, bits=1, rows=rows)
    assert read_photo(save(tmp_path / "large.png", content)).shape == (10_000, 10_000, 3)


@pytest.mark.parametrize("size", [(20_000, 20_000), (60_000, 60_000)])
def test_photo_that_would_fill_the_memory_is_refused(tmp_path: Path, size: tuple[int, int]) -> None:
    content = png(*size, colour=2, bits=8, rows=b"\0" * 1000)
    error = refusal(save(tmp_path / "bomb.png", content))
    assert error.title == "Photo too large"
    assert "134 megapixels" in error.message


def test_png_with_a_chunk_that_would_fill_the_memory_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decode = Mock()  # it would make room for the chunk
    monkeypatch.setattr(cv2, "imdecode", decode)
    content = bytearray(encoded(".png", halves()))
    place = content.index(b"IDAT") - 4
    content[place : place + 4] = b"\xff\x80\0\0"  # 4 GiB
    assert refusal(save(tmp_path / "bomb.png", bytes(content))).title == "Not a photo"
    assert not decode.called


@pytest.mark.parametrize(("excess", "title"), [(0, "File unreadable"), (1, "Photo too large")])
def test_file_larger_than_any_photo_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, excess: int, title: str
) -> None:
    path = tmp_path / "disk image.jpg"
    with path.open("wb") as file:
        file.truncate(512 * 2**20 + excess)  # takes no space
    monkeypatch.setattr(type(path), "read_bytes", Mock(side_effect=PermissionError(13, "Permission denied")))
    assert refusal(path).title == title


@pytest.mark.parametrize(
    ("error", "code", "title"),
    [
        (MemoryError(), 0, "Photo too large"),
        (cv2.error("out of memory"), cv2.Error.STS_NO_MEM, "Photo too large"),
        (cv2.error("CV_IO_MAX_IMAGE_PIXELS"), cv2.Error.STS_ASSERT, "Photo too large"),
        (cv2.error("bad chunk"), cv2.Error.STS_ASSERT, "Not a photo"),
    ],
)
def test_errors_of_the_decoder_are_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, code: int, title: str
) -> None:
    vars(error)["code"] = code
    monkeypatch.setattr(cv2, "imdecode", Mock(side_effect=error))
    assert refusal(save(tmp_path / "photo.jpg", b"content")).title == title


def test_long_path_can_be_read(tmp_path: Path) -> None:
    folder = tmp_path.joinpath(*["d" * 100] * 12)
    folder.mkdir(parents=True)
    assert read_photo(save(folder / "photo.png", encoded(".png", halves()))).shape == (40, 80, 3)


def test_what_is_not_a_file_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "folder.jpg"
    folder.mkdir()
    assert refusal(folder).title == "Not a file"
    assert refusal(tmp_path / "none.jpg").title == "File not found"
    (tmp_path / "plain").write_bytes(b"")
    assert refusal(tmp_path / "plain" / "none.jpg").title == "File not found"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pipes among its files")
def test_pipe_is_refused_without_waiting(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.jpg"
    os.mkfifo(pipe)
    assert refusal(pipe).title == "Not a file"

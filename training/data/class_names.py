"""What data sets call the classes."""

from __future__ import annotations

import tomllib
from pathlib import Path

from training.data.face_set import FER_CLASSES
from training.errors import DataError, NoDataSetError

_TABLES = Path(__file__).with_name("class_names.toml")
_NAMES = "names"

ClassNames = dict[str, int]
"""The index into `FER_CLASSES` of each name, in the spelling of `spelled`."""


def spelled(name: str) -> str:
    """Returns a class's name in the spelling that is looked up."""
    return "".join(character for character in name.casefold() if character not in " -_")


def load_class_names(choice: str | None) -> ClassNames:
    """Reads the names that apply to every data set, and those of one.

    Args:
        choice: A table of class_names.toml (affectnet, rafdb, fer2013), or the user's own TOML file, whose
            keys are from `FER_CLASSES` and whose values are lists of names.

    Raises:
        DataError: There is no such table or file, or it does not have that form.
    """
    tables = tomllib.loads(_TABLES.read_text(encoding="utf-8"))
    names = _index(tables[_NAMES], _TABLES)
    if choice is None:
        return names
    if choice in tables and choice != _NAMES:
        return names | _index(tables[choice], _TABLES)
    return names | _index(_load(Path(choice), sorted(tables.keys() - {_NAMES})), Path(choice))


def class_of(name: str, names: ClassNames, where: str) -> int:
    """Returns the index into `FER_CLASSES` of what the data set calls `name`.

    Args:
        name: The name of a folder, or the number in a column.
        names: What `load_class_names` read.
        where: The place to name in an error: a file and folder, or a row.

    Raises:
        NoDataSetError: The name is unknown.
        DataError: It is a number that could mean anything.
    """
    code = names.get(spelled(name))
    if code is not None:
        return code
    if name.strip().isdecimal():
        raise DataError(
            "Unknown class number",
            f"{where}: the meaning of class {name} depends on the data set.",
            "Name it: --class-names affectnet, rafdb or fer2013, or a TOML file with lines such as "
            f'happy = ["{name.strip()}"].',
        )
    known = ", ".join(sorted(name for name in names if not name.isdecimal()))
    raise NoDataSetError(
        "Unknown class",
        f"{where}: {name!r} is not a known emotion ({known}).",
        f'Rename it, or pass --class-names a TOML file with lines such as happy = ["{name}"].',
    )


def _load(path: Path, tables: list[str]) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DataError(
            "Class names missing",
            f"--class-names {path} is neither {', '.join(tables)} nor a file.",
            'Your own file has lines such as happy = ["1", "joyful"].',
        ) from None
    except (OSError, ValueError) as error:
        raise DataError(
            "Class names unreadable", f"{path}: {error}.", 'It has lines such as happy = ["1", "joyful"].'
        ) from error


def _index(table: dict[str, object], path: Path) -> ClassNames:
    index: ClassNames = {}
    for label, names in table.items():
        if label not in FER_CLASSES:
            raise DataError(
                "Class names wrong",
                f"{path}: {label!r} is not one of {', '.join(FER_CLASSES)}.",
                "Write one of these on the left, and the names in your data set on the right.",
            )
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise DataError(
                "Class names wrong",
                f"{path}: {label} is not a list of names.",
                f'Write {label} = ["1"]; numbers need quotes, too.',
            )
        for name in names:
            if index.setdefault(spelled(name), FER_CLASSES.index(label)) != FER_CLASSES.index(label):
                raise DataError(
                    "Class names wrong",
                    f"{path}: {name!r} stands for two classes.",
                    "Keep it in one of the lists.",
                )
    return index

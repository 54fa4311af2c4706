"""What the classes are called in a data set."""

from __future__ import annotations

import tomllib
from pathlib import Path

from training.data.face_set import FER_CLASSES
from training.errors import DataError

_TABLES = Path(__file__).with_name("class_names.toml")
_NAMES = "names"

ClassNames = dict[str, int]
"""The index into `FER_CLASSES` of each name, spelled as `spelled` has it."""


def spelled(name: str) -> str:
    """Returns a class's name in the one spelling that is looked up."""
    return "".join(character for character in name.casefold() if character not in " -_")


def load_class_names(choice: str | None) -> ClassNames:
    """Reads the names that hold everywhere, and those of one data set.

    Args:
        choice: A table of class_names.toml (affectnet, rafdb, fer2013), or a TOML file of the user's own
            whose keys are of `FER_CLASSES` and whose values are lists of names.

    Raises:
        DataError: There is no such table or file, or it is not of that form.
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
        where: The place for the error: a file and folder, or a row.

    Raises:
        DataError: The name is not known, or a number that could mean anything.
    """
    code = names.get(spelled(name))
    if code is not None:
        return code
    if name.strip().isdecimal():
        raise DataError(
            "Class number not known",
            f"{where}: the class {name} means something else in each data set.",
            "Say which: --class-names affectnet, rafdb or fer2013, or a TOML file with lines such as "
            f'happy = ["{name.strip()}"].',
        )
    known = ", ".join(sorted(name for name in names if not name.isdecimal()))
    raise DataError(
        "Class not known",
        f"{where}: {name!r} is no emotion that is known ({known}).",
        f'Rename it, or name a TOML file by --class-names with lines such as happy = ["{name}"].',
    )


def _load(path: Path, tables: list[str]) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DataError(
            "Class names missing",
            f"--class-names {path} is neither {', '.join(tables)} nor a file.",
            'A file of your own has lines such as happy = ["1", "joyful"].',
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
                f"{path}: {label!r} is none of {', '.join(FER_CLASSES)}.",
                "Put the names of your data set on the right and one of these on the left.",
            )
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise DataError(
                "Class names wrong",
                f"{path}: {label} is not a list of names.",
                f'Write {label} = ["1"], numbers in quotes as well.',
            )
        for name in names:
            if index.setdefault(spelled(name), FER_CLASSES.index(label)) != FER_CLASSES.index(label):
                raise DataError(
                    "Class names wrong",
                    f"{path}: {name!r} stands for two classes.",
                    "Leave it in one of the lists.",
                )
    return index

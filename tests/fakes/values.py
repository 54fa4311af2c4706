"""Which dataclasses of a package are not plain values."""

from __future__ import annotations

import pkgutil
from dataclasses import is_dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType


def changeable(package: ModuleType) -> set[str]:
    """Returns the names of a package's dataclasses that can be changed, or that take new attributes."""
    names = [each.name for each in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")]
    return {
        kind.__name__
        for name in names
        for kind in vars(import_module(name)).values()
        if is_dataclass(kind) and isinstance(kind, type) and kind.__module__.startswith(package.__name__)
        if not (kind.__dataclass_params__.frozen and "__slots__" in vars(kind))  # type: ignore[attr-defined]
    }

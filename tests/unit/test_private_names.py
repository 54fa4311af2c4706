"""No test replaces or imports a private name of another module; ruff (SLF) sees those that are only read."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def test_tests_use_public_names_only(checkout: Path) -> None:
    files = sorted((checkout / "tests").rglob("*.py"))
    found = [
        f"{path.relative_to(checkout)}:{line}: {name}"
        for path in files
        for line, name in _private_names(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert files
    assert found == []


def _private_names(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yields the line and name of each private name that is imported or replaced."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(
            (".setattr", "patch.object", "patch")
        ):
            texts = [each.value for each in node.args[:2] if isinstance(each, ast.Constant)]
            names = [str(text).rpartition(".")[2] for text in texts]
        else:
            continue
        for name in names:
            if name.startswith("_") and name != "_" and not name.startswith("__"):
                yield node.lineno, name

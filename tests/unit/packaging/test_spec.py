"""What the spec of the app that needs no Python leaves out is nothing that the app imports."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def test_no_excluded_module_is_imported(checkout: Path) -> None:
    spec = ast.parse((checkout / "packaging" / "fer-desktop.spec").read_text(encoding="utf-8"))
    (excluded,) = (
        ast.literal_eval(node.value)
        for node in spec.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "EXCLUDED"
    )
    imported = set()
    for module in (checkout / "fer_desktop").rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                imported |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}

    assert "PySide6.QtWidgets" in imported
    assert [
        name for name in excluded for each in imported if each == name or each.startswith(f"{name}.")
    ] == []

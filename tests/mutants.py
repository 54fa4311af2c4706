"""Mutation check: `python -m tests.mutants [--count 200] [--seed 1] [--only PATH]` changes code at random.

Each change of a sample (cosmic-ray's: a comparison the other way, a number off by one, ...) is made alone in
a copy of the checkout, and the tests of its package run there until one fails. A change that no test notices
has survived. Changes that cannot matter are left out: in annotations, in log lines, and in imports for the
type checker. Exits with 1 if less than 85 % are caught.
"""

# ruff: noqa: T201  # it prints its result

from __future__ import annotations

import argparse
import ast
import difflib
import itertools
import os
import random
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.provider import OperatorProvider

from tests.e2e.checkout import copy_of_tracked_files

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
CHANGED = ("fer_desktop/vision", "fer_desktop/playlist", "fer_desktop/spotify", "fer_desktop/settings.py")
LEAST_CAUGHT = 0.85
PROCESSES = 2
TIMEOUT_S = 300.0
"""The tests of a package take seconds; a change that makes them run this long is caught."""

_OPERATORS = (
    *("NumberReplacer", "AddNot", "ExceptionReplacer", "ReplaceTrueWithFalse", "ReplaceFalseWithTrue"),
    *("ReplaceAndWithOr", "ReplaceOrWithAnd", "ReplaceBreakWithContinue", "ReplaceContinueWithBreak"),
    *("ZeroIterationForLoop", "ReplaceUnaryOperator_Delete_Not", "ReplaceUnaryOperator_Delete_USub"),
    *(f"ReplaceBinaryOperator_{pair}" for pair in ("Add_Sub", "Sub_Add", "Mul_Div", "Div_Mul", "Pow_Mul")),
    *(f"ReplaceBinaryOperator_{pair}" for pair in ("FloorDiv_Mul", "Mod_Mul", "BitOr_BitAnd")),
    *(f"ReplaceComparisonOperator_{pair}" for pair in ("Eq_NotEq", "NotEq_Eq", "Is_IsNot", "IsNot_Is")),
    *(f"ReplaceComparisonOperator_{pair}" for pair in ("Lt_LtE", "Lt_GtE", "LtE_Lt", "LtE_Gt")),
    *(f"ReplaceComparisonOperator_{pair}" for pair in ("Gt_GtE", "Gt_LtE", "GtE_Gt", "GtE_Lt")),
)
"""Those of cosmic-ray's operators that make plausible slips; any test would notice `a >> b` for `a + b`."""

_TESTS = {
    "vision": ["tests/unit/cli/test_analyze.py", "tests/qt/controllers/test_camera.py"],
    "playlist": ["tests/unit/cli/test_spotify.py", "tests/qt/controllers/test_playlist.py"],
    "spotify": [
        *("tests/contract/test_sandbox_openapi.py", "tests/unit/cli/test_spotify.py"),
        "tests/qt/controllers/test_account.py",
    ],
    "settings": ["tests/qt/ui/test_settings_dialog.py"],
}
"""The tests of a package to run after its own unit tests."""


@dataclass(frozen=True)
class Mutant:
    """One change of one file.

    Attributes:
        path: Relative to the checkout.
        operator: Cosmic-ray's name of the change.
        occurrence: Its number among those that the operator can make in the file.
        line: Its line, from 1.
    """

    path: str
    operator: str
    occurrence: int
    line: int

    def code(self) -> str:
        """Returns the changed file's text."""
        source = (ROOT / self.path).read_text(encoding="utf-8")
        return str(mutate_code(source, OperatorProvider()[self.operator](), self.occurrence))

    def difference(self) -> str:
        """Returns the lines before and after."""
        before = (ROOT / self.path).read_text(encoding="utf-8").splitlines()
        lines = list(difflib.unified_diff(before, self.code().splitlines(), lineterm="", n=0))[3:]
        return " -> ".join(line[1:].strip() for line in lines)

    def tests(self) -> tuple[str, ...]:
        """Returns the test files and folders that matter, the closest first."""
        _, package, *inner = Path(self.path).with_suffix("").parts
        own = [f"tests/unit/{package}/test_{name}.py" for name in reversed(inner)]
        listed = [*own, f"tests/unit/{package}", f"tests/unit/test_{package}.py", *_TESTS[package]]
        return tuple(path for path in listed if (ROOT / path).exists())


def mutants_of(path: str) -> Iterator[Mutant]:
    """Yields every change of a file that may matter."""
    source = (ROOT / path).read_text(encoding="utf-8")
    left_out, signatures = _spans(ast.parse(source))
    nodes = list(ast_nodes(get_ast(source)))
    for name in _OPERATORS:
        operator = OperatorProvider()[name]()
        positions = [position for node in nodes for position in operator.mutation_positions(node)]
        for occurrence, (start, _) in enumerate(positions):
            # In a signature, `*` multiplies nothing.
            spans = left_out + (signatures if "Binary" in name else [])
            if not any(begin <= start < end for begin, end in spans):
                yield Mutant(path, name, occurrence, start[0])


_STAMPS = itertools.count(1)
_Span = tuple[tuple[int, int], tuple[int, int]]


def _spans(tree: ast.Module) -> tuple[list[_Span], list[_Span]]:
    """Returns the spans in which no change matters, and those of function signatures."""
    left_out: list[ast.AST] = []
    signatures = []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0]
            signatures.append(((node.lineno, node.col_offset), (first.lineno, first.col_offset)))
        left_out += filter(None, (getattr(node, name, None) for name in ("annotation", "returns")))
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("_log."):
            left_out.append(node)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            left_out.append(node)
    return [_span(node) for node in left_out], signatures


def _span(node: ast.AST) -> _Span:
    return (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]


def notices(copy: Path, mutant: Mutant) -> bool:
    """Returns whether a test fails in the copy with the change; restores the file."""
    original = (copy / mutant.path).read_text(encoding="utf-8")
    _write(copy / mutant.path, mutant.code())
    try:
        return not passes(copy, mutant.tests())
    finally:
        _write(copy / mutant.path, original)


def _write(path: Path, code: str) -> None:
    """Writes a file with a time of its own, so that Python compiles it again even within a second."""
    path.write_text(code, encoding="utf-8")
    stamp = next(_STAMPS)
    os.utime(path, (stamp, stamp))


def passes(copy: Path, tests: tuple[str, ...]) -> bool:
    """Returns whether tests pass in a copy of the checkout, each file or folder in its own process."""
    return all(_passes(copy, path) for path in tests)


def _passes(copy: Path, path: str) -> bool:
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--timeout=60"]
    try:
        done = subprocess.run(
            [*command, path],
            cwd=copy,
            # Compiled files are kept: they halve the time.
            env=os.environ | {"PYTHONDONTWRITEBYTECODE": "", "QT_QPA_PLATFORM": "offscreen"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def main() -> int:
    """Makes the changes and prints which were caught."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200, help="how many changes")
    parser.add_argument("--seed", type=int, default=1, help="repeats a sample")
    parser.add_argument("--only", default="", help="changes only what is in this file or folder")
    options = parser.parse_args()
    files = [path for start in CHANGED for path in sorted((ROOT / start).rglob("*.py")) or [ROOT / start]]
    names = [path.relative_to(ROOT).as_posix() for path in files]
    possible = [each for name in names if name.startswith(options.only) for each in mutants_of(name)]
    chosen = random.Random(options.seed).sample(possible, min(options.count, len(possible)))  # noqa: S311
    print(f"{len(chosen)} of {len(possible)} changes, seed {options.seed}", flush=True)
    copies: SimpleQueue[Path] = SimpleQueue()

    def holds(tests: tuple[str, ...]) -> bool:
        copy = copies.get()
        passed = passes(copy, tests)
        copies.put(copy)
        return passed

    def judge(mutant: Mutant) -> bool:
        copy = copies.get()
        caught = notices(copy, mutant)
        copies.put(copy)
        word = "caught  " if caught else "SURVIVED"
        print(f"{word}  {mutant.path}:{mutant.line}  {mutant.difference()}", flush=True)
        return caught

    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(PROCESSES) as pool:
        for number in range(PROCESSES):
            copies.put(copy_of_tracked_files(ROOT, Path(folder) / str(number)))
        if not all(pool.map(holds, {each.path.split("/")[1]: each.tests() for each in chosen}.values())):
            sys.exit("the tests fail without any change")
        caught = sum(pool.map(judge, chosen))
    share = caught / len(chosen)
    print(f"{caught} of {len(chosen)} caught: {share:.1%}")
    return 0 if share >= LEAST_CAUGHT else 1


if __name__ == "__main__":
    sys.exit(main())

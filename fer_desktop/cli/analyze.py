"""`fer-desktop analyze`: emotions of photos and videos, without a window."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand's options."""
    parser = subparsers.add_parser("analyze")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Analyses the files; returns the exit code."""
    raise NotImplementedError

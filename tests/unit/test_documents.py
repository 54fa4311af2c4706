"""The documents for people: links lead somewhere, and the README stays short."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)|<img src=\"([^\"]+)\"")


def test_every_link_to_a_file_leads_to_one(checkout: Path) -> None:
    documents = [*checkout.glob("*.md"), *checkout.glob("docs/**/*.md"), *checkout.glob("models/*.md")]
    links = [
        (document, link)
        for document in documents
        for found in _LINK.findall(document.read_text(encoding="utf-8"))
        for link in found
        if link and "://" not in link
    ]

    assert links
    assert [
        f"{document.name}: {link}" for document, link in links if not (document.parent / link).exists()
    ] == []


def test_the_readme_stays_short(checkout: Path) -> None:
    assert len((checkout / "README.md").read_text(encoding="utf-8").splitlines()) <= 120

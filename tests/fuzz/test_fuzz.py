"""A few of the damaged files; `make fuzz` reads 10,000."""

from __future__ import annotations

import pytest

from tests.fuzz.cases import Fuzz


@pytest.fixture(scope="module")
def fuzz(tmp_path_factory: pytest.TempPathFactory) -> Fuzz:
    return Fuzz(tmp_path_factory.mktemp("fuzz"))


@pytest.mark.parametrize("block", range(6))
def test_damaged_files_are_read_or_refused(fuzz: Fuzz, block: int) -> None:
    outcomes = [fuzz.run(number) for number in range(block * 36, (block + 1) * 36)]
    assert True in outcomes  # otherwise only the start of a file is tried
    assert False in outcomes

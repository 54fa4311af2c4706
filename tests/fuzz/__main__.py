"""Reads many damaged files: `python -m tests.fuzz`, or `make fuzz`.

They are read in batches, each in its own process, because a crash in a library ends the whole process. The
number of a case that crashes one is printed; `python -m tests.fuzz --first NUMBER --cases 1` repeats it.
"""

# ruff: noqa: T201  # it prints what it found

from __future__ import annotations

import argparse
import faulthandler
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.fuzz.cases import Fuzz

_BATCH = 500
_CASE_SECONDS = 30
"""No file this small takes longer, unless it hangs."""

_MAX_MIB = 2048
"""Of memory. The largest photo that is read takes twice 384 MiB while OpenCV passes it on."""


def main() -> int:
    """Reads all cases in batches; returns 0, or 1 if a batch failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000, help="how many (default: %(default)s)")
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    parser.add_argument("--batch", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.batch:
        return _read_batch(args.first, args.cases)
    failures = read = slowest = memory = 0
    started = time.monotonic()
    for first in range(args.first, args.first + args.cases, _BATCH):
        count = min(_BATCH, args.first + args.cases - first)
        command = [sys.executable, "-m", "tests.fuzz", "--batch", f"--first={first}", f"--cases={count}"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        lines = done.stdout.splitlines()
        report = json.loads(lines[-1]) if done.returncode == 0 else None
        if report is None:
            failures += 1
            print(f"After case {lines[-1] if lines else first}: exit code {done.returncode}\n{done.stderr}")
            continue
        read += report["read"]
        slowest = max(slowest, report["slowest"])
        memory = max(memory, report["memory_mib"])
    print(
        f"{args.cases} damaged files: {read} read anyway, the others refused; {failures} batches failed; "
        f"slowest {slowest:.1f} s, at most {memory:.0f} MiB, {time.monotonic() - started:.0f} s in all"
    )
    return 1 if failures or memory > _MAX_MIB else 0


def _read_batch(first: int, count: int) -> int:
    """Reads one batch; the last line that it prints is its report, or the case that crashed it."""
    read, slowest = 0, 0.0
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        fuzz = Fuzz(Path(folder))
        for number in range(first, first + count):
            print(f"{number} ({fuzz.kind_of(number)})", flush=True)
            faulthandler.dump_traceback_later(_CASE_SECONDS, exit=True)
            started = time.monotonic()
            read += fuzz.run(number)
            slowest = max(slowest, time.monotonic() - started)
        faulthandler.cancel_dump_traceback_later()
    print(json.dumps({"read": read, "slowest": slowest, "memory_mib": _memory_mib()}))
    return 0


def _memory_mib() -> float:
    """Returns the peak memory of this process, 0 if the system does not say."""
    try:
        import resource
    except ImportError:  # Windows
        return 0.0
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


if __name__ == "__main__":
    faulthandler.enable()
    sys.exit(main())

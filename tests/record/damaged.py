"""Reads damaged copies of files in a process of their own, so that a hang or a crash is one test's failure."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_PROGRAM = Path(__file__).with_name("mutating.py")
_ROOT = Path(__file__).resolve().parents[2]


def read_damaged(files: list[Path], count: int, timeout: float) -> None:
    """Read `count` damaged copies of a file; fail with what the process says."""
    ran = subprocess.run(
        [sys.executable, "-W", "error", str(_PROGRAM), str(count), "1", *map(str, files)],
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        cwd=_ROOT,
        env=os.environ | {"PYTHONPATH": str(_ROOT), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    )
    assert ran.returncode == 0, ran.stderr[-4000:]
    assert "opened" in ran.stdout
    assert ran.stderr == ""

"""What all tests share: generated records, a small model of our own, and a watch for leaked threads."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import hypothesis
import torch
from model_files import write_model

from ecgview.record import Record
from ecgview.synthesis import Settings, generate

torch.set_num_threads(1)
# Machines are shared and slow at times; what must be quick has tests of its own.
hypothesis.settings.register_profile("shared", deadline=None)
hypothesis.settings.load_profile("shared")

CLASSES = ("SR", "NORM", "CRBBB", "AFIB", "SUPER.CD")


@pytest.fixture(autouse=True)
def no_leaked_threads() -> Iterator[None]:
    """Fail a test that leaves a thread behind."""
    before = set(threading.enumerate())
    yield
    left = [thread.name for thread in threading.enumerate() if thread not in before and _ours(thread)]
    assert not left, f"threads left behind: {left}"


def _ours(thread: threading.Thread) -> bool:
    # torch and hypothesis keep helpers of their own for the life of the process.
    return thread.is_alive() and thread.name in (
        "reading",
        "reading ahead",
        "measuring",
        "writing",
        "filtering",
        "comparing",
        "looking for others",
        "spectrum",
        "writing the spectrum",
        "keeping labels",
        "comparing readers",
        "exporting labels",
        "writing tables",
        "listing files to explain",
        "listing",
        "summing up",
    )


@pytest.fixture(scope="session")
def record() -> Record:
    """A generated normal ECG, 10 s at 500 Hz."""
    return generate(Settings(age=50, sex="female"), seed=1).record


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole model bundle with weights drawn at random: right in every form, right about nothing."""
    return write_model(tmp_path_factory.mktemp("model") / "random", CLASSES)

"""Records of a folder to compare with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ecgview.explain.folder_background import labelled_normal, says_normal
from ecgview.model.bundle import open_bundle
from ecgview.model.ensemble import Cancelled
from ecgview.model.preprocessing import Preprocessing
from ecgview.record import Label, Record, read
from ecgview.synthesis import Settings, generate
from ecgview.synthesis.wfdb_writer import write_wfdb

SINUS, RBBB = "426783006", "59118001"


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Twelve records labelled normal, two that are not, one too short, and one that is no ECG."""
    place = tmp_path_factory.mktemp("ward")
    for seed in range(12):
        write_wfdb(generate(Settings(hz=100), seed).record, place, f"n{seed:02d}", (f"Dx: {SINUS}",))
    write_wfdb(generate(Settings(hz=100), 20).record, place, "block", (f"Dx: {SINUS},{RBBB}",))
    write_wfdb(generate(Settings(hz=100), 21).record, place, "unlabelled")
    write_wfdb(generate(Settings(hz=100, seconds=4), 22).record, place, "short", (f"Dx: {SINUS}",))
    (place / "rubbish.hea").write_text("rubbish 12\n")
    return sorted(place.glob("*.hea"))


@pytest.fixture
def preprocessing(model_folder: Path) -> Preprocessing:
    return open_bundle(model_folder).preprocessing


def labelled(*codes: str) -> Record:
    labels = tuple(Label(code, "scp" if code.isalpha() else "snomed", "test") for code in codes)
    return replace(generate(Settings(hz=100), 1).record, labels=labels)


def test_what_says_normal() -> None:
    assert says_normal(labelled("NORM", "SR"))
    assert says_normal(labelled(SINUS))
    assert not says_normal(labelled(SINUS, RBBB))
    assert not says_normal(labelled("SR"))
    assert not says_normal(labelled())


def names(told: str) -> list[str]:
    return told.partition(": ")[2].split(", ")


def test_records_labelled_normal_are_taken_from_anywhere_and_named(
    ward: list[Path], preprocessing: Preprocessing
) -> None:
    found = labelled_normal(ward, preprocessing)
    taken = names(found.name)
    assert found.name.startswith("8 records labelled normal: ")
    assert len(found) == len(set(taken)) == 8
    assert all(name.startswith("n") for name in taken)
    assert sorted(taken) != [f"n{seed:02d}" for seed in range(8)]
    again = labelled_normal(ward, preprocessing)
    assert again.key == found.key
    np.testing.assert_array_equal(again.windows, found.windows)
    assert labelled_normal(ward, preprocessing, seed=2).key != found.key


def test_what_is_kept_back_is_not_named(ward: list[Path], preprocessing: Preprocessing) -> None:
    taken = names(labelled_normal(ward, preprocessing).name)
    hidden = {read(path).content_hash for path in ward if path.stem in taken}
    rest = names(labelled_normal(ward, preprocessing, kept_back=hidden).name)
    assert sorted(taken + rest) == [f"n{seed:02d}" for seed in range(12)]


def test_a_folder_without_normal_records_is_refused_in_words(ward: list[Path], preprocessing: Preprocessing) -> None:
    others = [path for path in ward if not path.stem.startswith("n")]
    with pytest.raises(ValueError, match="labelled normal among 4 files"):
        labelled_normal(others, preprocessing)


def test_looking_for_them_can_be_called_off(ward: list[Path], preprocessing: Preprocessing) -> None:
    asked = iter([False, False, True])
    with pytest.raises(Cancelled):
        labelled_normal(ward, preprocessing, cancelled=lambda: next(asked))

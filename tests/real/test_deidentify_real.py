"""Real recordings are copied with the samples they have and without who they are of."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydicom import dcmread

from ecgview.record import find_records, read
from ecgview.record.deidentify import deidentify
from ecgview.record.deidentify_check import find_identifiers
from ecgview.record.deidentify_key import Key
from ecgview.signal.measurements import measure

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / ".." / "shared" / "data"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the real recordings are not beside the checkout")

UNREADABLE = {"empty.xml", "invalid-doc-version.xml", "corrupt-section6.scp", "contec_0000037.ECG"}


@pytest.mark.parametrize("folder", ["formats", "challenge-2021"])
def test_real_records_keep_their_samples_and_measurements(tmp_path: Path, folder: str) -> None:
    outcomes = list(deidentify(DATA / folder, tmp_path / "out", Key(bytes(32))))
    assert {outcome.source.name for outcome in outcomes if outcome.problem} <= UNREADABLE
    written = [outcome for outcome in outcomes if outcome.written is not None]
    assert len(written) == len(list(find_records(tmp_path / "out"))) > 9
    for number, outcome in enumerate(written):
        assert outcome.written is not None
        before, after = read(outcome.source), read(outcome.written)
        assert after.content_hash == before.content_hash
        if number % 10 == 0:
            assert measure(after).as_dict() == measure(before).as_dict()


def test_what_real_dicom_files_tell_is_gone(tmp_path: Path) -> None:
    source = DATA / "formats" / "dicom"
    list(deidentify(source, tmp_path / "out", Key(bytes(32))))
    told = set()
    for file in source.iterdir():
        for keyword in ("PatientID", "InstitutionName", "StudyInstanceUID", "AccessionNumber", "IssuerOfPatientID"):
            told.add(str(dcmread(file).get(keyword) or ""))
    identifiers = sorted(text for text in told if len(text) > 3)
    assert len(identifiers) > 4
    assert find_identifiers(tmp_path / "out", identifiers) == []
    assert {finding.identifier for finding in find_identifiers(source, identifiers)} == set(identifiers)

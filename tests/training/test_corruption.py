from __future__ import annotations

import numpy as np
import pytest

from ecgview.record import STANDARD_LEADS, Record
from ecgview.record.limb_leads import DERIVABLE, limb_lead
from ecgview.training.corruption import CLEAN, CORRUPTIONS, Corruption, corrupted

BY_NAME = {kind.name: kind for kind in (CLEAN, *CORRUPTIONS)}


def leads(record: Record) -> dict[str, np.ndarray]:
    return dict(zip(STANDARD_LEADS, record.signal, strict=True))


def make(record: Record, name: str) -> Record:
    return corrupted(record, BY_NAME[name], np.random.default_rng(3))


@pytest.mark.parametrize("kind", CORRUPTIONS, ids=lambda kind: kind.name)
def test_every_kind_changes_the_record_and_keeps_it_valid(record: Record, kind: Corruption) -> None:
    bad = corrupted(record, kind, np.random.default_rng(0))
    assert np.isfinite(bad.signal).all()
    assert bad.leads == STANDARD_LEADS
    assert bad.content_hash != corrupted(record, CLEAN, np.random.default_rng(0)).content_hash
    again = corrupted(record, kind, np.random.default_rng(0))
    assert again.content_hash == bad.content_hash


@pytest.mark.parametrize(
    "name", ["right arm and left arm", "right arm and left leg", "left arm and left leg",
             "one electrode off, in all leads it enters"],
)  # fmt: skip
def test_what_happens_at_an_electrode_keeps_einthovens_law(record: Record, name: str) -> None:
    found = leads(make(record, name))
    for derived in DERIVABLE:
        assert found[derived] == pytest.approx(limb_lead(derived, found), abs=1e-5)


def test_exchanged_arms_turn_lead_i_and_leave_the_chest(record: Record) -> None:
    before, after = leads(make(record, "as it is")), leads(make(record, "right arm and left arm"))
    assert after["I"] == pytest.approx(-before["I"], abs=1e-5)
    assert after["II"] == pytest.approx(before["III"], abs=1e-4)
    assert after["aVF"] == pytest.approx(before["aVF"], abs=1e-4)
    assert after["V3"] == pytest.approx(before["V3"], abs=1e-4)


def test_a_wrong_rate_changes_the_clock_alone(record: Record) -> None:
    before, after = make(record, "as it is"), make(record, "rate stated double")
    assert after.hz == 2 * before.hz
    assert np.array_equal(after.signal, before.signal)


def test_one_lead_is_one_lead(record: Record) -> None:
    before, after = make(record, "as it is"), make(record, "electrode-off noise, 1 lead")
    assert (before.signal != after.signal).any(axis=1).sum() == 1

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ecgview.model.preprocessing import Preprocessing, Refusal, patient_features, prepare
from ecgview.record import Patient, Record
from ecgview.synthesis import BaselineWander, Settings, generate

PREPROCESSING = Preprocessing()


def generated(seconds: float = 10.0, hz: float = 500.0) -> Record:
    return generate(Settings(seconds=seconds, hz=hz), seed=3).record


@pytest.mark.parametrize("hz", [100.0, 257.0, 360.0, 500.0, 1000.0])
def test_any_rate_gives_the_same_picture(hz: float) -> None:
    wanted = prepare(generated(hz=500.0), PREPROCESSING).windows[0]
    got = prepare(generated(hz=hz), PREPROCESSING).windows[0]
    middle = slice(100, 900)
    # The generator's sensor noise differs between rates; the heart must not.
    assert np.corrcoef(wanted[:, middle].ravel(), got[:, middle].ravel())[0, 1] > 0.985
    assert got.shape == (12, 1000)


@pytest.mark.parametrize(("seconds", "windows"), [(5.0, 1), (10.0, 1), (10.5, 2), (20.0, 2), (30.0, 3), (61.0, 7)])
def test_windows_cover_a_record_from_its_first_to_its_last_sample(seconds: float, windows: int) -> None:
    prepared = prepare(generated(seconds), PREPROCESSING)
    assert len(prepared.windows) == windows
    assert prepared.starts[0] == 0.0
    assert prepared.starts[-1] + prepared.valid[-1] / 100 == pytest.approx(seconds)
    assert np.all(np.diff(prepared.starts) <= 10.0)


def test_what_lies_beyond_a_short_record_is_zero() -> None:
    prepared = prepare(generated(7.0), PREPROCESSING)
    assert prepared.valid[0] == 700
    assert not prepared.windows[0, :, 700:].any()
    assert prepared.windows[0, :, :700].any(axis=1).all()


def test_wander_is_taken_off_and_the_heart_left() -> None:
    calm = generate(Settings(), seed=5).record
    wandering = generate(Settings(artefacts=(BaselineWander(),)), seed=5).record
    raw = np.abs(calm.signal - wandering.signal).max()
    left = np.abs(prepare(calm, PREPROCESSING).windows - prepare(wandering, PREPROCESSING).windows)[..., 100:900].max()
    assert left < raw / 2


def without(record: Record, lead: str) -> Record:
    keep = [place for place, name in enumerate(record.leads) if name != lead]
    return replace(record, signal=record.signal[keep], leads=tuple(record.leads[place] for place in keep))


def changed(record: Record, lead: str, value: float, part: slice) -> Record:
    signal = record.signal.copy()
    signal[record.leads.index(lead), part] = value
    return replace(record, signal=signal)


def test_a_missing_lead_is_refused_by_name() -> None:
    with pytest.raises(Refusal, match="lead V3 not recorded"):
        prepare(without(generated(), "V3"), PREPROCESSING)
    with pytest.raises(Refusal, match="leads aVL, V3 not recorded"):
        prepare(without(without(generated(), "V3"), "aVL"), PREPROCESSING)


def test_a_flat_lead_is_refused_by_name() -> None:
    with pytest.raises(Refusal, match="lead V5: no signal"):
        prepare(changed(generated(), "V5", 0.0, slice(None)), PREPROCESSING)


def test_invalid_samples_are_refused_by_lead_and_time() -> None:
    with pytest.raises(Refusal, match=r"lead II: holds invalid samples \(NaN\)"):
        prepare(changed(generated(), "II", float("nan"), slice(100, 200)), PREPROCESSING)


def test_too_short_a_record_is_refused() -> None:
    with pytest.raises(Refusal, match="is shorter than the 5 s"):
        prepare(generated(4.0), PREPROCESSING)


def test_a_fault_in_a_lead_the_model_does_not_take_is_no_matter() -> None:
    record = generated()
    more = replace(
        record, signal=np.vstack([record.signal, np.zeros((1, record.samples))]), leads=(*record.leads, "V7")
    )
    assert prepare(more, PREPROCESSING).windows.shape[1] == 12


def test_unknown_age_and_sex_are_values_of_their_own() -> None:
    unknown = patient_features(Patient())
    assert unknown.tolist() == [0.0, 1.0, 0.0, 0.0, 1.0]
    assert patient_features(Patient(age=0.0)).tolist()[:2] == [0.0, 0.0]
    female, male = patient_features(Patient(age=50, sex="female")), patient_features(Patient(age=50, sex="male"))
    assert female.tolist() == [0.5, 0.0, 1.0, 0.0, 0.0]
    assert male.tolist() == [0.5, 0.0, 0.0, 1.0, 0.0]

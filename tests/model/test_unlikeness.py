"""Recordings unlike those that were learned from are noticed, and what is wrong is named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from ecgview.model.bundle import REFERENCE
from ecgview.model.compared import Measured, measured
from ecgview.model.electrode_order import EXCHANGES
from ecgview.model.likeness import Unlikeness
from ecgview.model.preprocessing import Preprocessing, Refusal, prepare
from ecgview.model.unlikeness import Reference, ReferenceFileError
from ecgview.record import STANDARD_LEADS, Record
from ecgview.synthesis import Settings, generate

PREPROCESSING = Preprocessing()


def heart(seed: int, seconds: float = 10.0) -> Record:
    chance = np.random.default_rng(seed)
    settings = Settings(
        hz=250.0,
        seconds=seconds,
        rate=float(chance.uniform(55, 95)),
        qrs=float(chance.uniform(80, 105)),
        pr=float(chance.uniform(140, 180)),
        axis=float(chance.uniform(-10, 85)),
        amplitude=float(chance.uniform(0.6, 1.6)),
        noise=float(chance.uniform(0.004, 0.010)),
        individuality=0.2,
    )
    return generate(settings, seed=seed).record


@pytest.fixture(scope="module")
def known() -> list[Measured]:
    out = []
    for seed in range(100, 180):
        record = heart(seed)
        prepared = prepare(record, PREPROCESSING)
        out.append(measured(prepared.windows, prepared.valid, prepared.features))
    return out


@pytest.fixture(scope="module")
def reference(known: list[Measured]) -> Reference:
    return Reference.fit(known, np.arange(len(known)) % 3)


def judge(reference: Reference, record: Record) -> Unlikeness:
    try:
        prepared = prepare(record, PREPROCESSING)
    except Refusal:
        prepared = None
    return reference.judge(record, PREPROCESSING, prepared)


def kinds(found: Unlikeness) -> list[str]:
    return [suspicion.kind for suspicion in found.suspicions]


def with_signal(record: Record, change: Callable[[np.ndarray], np.ndarray]) -> Record:
    return replace(record, signal=change(record.signal.astype(np.float64)).astype(np.float32))


def exchanged(record: Record, one: int, other: int) -> Record:
    """Exchange two of right arm, left arm and left leg as the definitions of the leads have it."""
    rows = [record.leads.index(name) for name in STANDARD_LEADS]

    def change(signal: np.ndarray) -> np.ndarray:
        first, second = signal[rows[0]], signal[rows[1]]
        potentials = [np.zeros_like(first), first, second]
        potentials[one], potentials[other] = potentials[other], potentials[one]
        right, left, foot = potentials
        limbs = (left - right, foot - right, foot - left)
        limbs += (right - (left + foot) / 2, left - (right + foot) / 2, foot - (right + left) / 2)
        signal[rows[:6]] = np.stack(limbs)
        return signal

    return with_signal(record, change)


def test_good_recordings_pass_without_a_word(reference: Reference) -> None:
    judged = [judge(reference, heart(seed)) for seed in range(20)]
    passed = [found for found in judged if not found.unlike]
    assert len(passed) >= 18
    assert all(found.reasons == () for found in passed)
    assert sum(len(found.suspicions) for found in judged) <= 1


@pytest.mark.parametrize(("one", "other", "words"), [(0, 1, EXCHANGES[0]), (0, 2, EXCHANGES[1]), (1, 2, EXCHANGES[2])])
def test_exchanged_limb_electrodes_are_named(reference: Reference, one: int, other: int, words: str) -> None:
    named = 0
    for seed in range(6):
        found = judge(reference, exchanged(heart(seed), one, other))
        named += found.unlike and any(s.kind == "limb leads" and words in s.text for s in found.suspicions)
    assert named >= 5


@pytest.mark.parametrize(("factor", "words"), [(10.0, "10 times too large"), (0.1, "10 times too small")])
def test_a_wrong_gain_is_named(reference: Reference, factor: float, words: str) -> None:
    found = judge(reference, with_signal(heart(1), lambda signal: signal * factor))
    assert found.unlike
    assert [s.kind for s in found.suspicions] == ["gain"]
    assert words in found.suspicions[0].text
    assert any("amplitudes" in reason and "the usual" in reason for reason in found.reasons)


def test_microvolts_taken_for_millivolts_are_named_though_the_model_refuses_them(reference: Reference) -> None:
    record = with_signal(heart(1), lambda signal: signal * 1000.0)
    with pytest.raises(Refusal):
        prepare(record, PREPROCESSING)
    found = judge(reference, record)
    assert found.unlike
    assert "1,000 times too large" in found.suspicions[0].text


def test_a_gain_beyond_the_models_limit_is_measured_as_it_is(reference: Reference) -> None:
    record = with_signal(heart(1), lambda signal: signal * 10.0)
    prepared = prepare(record, PREPROCESSING)
    assert np.abs(prepared.windows).max() == pytest.approx(PREPROCESSING.limit)
    with_it = reference.judge(record, PREPROCESSING, prepared)
    without = reference.judge(record, PREPROCESSING)
    assert with_it.suspicions == without.suspicions != ()


def test_nothing_is_said_of_electrodes_where_each_limb_lead_has_a_height_of_its_own(reference: Reference) -> None:
    record = exchanged(heart(0), 0, 1)
    assert kinds(judge(reference, record)) == ["limb leads"]
    scaled = with_signal(record, lambda signal: signal / np.ptp(signal, axis=1, keepdims=True))
    assert "limb leads" not in kinds(judge(reference, scaled))


@pytest.mark.parametrize(("factor", "words"), [(2.0, "half as long"), (0.5, "twice as long")])
def test_a_wrong_sampling_rate_is_named(reference: Reference, factor: float, words: str) -> None:
    record = heart(2)
    found = judge(reference, replace(record, hz=record.hz * factor))
    assert found.unlike
    assert kinds(found) == ["rate"]
    assert words in found.suspicions[0].text


def test_without_measured_values_the_rate_is_not_judged(reference: Reference) -> None:
    record = heart(2)
    assert "rate" not in kinds(reference.judge(replace(record, hz=record.hz / 2), PREPROCESSING))


def test_a_lead_of_noise_is_named(reference: Reference) -> None:
    def change(signal: np.ndarray) -> np.ndarray:
        signal[heart(3).leads.index("V3")] = 0.5 * np.random.default_rng(0).standard_normal(signal.shape[1])
        return signal

    found = judge(reference, with_signal(heart(3), change))
    assert found.unlike
    assert found.reasons[0].startswith("lead V3: ")
    assert "noise" in found.reasons[0]
    assert kinds(found) == []


def test_a_lead_that_is_off_is_named_though_the_model_refuses_it(reference: Reference) -> None:
    def change(signal: np.ndarray) -> np.ndarray:
        signal[heart(3).leads.index("V5")] = 0.0
        return signal

    found = judge(reference, with_signal(heart(3), change))
    assert found.unlike
    assert "lead V5: hardly any signal" in found.reasons


def test_noise_alone_is_unlike_any_ecg(reference: Reference) -> None:
    chance = np.random.default_rng(5)
    for size in (0.1, 0.5):
        noise = with_signal(heart(4), lambda signal, size=size: size * chance.standard_normal(signal.shape))
        found = reference.judge(noise, PREPROCESSING)
        assert found.unlike
        assert found.reasons
        assert "limb leads" not in kinds(found)


def test_the_bad_part_of_a_long_recording_counts_and_is_named(reference: Reference) -> None:
    record = heart(6, seconds=30.0)
    assert not judge(reference, record).unlike

    def change(signal: np.ndarray) -> np.ndarray:
        signal[:, 5000:] += np.random.default_rng(0).standard_normal((len(signal), signal.shape[1] - 5000))
        return signal

    found = judge(reference, with_signal(record, change))
    assert found.unlike
    assert "worst in part 3 of 3 of the recording" in found.reasons


def test_too_short_a_recording_is_refused(reference: Reference) -> None:
    with pytest.raises(Refusal, match="shorter than the 5 s"):
        reference.judge(heart(1, seconds=4.0), PREPROCESSING)


def test_a_stored_reference_judges_as_before(reference: Reference, tmp_path: Path) -> None:
    assert reference.save(tmp_path) == tmp_path / REFERENCE
    record = exchanged(heart(9), 0, 1)
    assert judge(Reference.load(tmp_path), record) == judge(reference, record)


def test_the_same_records_give_the_same_reference(known: list[Measured], reference: Reference, tmp_path: Path) -> None:
    again = Reference.fit(known, np.arange(len(known)) % 3)
    (tmp_path / "again").mkdir()
    assert again.save(tmp_path / "again").read_bytes() == reference.save(tmp_path).read_bytes()


def test_a_file_that_is_no_reference_is_refused_by_name(reference: Reference, tmp_path: Path) -> None:
    with pytest.raises(ReferenceFileError, match=f"{REFERENCE}: No such file"):
        Reference.load(tmp_path)
    path = reference.save(tmp_path)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(ReferenceFileError, match=f"{REFERENCE}: not a safetensors file"):
        Reference.load(tmp_path)
    path.write_bytes(content)
    tensors = load_file(path)
    for broken in (
        {name: tensor for name, tensor in tensors.items() if name != "gain"},
        tensors | {"middle": tensors["middle"][:-1]},
        tensors | {"order_weights": tensors["order_weights"][:5]},
        tensors | {"limits": np.full(3, np.nan)},
    ):
        save_file(broken, path)
        with pytest.raises(ReferenceFileError, match="does not hold what this version compares"):
            Reference.load(tmp_path)


def test_limits_need_records_kept_apart(known: list[Measured]) -> None:
    with pytest.raises(ValueError, match="two parts or more"):
        Reference.fit(known, np.zeros(len(known), np.int64))
    with pytest.raises(ValueError, match="ten are needed"):
        Reference.fit([replace(one, durations=np.full(5, np.nan)) for one in known], np.arange(len(known)) % 3)

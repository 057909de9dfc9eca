"""Each planted abnormality shows what textbooks define it by, whoever's heart it is."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
from generated_measures import at, qrs, t_peak, whole_beats

from ecgview.record import CHEST_LEADS, LIMB_LEADS
from ecgview.synthesis import Generated, Settings, STShift, generate
from ecgview.synthesis.abnormalities import NamedAbnormality

SEEDS = range(5)


def planted(seed: int, *names: NamedAbnormality | STShift) -> Generated:
    return generate(Settings(abnormalities=names), seed)


def first_beat(generated: Generated):  # type: ignore[no-untyped-def]
    return whole_beats(generated)[1]


def negative_at_start_ms(row: np.ndarray) -> float:
    """How long the complex is negative before it turns positive, at 500 Hz."""
    rising = np.flatnonzero(row > 0.0)
    negative = np.flatnonzero(row < -0.02)
    if not len(negative):
        return 0.0
    end = rising[rising > negative[0]][0] if (rising > negative[0]).any() else len(row)
    return float((end - negative[0]) * 2)


@pytest.mark.parametrize("seed", SEEDS)
def test_right_bundle_branch_block(seed: int) -> None:
    generated = planted(seed, "complete right bundle branch block")
    beat = first_beat(generated)
    assert generated.truth.qrs >= 120
    v1 = qrs(generated, beat, "V1")
    late = len(v1) // 2
    assert v1[: late // 2].max() > 0.05  # r
    assert v1[: late + 10].min() < -0.2  # S
    assert v1[late:].max() > v1[:late].max() + 0.2  # R', the taller
    for name in ("I", "V6"):
        terminal = qrs(generated, beat, name)[-40:]
        assert terminal.min() < -0.1
        assert (terminal < -0.02).sum() * 2 >= 40  # broad
    assert t_peak(generated, beat, "V1") < -0.05


@pytest.mark.parametrize("seed", SEEDS)
def test_left_bundle_branch_block(seed: int) -> None:
    generated = planted(seed, "complete left bundle branch block")
    beat = first_beat(generated)
    assert generated.truth.qrs >= 120
    for name in ("I", "V5", "V6"):
        row = qrs(generated, beat, name)
        assert row[: 3 * len(row) // 4].min() > -0.02  # neither q nor S; the ST segment may begin lowered
        assert np.argmax(row) * 2 > 55  # late R peak
        assert t_peak(generated, beat, name) < -0.05
    v1 = qrs(generated, beat, "V1")
    assert v1.min() < -1.0
    assert v1[: 3 * len(v1) // 4].max() < 0.1
    assert t_peak(generated, beat, "V1") > 0.1


@pytest.mark.parametrize("seed", SEEDS)
def test_left_anterior_fascicular_block(seed: int) -> None:
    generated = planted(seed, "left anterior fascicular block")
    beat = first_beat(generated)
    assert -90 < generated.truth.axis < -45
    assert generated.truth.qrs < 120
    lateral = qrs(generated, beat, "aVL")
    assert lateral[:15].min() < -0.03
    assert lateral.max() > 0.6
    for name in ("II", "III", "aVF"):
        row = qrs(generated, beat, name)
        assert 0.04 < row.max() < 0.5 * -row.min()
        assert np.argmax(row) < np.argmin(row)


@pytest.mark.parametrize("seed", SEEDS)
def test_left_ventricular_hypertrophy(seed: int) -> None:
    generated = planted(seed, "left ventricular hypertrophy")
    beat = first_beat(generated)
    lateral = max(qrs(generated, beat, "V5").max(), qrs(generated, beat, "V6").max())
    assert lateral - qrs(generated, beat, "V1").min() >= 3.5  # Sokolow-Lyon
    for name in ("I", "V5", "V6"):
        assert generated.truth.st[name] < -0.03
        assert t_peak(generated, beat, name) < -0.1


@pytest.mark.parametrize("seed", SEEDS)
def test_inferior_infarction(seed: int) -> None:
    generated = planted(seed, "inferior infarction")
    beat = first_beat(generated)
    for name in ("II", "III", "aVF"):
        row = qrs(generated, beat, name)
        assert -row.min() > 0.25 * row.max()
        assert negative_at_start_ms(row) >= 38
    assert t_peak(generated, beat, "III") < -0.05
    for name in ("I", "V5", "V6"):
        assert negative_at_start_ms(qrs(generated, beat, name)) < 30


@pytest.mark.parametrize("seed", SEEDS)
def test_anteroseptal_infarction(seed: int) -> None:
    generated = planted(seed, "anteroseptal infarction")
    beat = first_beat(generated)
    for name in ("V1", "V2", "V3"):
        row = qrs(generated, beat, name)
        assert row[: 3 * len(row) // 4].max() < 0.02  # no r; the ST segment may begin raised
        assert row.min() < -0.4
    assert qrs(generated, beat, "V5").max() > 0.6
    assert t_peak(generated, beat, "V2") < -0.05


@pytest.mark.parametrize("seed", SEEDS)
def test_low_voltage(seed: int) -> None:
    generated = planted(seed, "low voltage")
    beat = first_beat(generated)
    assert all(np.ptp(qrs(generated, beat, name)) < 0.5 for name in LIMB_LEADS)
    assert all(np.ptp(qrs(generated, beat, name)) < 1.0 for name in CHEST_LEADS)


@pytest.mark.parametrize("seed", SEEDS)
def test_t_waves(seed: int) -> None:
    normal, low, inverted = planted(seed), planted(seed, "low T"), planted(seed, "inverted T")
    for name in ("II", "V4", "V5"):
        beat = first_beat(normal)
        usual = t_peak(normal, beat, name)
        assert usual > 0.15
        assert 0 < t_peak(low, beat, name) < 0.1 * qrs(low, beat, name).max()
        assert t_peak(inverted, beat, name) < -0.5 * usual


@pytest.mark.parametrize(
    ("leads", "size", "opposite"),
    [(("II", "III", "aVF"), 0.25, "aVL"), (("V2", "V3", "V4"), 0.3, None), (("V4", "V5", "V6"), -0.15, "aVR")],
)
def test_st_shift_is_seen_in_the_leads_named(leads: tuple[str, ...], size: float, opposite: str | None) -> None:
    generated, plain = planted(1, STShift(leads, size)), planted(1)
    shifts = {name: generated.truth.st[name] - plain.truth.st[name] for name in LIMB_LEADS + CHEST_LEADS}
    assert np.mean([shifts[name] for name in leads]) == pytest.approx(size, rel=0.2)
    assert all(shifts[name] / size > 0.4 for name in leads)
    if opposite is not None:
        assert shifts[opposite] / size < -0.2
    beat = first_beat(generated)
    measured = at(generated, beat.qrs_offset + 0.06, leads[0]) - at(generated, beat.qrs_onset - 0.002, leads[0])
    assert measured == pytest.approx(generated.truth.st[leads[0]], abs=0.02)
    assert generated.record.labels[-1].code == ("164931005" if size > 0 else "429622005")


def test_two_can_be_planted_together_where_hearts_can_have_both() -> None:
    generated = planted(1, "complete right bundle branch block", "left anterior fascicular block")
    beat = first_beat(generated)
    assert qrs(generated, beat, "V1")[-45:].max() > 0.3
    assert qrs(generated, beat, "III").min() < -0.6


@pytest.mark.parametrize("name", get_args(NamedAbnormality))
def test_every_name_can_be_planted_and_has_a_code(name: NamedAbnormality) -> None:
    generated = planted(0, name)
    assert generated.truth.abnormalities == (name,)
    assert len(generated.record.labels) == 2


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (("complete right bundle branch block", "complete left bundle branch block"), "cannot be planted together"),
        (("low T", "low T"), "twice"),
        (("low Q",), "unknown abnormality 'low Q'; known are: "),
        ((STShift(("V5", "aVR"), 0.2),), "different directions"),
        ((STShift(("X",), 0.2),), "names of standard leads"),
        ((STShift((), 0.2),), "names of standard leads"),
    ],
)
def test_what_cannot_be_planted_is_refused_in_words(names: tuple, words: str) -> None:  # type: ignore[type-arg]
    with pytest.raises(ValueError, match=words):
        planted(0, *names)

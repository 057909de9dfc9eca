"""Measured values are the generator's, say where they were measured, or why they could not be."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.ndimage import shift

from ecgview.record import LIMB_LEADS, STANDARD_LEADS, Record
from ecgview.signal.measurements import Measurements, measure
from ecgview.synthesis import BaselineWander, Generated, Mains, MuscleNoise, Settings, STShift, generate

NORMAL_SHAPES = [
    Settings(),
    *(Settings(rate=rate) for rate in (35, 50, 85, 100, 110)),
    *(Settings(pr=pr) for pr in (120, 200, 240, 300)),
    *(Settings(qrs=qrs) for qrs in (70, 110, 130)),
    *(Settings(rate=60, qt=qt) for qt in (340, 460, 500)),
    *(Settings(hz=hz) for hz in (80.0, 100.0, 250.0, 1000.0)),
    Settings(rhythm="sinus arrhythmia"),
    Settings(rhythm="first degree AV block"),
    Settings(rhythm="atrial premature beats"),
    Settings(rhythm="ventricular premature beats"),
    Settings(noise=0.02),
    Settings(amplitude=0.6),
    Settings(artefacts=(BaselineWander(1.0),)),
    Settings(artefacts=(Mains(0.1),)),
    Settings(artefacts=(MuscleNoise(0.05),)),
]
ABNORMAL_SHAPES = [
    Settings(abnormalities=(name,))
    for name in (
        "complete right bundle branch block",
        "complete left bundle branch block",
        "left anterior fascicular block",
        "left ventricular hypertrophy",
        "inferior infarction",
        "anteroseptal infarction",
        "low T",
        "inverted T",
        "low voltage",
    )
]
AXES = [Settings(axis=axis) for axis in (-60, -45, -30, 0, 30, 60, 90, 120)]


def number(found: Measurements, key: str) -> float:
    value = found[key].value
    assert value is not None, found[key].reason
    return value


def assert_true(made: Generated, found: Measurements) -> None:
    truth = made.truth
    assert truth.pr is not None
    assert number(found, "rate") == pytest.approx(truth.rate, abs=1.0)
    assert number(found, "pr") == pytest.approx(truth.pr, abs=10.0)
    assert number(found, "qrs") == pytest.approx(truth.qrs, abs=10.0)
    assert number(found, "qt") == pytest.approx(truth.qt, abs=10.0)
    assert abs((number(found, "qrs_axis") - truth.axis + 180.0) % 360.0 - 180.0) <= 5.0


@pytest.mark.parametrize("settings", NORMAL_SHAPES + ABNORMAL_SHAPES + AXES)
def test_rate_intervals_and_axis_are_true(settings: Settings) -> None:
    for seed in range(4):
        made = generate(settings, seed)
        assert_true(made, measure(made.record))


@pytest.mark.parametrize("rhythm", ["atrial fibrillation", "atrial flutter"])
def test_without_p_waves_pr_is_not_measurable_and_the_rest_is(rhythm: str) -> None:
    for seed in range(6):
        made = generate(Settings(rhythm=rhythm), seed)  # type: ignore[arg-type]
        found = measure(made.record)
        for key in ("p", "pr", "p_axis", "p_terminal_force_v1"):
            assert found[key].value is None
            assert found[key].window is None
        assert "no P wave" in str(found["pr"].reason)
        assert ("fibrillation" in str(found["pr"].reason)) == (rhythm == "atrial fibrillation")
        assert number(found, "rate") == pytest.approx(made.truth.rate, abs=1.0)
        assert number(found, "qrs") == pytest.approx(made.truth.qrs, abs=10.0)


@pytest.mark.parametrize(
    "settings",
    [
        Settings(),
        Settings(hz=100.0),
        Settings(artefacts=(BaselineWander(0.5),)),
        Settings(abnormalities=("left ventricular hypertrophy",)),
        Settings(abnormalities=(STShift(("II", "III", "aVF"), 0.3),)),
        Settings(abnormalities=(STShift(("V4", "V5", "V6"), -0.2),)),
    ],
)
def test_st_levels_are_true_in_every_lead(settings: Settings) -> None:
    for seed in range(3):
        made = generate(settings, seed)
        found = measure(made.record)
        for lead in STANDARD_LEADS:
            assert found.leads[lead]["st60"].value == pytest.approx(made.truth.st[lead], abs=0.03)


def test_amplitudes_are_those_of_the_clean_signal() -> None:
    made = generate(Settings(artefacts=(BaselineWander(0.5),)), 8)
    found = measure(made.record)
    beats = [beat for beat in made.truth.beats if 1.0 < beat.r < 9.0]
    for row, lead in zip(made.truth.clean, STANDARD_LEADS, strict=True):
        parts = [row[round(beat.qrs_onset * 500) : round(beat.qrs_offset * 500) + 1] for beat in beats]
        highest = float(np.median([part.max() for part in parts]))
        lowest = float(np.median([part.min() for part in parts]))
        values = {key: found.leads[lead][key].value or 0.0 for key in ("q", "r", "s", "r_prime")}
        if highest > 0.1:
            assert max(values["r"], values["r_prime"]) == pytest.approx(highest, abs=0.04)
        if lowest < -0.1:
            assert min(values["q"], values["s"]) == pytest.approx(lowest, abs=0.04)


def test_qtc_by_each_formula() -> None:
    found = measure(generate(Settings(rate=90, qt=360), 1).record)
    qt, rr = number(found, "qt"), 60.0 / number(found, "rate")
    assert number(found, "qtc_bazett") == pytest.approx(qt / rr**0.5)
    assert number(found, "qtc_fridericia") == pytest.approx(qt / rr ** (1 / 3))
    assert number(found, "qtc_framingham") == pytest.approx(qt + 154.0 * (1.0 - rr))
    assert number(found, "qtc_hodges") == pytest.approx(qt + 1.75 * (60.0 / rr - 60.0))


def test_voltages_of_a_hypertrophied_and_a_normal_heart() -> None:
    for seed in range(4):
        large = measure(generate(Settings(abnormalities=("left ventricular hypertrophy",)), seed).record)
        usual = measure(generate(Settings(), seed).record)
        assert number(large, "sokolow_lyon") >= 3.5 > number(usual, "sokolow_lyon")
        s_v1, r_v5, r_v6 = (large.leads[lead][key].value for lead, key in (("V1", "s"), ("V5", "r"), ("V6", "r")))
        assert s_v1 is not None
        assert number(large, "sokolow_lyon") == pytest.approx(max(r_v5 or 0.0, r_v6 or 0.0) - s_v1)
        r_avl, s_v3 = large.leads["aVL"]["r"].value, large.leads["V3"]["s"].value
        assert number(large, "cornell") == pytest.approx((r_avl or 0.0) - (s_v3 or 0.0))


def test_infarction_and_bundle_branch_block_show_in_their_leads() -> None:
    inferior = measure(generate(Settings(abnormalities=("inferior infarction",)), 2).record)
    assert (inferior.leads["III"]["q_ms"].value or 0.0) >= 30.0
    septal = measure(generate(Settings(abnormalities=("anteroseptal infarction",)), 2).record)
    assert septal.leads["V2"]["r"].value == 0.0
    assert (septal.leads["V2"]["q"].value or 0.0) < -0.5
    right = measure(generate(Settings(abnormalities=("complete right bundle branch block",)), 2).record)
    assert (right.leads["V1"]["r_prime"].value or 0.0) > 0.3


def test_rr_variability() -> None:
    steady, breathing = (
        measure(generate(Settings(rhythm=rhythm, seconds=30), 1).record) for rhythm in ("sinus", "sinus arrhythmia")
    )
    for key in ("sdnn", "rmssd", "pnn50"):
        assert number(breathing, key) > number(steady, key)
    made = generate(Settings(rhythm="sinus arrhythmia"), 3)
    rr = np.diff([beat.r for beat in made.truth.beats]) * 1000.0
    found = measure(made.record)
    assert number(found, "sdnn") == pytest.approx(rr.std(ddof=1), abs=5.0)
    assert number(found, "rr_longest") == pytest.approx(rr.max(), abs=6.0)


def test_premature_beats_do_not_count_as_variability() -> None:
    for seed in range(3):
        found = measure(generate(Settings(rhythm="ventricular premature beats", seconds=20), seed).record)
        assert number(found, "sdnn") < 40.0
        assert number(found, "rr_longest") - number(found, "rr_shortest") > 300.0


def test_every_value_says_where_it_was_measured() -> None:
    made = generate(Settings(), 5)
    found = measure(made.record)
    for value in (*found.values.values(), *found.leads["V5"].values()):
        assert value.value is not None
        assert value.reason is None
        assert value.leads
        assert value.beats
        assert value.window is not None
        assert 0.0 <= value.window[0] <= value.window[1] <= made.record.duration
    qrs = found["qrs"]
    assert qrs.window is not None
    assert 1000.0 * (qrs.window[1] - qrs.window[0]) == pytest.approx(number(found, "qrs"))
    beat = min(made.truth.beats, key=lambda one: abs(one.qrs_onset - qrs.window[0]))  # type: ignore[index]
    assert qrs.window == pytest.approx((beat.qrs_onset, beat.qrs_offset), abs=0.010)
    assert found["sokolow_lyon"].leads == ("V1", "V5", "V6")
    assert found.record_hash == made.record.content_hash


def test_the_dictionary_is_json() -> None:
    for rhythm in ("sinus", "atrial fibrillation"):
        found = measure(generate(Settings(rhythm=rhythm), 5).record)
        read = json.loads(json.dumps(found.as_dict(), allow_nan=False))
        assert read["values"]["qrs"]["value"] == pytest.approx(number(found, "qrs"))
        assert set(read["leads"]) == set(STANDARD_LEADS)
        assert read["values"]["pr"]["unit"] == "ms"


def test_with_fewer_leads_what_they_cannot_say_is_not_measurable() -> None:
    made = generate(Settings(), 5)
    rows = [STANDARD_LEADS.index(name) for name in ("II", "V5")]
    found = measure(replace(made.record, signal=made.record.signal[rows], leads=("II", "V5")))
    assert number(found, "pr") == pytest.approx(160.0, abs=15.0)
    assert found["qrs_axis"].reason == "needs two limb leads"
    assert found["sokolow_lyon"].reason == "needs V1"
    assert found["p_terminal_force_v1"].reason == "no lead V1"
    assert set(found.leads) == {"II", "V5"}


@pytest.mark.parametrize("kept", [("I", "II"), ("I", "aVF"), ("II", "III"), ("aVR", "aVL"), LIMB_LEADS])
def test_any_two_limb_leads_give_the_axis(kept: tuple[str, ...]) -> None:
    made = generate(Settings(axis=-20), 5)
    rows = [STANDARD_LEADS.index(name) for name in kept]
    found = measure(replace(made.record, signal=made.record.signal[rows], leads=kept))
    assert number(found, "qrs_axis") == pytest.approx(-20.0, abs=5.0)


def test_a_faulty_lead_is_left_out() -> None:
    made = generate(Settings(), 5)
    signal = made.record.signal.copy()
    signal[STANDARD_LEADS.index("V1"), 2000] = np.nan
    found = measure(replace(made.record, signal=signal))
    assert set(found.skipped) == {"V1"}
    assert "V1" not in found.leads
    assert found["sokolow_lyon"].value is None
    assert_true(made, found)


def test_too_slowly_sampled_for_intervals() -> None:
    made = generate(Settings(hz=60.0), 5)
    found = measure(made.record)
    assert number(found, "rate") == pytest.approx(made.truth.rate, abs=1.0)
    for key in ("pr", "qrs", "qt", "qtc_bazett"):
        assert "60 Hz" in str(found[key].reason)


def bare(signal, hz: float = 500.0, leads: tuple[str, ...] | None = None) -> Record:  # type: ignore[no-untyped-def]
    rows = np.asarray(signal, dtype=np.float32)
    return Record(Path("bare"), "test", rows, hz, STANDARD_LEADS[: len(rows)] if leads is None else leads)


CHANCE = np.random.default_rng(1)
ONE_BEAT = generate(Settings(), 3).record.signal[:, 300:800]


@pytest.mark.parametrize(
    "record",
    [
        bare(np.zeros((12, 0))),
        bare(np.zeros((0, 5000)), leads=()),
        bare(np.zeros((12, 5000))),
        bare(np.full((12, 5000), np.nan)),
        bare(CHANCE.standard_normal((12, 5000))),
        bare(CHANCE.standard_normal((12, 500)), 1.0),
        bare(CHANCE.standard_normal((2, 5000)), 1e5),
        bare(np.sign(np.sin(np.arange(5000) / 100.0))[None].repeat(12, 0)),
        bare(np.where(np.arange(5000) % 700 < 3, 1.0, 0.0)[None] + 0.01 * CHANCE.standard_normal((12, 5000))),
        bare(ONE_BEAT),
        bare(ONE_BEAT[:, :310]),
        bare(shift(ONE_BEAT, (0, 240), mode="nearest")),
    ],
)
def test_whatever_the_record_there_is_a_value_or_a_reason(record: Record) -> None:
    found = measure(record)
    assert set(found.values) == set(measure(generate(Settings(), 0).record).values)
    for value in (*found.values.values(), *(one for lead in found.leads.values() for one in lead.values())):
        assert (value.value is None) == bool(value.reason)
        assert value.value is None or np.isfinite(value.value)
    json.dumps(found.as_dict(), allow_nan=False)


def test_without_beats_the_reason_says_so() -> None:
    assert measure(bare(np.zeros((12, 5000))))["rate"].reason == "no lead can be judged"
    assert measure(bare(CHANCE.standard_normal((12, 5000))))["qrs"].reason == "no beat was found"
    assert measure(bare(ONE_BEAT))["rate"].reason == "fewer than two beats"


def test_the_same_record_gives_the_same_values() -> None:
    record = generate(Settings(artefacts=(MuscleNoise(0.1),)), 9).record
    assert measure(record).as_dict() == measure(record).as_dict()

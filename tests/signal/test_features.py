"""The row of features always has the same names, and shows what it is meant to show."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ecgview.record import STANDARD_LEADS, Record
from ecgview.signal.analysis import analyse
from ecgview.signal.features import FEATURES, feature_vector, measure_and_features
from ecgview.signal.measurements import measure
from ecgview.synthesis import Settings, generate

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "measurements.md"


def features(settings: Settings, seed: int = 1) -> dict[str, float]:
    names, values = feature_vector(generate(settings, seed).record)
    return dict(zip(names, map(float, values), strict=True))


def test_names_and_values_belong_together() -> None:
    names, values = feature_vector(generate(Settings(), 1).record)
    assert names == FEATURES
    assert len(set(names)) == len(names) == 299
    assert values.dtype == np.float32
    assert values.shape == (len(names),)
    assert np.isfinite(values).all()


def test_they_are_the_measurements() -> None:
    record = generate(Settings(abnormalities=("left ventricular hypertrophy",)), 4).record
    found, row = measure(record), dict(zip(*feature_vector(record), strict=True))
    marks = analyse(record).prevailing
    assert marks is not None
    assert marks.p is not None
    assert row["pr_ms"] == 2.0 * (marks.qrs.onset - marks.p.onset)
    assert row["qrs_ms"] == 2.0 * (marks.qrs.offset - marks.qrs.onset)
    pairs = {"rate": "rate", "qrs_axis": "qrs_axis"}
    pairs |= {"p_axis": "p_axis", "sokolow_lyon": "sokolow_lyon", "cornell": "cornell", "rr_sdnn": "sdnn"}
    for name, key in pairs.items():
        assert row[name] == pytest.approx(found[key].value, rel=1e-4), name
    for lead in ("I", "V2", "V6"):
        for wave in ("r", "s", "q", "t", "st60"):
            assert row[f"{wave}_{lead}"] == pytest.approx(found.leads[lead][wave].value, abs=1e-5)


def test_fibrillation() -> None:
    for seed in range(3):
        usual, irregular = features(Settings(), seed), features(Settings(rhythm="atrial fibrillation"), seed)
        assert usual["p_share"] > 0.8
        assert irregular["p_share"] == 0.0
        assert np.isnan(irregular["pr_ms"])
        for name in ("rr_entropy", "rr_step_share", "rr_rmssd", "atrial_rest_v1", "fibrillation_v1"):
            assert irregular[name] > 1.5 * usual[name], name


def test_flutter_repeats_itself_and_fibrillation_does_not() -> None:
    for seed in range(3):
        flutter, irregular = (
            features(Settings(rhythm=rhythm), seed) for rhythm in ("atrial flutter", "atrial fibrillation")
        )
        for name in ("flutter_v1", "flutter_ii"):
            assert flutter[name] > 0.8 > irregular[name], name


def test_premature_beats() -> None:
    for seed in range(3):
        ventricular = features(Settings(rhythm="ventricular premature beats"), seed)
        atrial = features(Settings(rhythm="atrial premature beats"), seed)
        usual = features(Settings(), seed)
        assert usual["premature"] == usual["premature_wide"] == 0.0
        assert ventricular["premature_wide"] >= 1.0
        assert ventricular["premature_paused"] >= 1.0
        assert ventricular["kinds"] == 2.0
        assert atrial["premature"] >= 1.0
        assert atrial["premature_wide"] == atrial["premature_paused"] == 0.0


def test_a_usual_beat_cut_off_by_an_end_hides_no_wide_one() -> None:
    made = generate(Settings(rhythm="ventricular premature beats", rate=74), 19)
    usual = next(beat for beat in made.truth.beats[1:] if beat.kind == "normal")
    cut = replace(made.record, signal=made.record.signal[:, round((usual.qrs_onset + 0.02) * made.record.hz) :])
    found = dict(zip(*feature_vector(cut), strict=True))
    assert np.isnan(analyse(cut).delineation.qrs_onset[0])
    left = sum(beat.kind == "ventricular premature" and beat.r > usual.r for beat in made.truth.beats)
    assert found["wide_beats"] == found["premature_wide"] == left > 0


def test_shapes() -> None:
    assert features(Settings(abnormalities=("inferior infarction",)))["q_ms_inferior"] >= 30.0
    assert features(Settings(abnormalities=("complete right bundle branch block",)))["r_prime_v1"] > 0.3
    assert features(Settings(abnormalities=("low voltage",)))["limb_span"] < 0.5
    assert features(Settings(abnormalities=("inverted T",)))["t_V5"] < 0.0 < features(Settings())["t_V5"]


def test_what_is_missing_is_nan() -> None:
    record = generate(Settings(), 1).record
    names, values = feature_vector(replace(record, signal=record.signal[1:2], leads=("II",)))
    row = dict(zip(names, values, strict=True))
    assert names == FEATURES
    assert np.isfinite(row["pr_ms"])
    assert np.isfinite(row["r_II"])
    assert np.isnan([row["r_V1"], row["qrs_axis"], row["cornell"], row["chest_span"]]).all()
    silent = Record(Path("flat"), "test", np.zeros((12, 1000), dtype=np.float32), 100.0, STANDARD_LEADS)
    assert np.isnan(feature_vector(silent)[1]).all()


def test_both_at_once_are_the_same() -> None:
    record = generate(Settings(abnormalities=("inferior infarction",)), 2).record
    found, row = measure_and_features(record)
    assert found.as_dict() == measure(record).as_dict()
    assert np.array_equal(row, feature_vector(record)[1], equal_nan=True)


def test_patterns_across_leads() -> None:
    usual = features(Settings())
    infarction = features(Settings(abnormalities=("inferior infarction",)))
    assert infarction["leads_q_inferior"] >= 2.0 > usual["leads_q_inferior"]
    assert features(Settings(abnormalities=("inverted T",)))["leads_t_inverted"] >= 3.0 > usual["leads_t_inverted"]
    assert features(Settings(abnormalities=("low T",)))["t_size_mean"] < 0.5 * usual["t_size_mean"]
    assert features(Settings(abnormalities=("anteroseptal infarction",)))["r_highest_v1_v3"] < usual["r_highest_v1_v3"]
    hypertrophy = features(Settings(abnormalities=("left ventricular hypertrophy",)))
    for name in ("strain", "romhilt_estes", "cornell_product", "deepest_chest"):
        assert hypertrophy[name] > 1.5 * usual[name], name
    blocks = {
        "left anterior fascicular block": "signs_lafb",
        "complete right bundle branch block": "signs_rbbb",
        "complete left bundle branch block": "signs_lbbb",
    }
    for block, name in blocks.items():
        assert features(Settings(abnormalities=(block,)))[name] >= usual[name] + 2.0, name  # type: ignore[arg-type]


def test_breathing_is_smooth_and_fibrillation_is_not() -> None:
    for seed in range(3):
        breathing = features(Settings(rhythm="sinus arrhythmia", seconds=30.0), seed)
        irregular = features(Settings(rhythm="atrial fibrillation", seconds=30.0), seed)
        assert breathing["rr_smooth"] > irregular["rr_smooth"]
        assert breathing["rr_turns"] < irregular["rr_turns"]
        assert breathing["rr_swing_ms"] > 1.5 * features(Settings(seconds=30.0), seed)["rr_swing_ms"]


def test_every_feature_is_documented() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    per_lead = (
        "p r s q t st60 j st_slope t_positive t_negative t_ratio qrs_area early late r_peak r_prime s_ms sag t_symmetry"
    ).split()
    for name in FEATURES:
        stem, _, last = name.rpartition("_")
        if last in STANDARD_LEADS and stem in per_lead:
            name = f"{stem}_*lead*"
        elif last in ("inferior", "anterior", "lateral") and stem != "q_ms":
            name = f"{stem}_*region*"
        assert f"`{name}`" in text, name

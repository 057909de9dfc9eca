from __future__ import annotations

import numpy as np
import pytest

from ecgview.explain.attribution import WAVES
from ecgview.explain.summaries import agreement, shares_of, smoothed
from ecgview.explain.waves import wave_of_samples
from ecgview.signal.delineation import delineate
from ecgview.synthesis import Settings, generate


def test_samples_belong_to_the_waves_that_were_generated() -> None:
    made = generate(Settings(rate=60, pr=180, qrs=100, seconds=10), seed=3)
    waves = wave_of_samples(delineate(made.record), 100.0, 1000)
    for beat in made.truth.beats[1:-1]:
        assert beat.p_onset is not None
        assert waves[round(100 * (beat.p_onset + 0.05))] == WAVES.index("P")
        assert waves[round(100 * beat.r)] == WAVES.index("QRS")
        assert waves[round(100 * (beat.qrs_offset + 0.04))] == WAVES.index("ST")
        assert beat.t_offset is not None
        assert waves[round(100 * (beat.t_offset - 0.05))] == WAVES.index("T")
        assert waves[round(100 * (beat.p_onset - 0.08))] == WAVES.index("other")


def test_without_beats_everything_is_other() -> None:
    made = generate(Settings(seconds=10), seed=3)
    silent = type(made.record)(made.record.path, "none", 0 * made.record.signal, 500.0, made.record.leads)
    assert set(wave_of_samples(delineate(silent), 100.0, 1000)) == {WAVES.index("other")}


def test_shares_add_up_to_one_and_count_both_signs() -> None:
    values = np.array([[3.0, -3.0, 0.0], [0.0, 1.0, 1.0]])
    shares = shares_of(values, np.array([0, 1, 1]))
    assert shares[:, :2] == pytest.approx(np.array([[3, 3], [0, 2]]) / 8)
    assert shares.sum() == pytest.approx(1)
    assert shares_of(0 * values, np.array([0, 1, 1])).sum() == 0


def test_members_agree_by_the_order_of_their_shares() -> None:
    one = np.arange(60.0).reshape(12, 5)
    assert agreement(np.stack([one, one**3])) == pytest.approx(1)
    assert agreement(np.stack([one, -one])) == pytest.approx(-1)
    assert agreement(np.stack([one, one, -one])) == pytest.approx(-1 / 3)
    assert np.isnan(agreement(one[None]))
    # Equal shares share a rank: compare scipy's.
    from scipy.stats import spearmanr

    other = np.round(one % 7)
    assert agreement(np.stack([one, other])) == pytest.approx(spearmanr(one.ravel(), other.ravel()).statistic)


def test_smoothing_spreads_and_keeps_the_sum() -> None:
    values = np.zeros((2, 50), np.float32)
    values[0, 20], values[1, 0] = 5.0, -2.0
    found = smoothed(values, 100.0, 50.0)
    assert found[0, 18:23] == pytest.approx([1.0] * 5)
    assert found[0].sum() == pytest.approx(5)
    assert found[1].sum() == pytest.approx(-2)
    assert np.array_equal(smoothed(values, 100.0, 20.0), values)
    for span in (10.0, 200.0):
        with pytest.raises(ValueError, match="20 to 80"):
            smoothed(values, 100.0, span)

"""Spectra against sines and noise whose power is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import welch

from ecgview.signal.spectrum import TooShortError, spectrum

HZ = 500.0


def sine(frequency: float, millivolts: float, seconds: float = 20.0) -> np.ndarray:
    at = np.arange(round(seconds * HZ)) / HZ
    return (millivolts * np.sin(2 * np.pi * frequency * at)).astype(np.float32)


def noise(seconds: float = 20.0, millivolts: float = 0.01, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(0.0, millivolts, round(seconds * HZ)).astype(np.float32)


@pytest.mark.parametrize("window", [1.0, 2.0, 4.0])
def test_a_sine_has_its_power_at_its_frequency(window: float) -> None:
    found = spectrum(sine(17.0, 0.5), HZ, window)
    assert found.frequencies[int(np.argmax(found.density))] == pytest.approx(17.0)
    assert found.density.sum() * found.step_hz == pytest.approx(0.5**2 / 2, rel=1e-3)
    assert found.resolution_hz == pytest.approx(1.5 / window)


def test_noise_has_the_power_that_scipy_finds() -> None:
    samples = noise()
    found = spectrum(samples, HZ, 2.0)
    hz, density = welch(samples, HZ, "hann", nperseg=1000, noverlap=500, detrend="constant")
    assert found.frequencies == pytest.approx(hz)
    assert found.density == pytest.approx(density, rel=1e-3)
    assert found.averaged == 19


def test_what_changes_with_time_is_seen_where_it_is() -> None:
    samples = np.concatenate([sine(10.0, 0.5, 10.0), sine(30.0, 0.5, 10.0)]) + noise()
    found = spectrum(samples, HZ, 1.0, start=100.0)
    strongest = found.frequencies[found.over_time.argmax(axis=0)]
    assert found.times[0] == pytest.approx(100.5)
    assert strongest[found.times < 109.0] == pytest.approx(10.0)
    assert strongest[found.times > 111.0] == pytest.approx(30.0)


@pytest.mark.parametrize("mains", [50.0, 60.0])
@pytest.mark.parametrize("off", [0.0, 0.2])
def test_mains_are_named(mains: float, off: float) -> None:
    found = spectrum(sine(mains + off, 0.02) + noise(), HZ, 2.0)
    assert found.mains == mains
    assert found.mains_db > 10.0


def test_no_mains_are_named_where_there_are_none() -> None:
    assert spectrum(noise() + sine(40.0, 0.1), HZ, 2.0).mains is None
    assert spectrum(noise()[::5], 100.0, 2.0).mains is None  # 50 Hz is the very end of what is recorded


def test_windows_with_gaps_are_left_out_and_counted() -> None:
    samples = sine(17.0, 0.5)
    samples[2400:2600] = np.nan
    found = spectrum(samples, HZ, 2.0)
    assert found.left_out == 3
    assert found.averaged == 16
    assert found.density.sum() * found.step_hz == pytest.approx(0.125, rel=1e-3)
    inside = np.abs(found.times - 5.0) < 1.0
    assert np.isnan(found.over_time[:, inside]).all()


@pytest.mark.parametrize("samples", [noise(1.0), np.full(5000, np.nan, np.float32), np.zeros(0, np.float32)])
def test_what_holds_no_window_is_refused_in_words(samples: np.ndarray) -> None:
    with pytest.raises(TooShortError, match=r"window of 2 s"):
        spectrum(samples, HZ, 2.0)


def test_a_long_record_has_no_more_columns_than_can_be_seen() -> None:
    found = spectrum(np.tile(noise(60.0), 60), HZ, 0.5)
    assert found.over_time.shape == (126, 2000)
    assert found.step_s == pytest.approx(3600 / 2000, rel=1e-2)


def test_work_that_is_called_off_ends() -> None:
    with pytest.raises(TooShortError):
        spectrum(noise(600.0), HZ, 2.0, cancelled=lambda: True)

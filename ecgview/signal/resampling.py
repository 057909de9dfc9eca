"""Changes the sampling rate without moving anything in time."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy.signal import firwin, kaiser_beta, resample_poly

_STOP_DB = 60.0
# The filter falls from pass to stop over the last fifth below the lower of the two Nyquist rates,
# so nothing from above it is folded back; 0.05 to 40 Hz pass unchanged at 100 Hz.
_TRANSITION = 0.2
# Largest drift in time that the rational ratio may bring over the whole signal, in output samples.
_DRIFT = 0.02
_DENOMINATORS = (64, 1024, 16384)
# Numbers held at once when a rate is multiplied (16 MB); longer signals go sample by sample.
_LARGEST_PRODUCT = 4_000_000
_MULTIPLIED_AT_ONCE = 20


def resample(signal: NDArray[np.float32], hz: float, target_hz: float) -> NDArray[np.float32]:
    """Bring a signal to another sampling rate.

    Polyphase filtering with a linear-phase Kaiser FIR (60 dB), whose delay is taken out. The
    ends are continued by point reflection, which keeps value and slope, so they do not ring.

    Parameters
    ----------
    signal : ndarray of float32, shape (leads, samples)
        Finite.
    hz, target_hz : float
        Samples a second, now and wanted. Need not be whole numbers.

    Returns
    -------
    ndarray of float32, shape (leads, round(samples * target_hz / hz))
        Sample k lies at k / target_hz seconds. The input itself where the rates are equal.

    Raises
    ------
    ValueError
        If a rate is not positive, the rates are more than 16384 times apart, the signal is not
        two-dimensional, or it holds samples that are not finite.

    Notes
    -----
    Kaiser's formulas for length and window: A. V. Oppenheim, R. W. Schafer, Discrete-Time
    Signal Processing, section 7.5.
    """
    if not (0.0 < hz < np.inf and 0.0 < target_hz < np.inf):
        raise ValueError(f"sampling rates must be positive: from {hz:g} Hz to {target_hz:g} Hz")
    if signal.ndim != 2:
        raise ValueError(f"a signal has the shape (leads, samples), not {signal.shape}")
    if not np.isfinite(signal).all():
        rows = np.flatnonzero(~np.isfinite(signal).all(axis=1))
        raise ValueError(f"cannot resample a signal with invalid samples (NaN or infinite), in rows {rows.tolist()}")
    signal = np.asarray(signal, dtype=np.float32)
    if hz == target_hz:
        return signal
    samples = signal.shape[1]
    wanted = round(samples * target_hz / hz)
    if samples == 0 or wanted == 0 or len(signal) == 0:
        return np.zeros((len(signal), wanted), dtype=np.float32)
    ratio = _ratio(hz, target_hz, wanted)
    up, down = ratio.numerator, ratio.denominator
    taps = _antialias(up, down)
    # A whole number of output samples on either side, so that the first stays at time 0.
    blocks = -(-(len(taps) // 2 // up + 1) // down)
    padding = (blocks * down, blocks * down + down)
    padded = _continued(signal, *padding)
    if down == 1 and padded.size * (2 * blocks + 1) <= _LARGEST_PRODUCT:
        return _multiplied(padded, up, blocks)[:, :wanted]
    out = resample_poly(padded, up, down, axis=1, window=taps)
    return np.ascontiguousarray(out[:, blocks * up : blocks * up + wanted], dtype=np.float32)


def _continued(signal: NDArray[np.float32], before: int, after: int) -> NDArray[np.float32]:
    """Continue a signal to both sides by point reflection."""
    samples = signal.shape[1]
    # A single sample has no slope to continue.
    if samples == 1:
        return np.pad(signal, ((0, 0), (before, after)), mode="edge")
    # One that is shorter than what is added is reflected several times.
    if samples <= max(before, after):
        return np.pad(signal, ((0, 0), (before, after)), mode="reflect", reflect_type="odd")
    out = np.empty((len(signal), before + samples + after), dtype=np.float32)
    out[:, :before] = 2.0 * signal[:, :1] - signal[:, before:0:-1]
    out[:, before : before + samples] = signal
    out[:, before + samples :] = 2.0 * signal[:, -1:] - signal[:, -2 : -after - 2 : -1]
    return out


def _multiplied(padded: NDArray[np.float32], up: int, blocks: int) -> NDArray[np.float32]:
    """Multiply the rate by a whole number: the same sums as products of matrices, several times as fast.

    Each product makes some hundred samples of what follows from so many before; few columns at a
    time are slow, and many hold mostly zeros.
    """
    given = padded.shape[1] - 2 * blocks
    at_once = min(_MULTIPLIED_AT_ONCE, given)
    length = at_once + 2 * blocks
    weights = _weights(up, blocks, at_once)
    starts = np.arange(0, given, at_once)
    # The last product begins earlier, so that it ends where the signal does.
    starts[-1] = given - at_once
    parts = sliding_window_view(padded, length, axis=1)[:, starts]
    made = (parts.reshape(-1, length) @ weights).reshape(len(padded), len(starts), at_once * up)
    out = np.empty((len(padded), given * up), dtype=np.float32)
    whole = (len(starts) - 1) * at_once * up
    out[:, :whole] = made[:, :-1].reshape(len(padded), -1)
    out[:, starts[-1] * up :] = made[:, -1]
    return out


@lru_cache(maxsize=16)
def _weights(up: int, blocks: int, at_once: int) -> NDArray[np.float32]:
    """Entry (k, n) weighs sample k - blocks in output sample n, both counted from the first of a product."""
    taps = _antialias(up, 1)
    at = len(taps) // 2 + np.arange(at_once * up)[None] - up * (np.arange(at_once + 2 * blocks)[:, None] - blocks)
    inside = (at >= 0) & (at < len(taps))
    weights = np.where(inside, taps[np.clip(at, 0, len(taps) - 1)] * np.float32(up), np.float32(0.0))
    weights.flags.writeable = False
    return weights


def _ratio(hz: float, target_hz: float, wanted: int) -> Fraction:
    """Find a fraction for the ratio of the rates, as simple as the drift over `wanted` samples allows."""
    exact = Fraction(target_hz) / Fraction(hz)
    for bound in _DENOMINATORS:
        # Bounds numerator and denominator alike: the longer of them sets the length of the filter.
        found = min(exact, 1 / exact).limit_denominator(bound)
        if found > 0 and abs(float(found / min(exact, 1 / exact)) - 1.0) * wanted <= _DRIFT:
            break
    if found == 0:
        raise ValueError(f"{hz:g} Hz cannot be brought to {target_hz:g} Hz: the rates are too far apart")
    return found if exact <= 1 else 1 / found


@lru_cache(maxsize=16)
def _antialias(up: int, down: int) -> NDArray[np.float32]:
    """Design the filter that runs at `up` times the input rate; odd length, float32."""
    longest = max(up, down)
    half = int(np.ceil((_STOP_DB - 7.95) / (2.285 * np.pi * _TRANSITION) / 2.0 * longest))
    beta = kaiser_beta(_STOP_DB)
    taps = firwin(2 * half + 1, (1.0 - _TRANSITION / 2.0) / longest, window=("kaiser", beta))
    # Each of the `up` branches passes a constant exactly, so that an offset stays an offset.
    for branch in range(up):
        taps[branch::up] /= taps[branch::up].sum() * up
    result: NDArray[np.float32] = taps.astype(np.float32)
    result.flags.writeable = False
    return result

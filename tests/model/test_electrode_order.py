from __future__ import annotations

import numpy as np
import pytest

from ecgview.model.electrode_order import ARRANGEMENTS, ElectrodeOrder, arrangement_terms, taken_back
from ecgview.model.signal_quantities import AFTER, BEFORE


def beat(seed: int) -> np.ndarray:
    chance = np.random.default_rng(seed)
    time = np.arange(-BEFORE, AFTER)
    waves = np.stack([np.exp(-0.5 * ((time - at) / width) ** 2) for at, width in ((-16, 3), (0, 2), (25, 6))])
    # P, QRS and T of a usual heart: I and II upright, V1 down, V6 up.
    sizes = np.zeros((12, 3))
    sizes[0], sizes[1] = (0.06, 0.6, 0.2), (0.12, 0.9, 0.25)
    sizes[6:] = np.outer(np.linspace(-1, 1, 6), (0.03, 1.0, 0.3))
    return (sizes * chance.uniform(0.6, 1.4, sizes.shape)) @ waves


def exchange(leads: np.ndarray, arrangement: int) -> np.ndarray:
    out = leads.copy()
    out[:2] = ARRANGEMENTS[arrangement] @ leads[:2]
    return out


@pytest.mark.parametrize("arrangement", [1, 2, 3])
def test_taking_an_exchange_back_gives_the_recording(arrangement: int) -> None:
    original = arrangement_terms(beat(0))
    assert np.allclose(ARRANGEMENTS[arrangement] @ ARRANGEMENTS[arrangement], np.eye(2))
    turned = arrangement_terms(exchange(beat(0), arrangement))
    assert turned[arrangement] == pytest.approx(original[0])
    assert turned[0] == pytest.approx(original[arrangement])


def test_potentials_confirm_the_arrangements() -> None:
    right, left, foot = 0.3, -0.7, 1.9
    recorded = np.array([left - right, foot - right])
    truth = {1: (left, right, foot), 2: (foot, left, right), 3: (right, foot, left)}
    for arrangement, (r, l, f) in truth.items():  # noqa: E741
        assert ARRANGEMENTS[arrangement] @ recorded == pytest.approx([l - r, f - r])


@pytest.mark.parametrize("exchange", [0, 1, 2])
def test_all_limb_leads_are_taken_back_as_i_and_ii_are(exchange: int) -> None:
    one, two = np.random.default_rng(0).standard_normal((2, 50))

    def limbs(first: np.ndarray, second: np.ndarray) -> np.ndarray:
        augmented = (-(first + second) / 2, first - second / 2, second - first / 2)
        return np.stack([first, second, second - first, *augmented])

    window = np.concatenate([limbs(one, two), np.ones((6, 50))])[None].astype(np.float32)
    right = taken_back(window, exchange)[0]
    assert right[:6] == pytest.approx(limbs(*(ARRANGEMENTS[exchange + 1] @ np.stack([one, two]))), abs=1e-5)
    assert (right[6:] == 1).all()


def test_the_natural_arrangement_is_learned() -> None:
    order = ElectrodeOrder.fit(np.stack([arrangement_terms(beat(seed)) for seed in range(60)]))
    unseen = [beat(seed) for seed in range(100, 130)]
    assert np.mean([order.odds(arrangement_terms(one)).max() < 0 for one in unseen]) > 0.85
    for arrangement in (1, 2, 3):
        odds = [order.odds(arrangement_terms(exchange(one, arrangement))) for one in unseen]
        assert np.mean([one.max() > 0 and one.argmax() == arrangement - 1 for one in odds]) > 0.85

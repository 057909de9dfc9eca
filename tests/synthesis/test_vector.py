"""The heart vector and its projection."""

from __future__ import annotations

import numpy as np
import pytest

from ecgview.record import STANDARD_LEADS
from ecgview.synthesis.vector import DOWER, LEAD_MATRIX, frontal_axis, project, turn_frontal


def row(name: str) -> np.ndarray:
    return np.asarray(LEAD_MATRIX[STANDARD_LEADS.index(name)])


@pytest.mark.parametrize("name", list(DOWER))
def test_forming_leads_from_electrodes_gives_the_published_coefficients(name: str) -> None:
    np.testing.assert_allclose(row(name), DOWER[name], atol=1e-12)


def test_the_other_limb_leads_are_einthovens_and_goldbergers() -> None:
    np.testing.assert_allclose(row("III"), row("II") - row("I"), atol=1e-12)
    np.testing.assert_allclose(row("aVR"), -(row("I") + row("II")) / 2, atol=1e-12)
    np.testing.assert_allclose(row("aVL"), (row("I") - row("III")) / 2, atol=1e-12)
    np.testing.assert_allclose(row("aVF"), (row("II") + row("III")) / 2, atol=1e-12)


def test_an_anterior_force_is_upright_in_front_and_a_left_one_at_the_side() -> None:
    forwards = dict(zip(STANDARD_LEADS, project(np.array([[0.0], [0.0], [-1.0]]))[:, 0], strict=True))
    assert forwards["V1"] > 0.8
    assert forwards["V2"] > 1.2
    assert forwards["V6"] < 0
    leftwards = dict(zip(STANDARD_LEADS, project(np.array([[1.0], [0.0], [0.0]]))[:, 0], strict=True))
    assert leftwards["I"] > 0.5
    assert leftwards["V5"] > 1.0
    assert leftwards["V1"] < -0.4


def test_axis_of_the_hexaxial_system() -> None:
    """A force seen alike in I and II lies at 30 degrees, one seen only in aVF at 90."""
    alike = np.linalg.lstsq(LEAD_MATRIX[:2], np.array([1.0, 1.0]), rcond=None)[0]
    assert frontal_axis(alike) == pytest.approx(30.0, abs=1e-6)
    one, foot = STANDARD_LEADS.index("I"), STANDARD_LEADS.index("aVF")
    down = np.linalg.lstsq(LEAD_MATRIX[[one, foot]], np.array([0.0, 1.0]), rcond=None)[0]
    assert frontal_axis(down) == pytest.approx(90.0, abs=1e-6)
    assert frontal_axis(-down) == pytest.approx(-90.0, abs=1e-6)


def test_turning_goes_from_left_to_feet_and_keeps_depth_and_length() -> None:
    turned = turn_frontal(np.array([1.0, 0.0, 0.5]), 90.0)
    np.testing.assert_allclose(turned, [0.0, 1.0, 0.5], atol=1e-12)

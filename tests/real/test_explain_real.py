"""Explanations of the bundled ensemble on real recordings, and what they are compared with."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ecgview.explain.background import generated_normals
from ecgview.explain.deletion import Replacing, deletion_curve
from ecgview.explain.explaining import Explainer
from ecgview.explain.population_run import SETTINGS, gather
from ecgview.explain.spreading import spread_over
from ecgview.explain.trust import member_agreement, stored_check
from ecgview.model.ensemble import Ensemble
from ecgview.model.preprocessing import Preprocessing, prepare
from ecgview.record import Record, expand, read
from ecgview.signal.features import FEATURES

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="no recordings beside the checkout (../shared/data)")


def with_label(code: str, count: int, step: int = 1) -> list[Record]:
    found: list[Record] = []
    for path in sorted((DATA / "ptb-xl" / "records100").rglob("*.hea"))[::step]:
        record = read(path)
        if any(label.code == code and (label.likelihood or 0) >= 100 for label in record.labels):
            found.append(record)
        if len(found) == count:
            break
    return found


@pytest.fixture(scope="module")
def explainer() -> Explainer:
    return Explainer(Ensemble.load(device="cpu"))


def test_the_background_is_as_normal_recordings_are() -> None:
    background = generated_normals(Preprocessing())
    normal = np.stack([prepare(record, Preprocessing()).measured[0] for record in with_label("NORM", 80, 5)])
    names = "rate pr_ms p_ms qrs_ms qt_ms qtc_ms qrs_axis limb_span chest_span qrs_vector t_vector noise".split()
    for name in names:
        place = FEATURES.index(name)
        low, first, third, high = np.nanpercentile(normal[:, place], [0.5, 15, 85, 99.5])
        made = background.measured[:, place]
        assert low <= made.min() <= made.max() <= high, name
        assert first <= np.median(made) <= third, name


@pytest.mark.parametrize("code", ["CRBBB", "IMI", "AFIB", "LAFB"])
def test_what_is_attributed_adds_up_and_members_agree(explainer: Explainer, code: str) -> None:
    for record in with_label(code, 2):
        found = explainer.attribute(record, code)
        assert found.gap < 0.02
        assert found.values.shape == (12, 1000)
        assert found.logit > found.expected
        assert sum(found.lead_shares.values()) == pytest.approx(1)


def test_what_is_named_matters_more_than_chance(explainer: Explainer) -> None:
    """The tenth of the cells that speaks most for the class, beside as many at random, over 50 records."""
    quick = Explainer(explainer.ensemble, SETTINGS, explainer.background)
    falls = []
    for code in ("CRBBB", "IMI", "ASMI", "LAFB", "LVH"):
        for record in with_label(code, 10):
            found = quick.attribute(record, code)
            replacing = Replacing(explainer.ensemble, record, code, explainer.background)
            curve = deletion_curve(replacing, found, shares=(0.10,))
            falls.append((curve.named[0], curve.random[0]))
    assert len(falls) == 50
    named, random = np.median(falls, axis=0)
    assert named > 3 * max(random, 0.0), (named, random)


def test_most_gaps_are_small_at_seven_points(explainer: Explainer) -> None:
    """The most probable class of records evenly spread, most of them sinus rhythm: the hardest, since
    there is next to nothing to explain."""
    paths = list(expand([DATA / "ptb-xl" / "records100"]))
    gaps = []
    for path in spread_over(paths, 15):
        record = read(path)
        prediction = explainer.ensemble.predict(record)
        code = prediction.classes[int(np.argmax(prediction.probability))]
        gaps.append(next(one.gap for one in explainer.refine(record, code) if one.nodes >= 7))
    assert np.median(gaps) < 0.02, gaps


def test_members_agree_more_than_randomised_ones_would(explainer: Explainer) -> None:
    check = stored_check(explainer.ensemble.bundle)
    assert check is not None
    found = [
        member_agreement(explainer.attribute(record, code), check)
        for code in ("CRBBB", "LAFB")
        for record in with_label(code, 3)
    ]
    assert sum(not one.low for one in found) >= 5


def test_bundle_branch_blocks_rest_on_v1(explainer: Explainer) -> None:
    """Where the textbooks look first; for other classes docs/explanations.md tells where they do not agree."""
    for code in ("CRBBB", "CLBBB"):
        paths = [record.path for record in with_label(code, 6)]
        table = gather(explainer.ensemble, paths, codes=[code], among="labelled")
        assert table.leads.columns[int(np.argmax(table.leads.mean[0]))] == "V1"
        assert table.waves.columns[int(np.argmax(table.waves.mean[0]))] == "QRS"

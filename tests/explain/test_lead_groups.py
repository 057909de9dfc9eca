"""Leads as players, on networks whose Shapley values are known."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from typer.testing import CliRunner

from ecgview import cli
from ecgview.explain.attribution import Settings as Explaining
from ecgview.explain.explaining import Explainer, UnknownClassError
from ecgview.explain.lead_groups import GROUPS, MEASURED, PATIENT, SINGLE, leads_as_players, mixed
from ecgview.model.ensemble import Cancelled, Ensemble
from ecgview.record import STANDARD_LEADS, Record
from ecgview.synthesis import Settings, generate
from ecgview.synthesis.wfdb_writer import write_wfdb


class Together(nn.Module):
    """A network that sees V1 alone, V3 with V5 as a product, and age."""

    def forward(self, signal: Tensor, patient: Tensor, valid: Tensor) -> Tensor:
        size = signal.abs().mean(-1)
        v1, v3, v5 = (size[:, STANDARD_LEADS.index(lead)] for lead in ("V1", "V3", "V5"))
        return (10 * v1 + 50 * v3 * v5 + 2 * patient[:, 0])[:, None].expand(-1, 5)


@pytest.fixture(scope="module")
def ensemble(model_folder: Path) -> Ensemble:
    return Ensemble.load(model_folder, "cpu")


@pytest.fixture(scope="module")
def wide() -> Record:
    settings = Settings(rate=100, age=80, sex="male", abnormalities=("complete right bundle branch block",))
    return generate(settings, seed=4).record


def known(ensemble: Ensemble) -> Explainer:
    changed = Ensemble.load(ensemble.bundle.folder, "cpu")
    for member in changed.members:
        member.signal = Together()  # type: ignore[assignment]
    return Explainer(changed)


def test_values_are_those_worked_out_by_hand(ensemble: Ensemble, wide: Record) -> None:
    explainer = known(ensemble)
    question = explainer.ask(wide, "SR", None)
    own = question.windows[0].signal.abs().mean(-1).double().numpy()
    other = explainer.compared.signal.abs().mean(-1).double().numpy()
    v1, v3, v5 = (STANDARD_LEADS.index(lead) for lead in ("V1", "V3", "V5"))
    # A product of two players: half of what both add, and half of what each adds alone.
    alone_v3 = (own[:, v3] - other[:, v3]) * (own[:, v5] + other[:, v5]) / 2
    alone_v5 = (own[:, v5] - other[:, v5]) * (own[:, v3] + other[:, v3]) / 2
    truth = {
        "V1": 0.5 * 10 * (own[:, v1] - other[:, v1]).mean(),
        "V3": 0.5 * 50 * alone_v3.mean(),
        "V5": 0.5 * 50 * alone_v5.mean(),
    }
    groups = leads_as_players(explainer, wide, "SR")
    assert groups.exact
    assert list(groups.values) == [*GROUPS, PATIENT, MEASURED]
    assert groups.values["V1-V2"] == pytest.approx(truth["V1"], abs=1e-5)
    assert groups.values["V3-V4"] == pytest.approx(truth["V3"], abs=1e-5)
    assert groups.values["V5-V6"] == pytest.approx(truth["V5"], abs=1e-5)
    assert groups.values["limb leads"] == pytest.approx(0, abs=1e-6)
    assert groups.sum == pytest.approx(groups.logit - groups.expected, abs=1e-5)
    single = leads_as_players(explainer, wide, "SR", "single", exact=True)
    for lead in SINGLE:
        assert single.values[lead] == pytest.approx(truth.get(lead, 0.0), abs=1e-5)
    assert single.values[PATIENT] == pytest.approx(groups.values[PATIENT], abs=1e-5)


def test_values_add_up_exactly_and_drawn_ones_lie_within_their_error(ensemble: Ensemble, wide: Record) -> None:
    explainer = Explainer(ensemble, Explaining(backgrounds=2))
    exact = leads_as_players(explainer, wide, "CRBBB", "single", exact=True)
    drawn = leads_as_players(explainer, wide, "CRBBB", "single", rounds=8)
    again = leads_as_players(explainer, wide, "CRBBB", "single", rounds=8)
    for found in (exact, drawn, leads_as_players(explainer, wide, "CRBBB")):
        assert found.sum == pytest.approx(found.logit - found.expected, abs=1e-5)
    prediction = explainer.attribute(wide, "CRBBB")
    assert (exact.logit, exact.expected) == (prediction.logit, prediction.expected)
    assert drawn.values == again.values
    assert not drawn.exact
    assert set(exact.errors.values()) == {0.0}
    errors = np.array([drawn.errors[lead] for lead in SINGLE])
    away = np.array([drawn.values[lead] - exact.values[lead] for lead in SINGLE])
    assert errors.min() > 0
    assert 0.1 < np.sqrt(np.mean((away / errors) ** 2)) < 2.5
    more = leads_as_players(explainer, wide, "CRBBB", "single", rounds=24)
    assert np.mean([more.errors[lead] for lead in SINGLE]) < 0.8 * errors.mean()


def test_what_leads_were_computed_from_i_and_ii_stay_so() -> None:
    torch.manual_seed(1)
    own, other = torch.randn(1, 12, 20), torch.randn(3, 12, 20)
    for name, row in (("III", 2), ("aVF", 5)):
        assert STANDARD_LEADS[row] == name
    leads = torch.zeros(3, 12, dtype=torch.bool)
    leads[0, [0, 1, 7]] = True  # both limb leads and V2
    leads[1, 0] = True  # I alone
    found = mixed(own, other, leads)
    assert torch.equal(found[0, :6], own[0, :6])
    assert torch.equal(found[0, 7], own[0, 7])
    assert torch.equal(found[0, 8], other[0, 8])
    assert torch.allclose(found[1, 2], other[1, 1] - own[0, 0])
    assert torch.allclose(found[1, 5], other[1, 1] - own[0, 0] / 2)
    assert torch.equal(found[2], other[2])


def test_a_long_record_adds_up_too_and_work_can_be_called_off(ensemble: Ensemble) -> None:
    explainer = Explainer(ensemble)
    record = generate(Settings(seconds=14, rate=110), seed=8).record
    told: list[tuple[int, int]] = []
    found = leads_as_players(explainer, record, "AFIB", progress=lambda done, all: told.append((done, all)))
    assert found.sum == pytest.approx(found.logit - found.expected, abs=1e-5)
    assert told[-1] == (64, 64)  # 32 combinations of 8 background records, 8 at once, in two windows
    with pytest.raises(Cancelled):
        leads_as_players(explainer, record, "AFIB", cancelled=lambda: len(told) > 3)
    with pytest.raises(UnknownClassError):
        leads_as_players(explainer, record, "FLU")
    with pytest.raises(ValueError, match="groups or single"):
        leads_as_players(explainer, record, "AFIB", "pairs")
    with pytest.raises(ValueError, match="two rounds"):
        leads_as_players(explainer, record, "AFIB", "single", rounds=1)


def test_the_command_tells_values_and_the_caution(model_folder: Path, wide: Record, tmp_path: Path) -> None:
    path = write_wfdb(replace(wide, labels=()), tmp_path, "wide", ())[0]
    arguments = ["explain", str(path), "--class", "CRBBB", "--model", str(model_folder), "--leads-as-players"]
    result = CliRunner().invoke(cli.app, [*arguments, "groups"])
    assert result.exit_code == 0, result.stderr
    said = json.loads(result.stdout)
    assert list(said["values"]) == [*GROUPS, PATIENT, MEASURED]
    assert sum(said["values"].values()) == pytest.approx(said["logit"] - said["expected"], abs=1e-4)
    assert said["method"] == "Shapley values, exact"
    assert "computed from I and II" in said["caution"]
    result = CliRunner().invoke(cli.app, [*arguments, "single", "--out", str(tmp_path / "p.json")])
    assert result.exit_code == 0, result.stderr
    said = json.loads((tmp_path / "p.json").read_text(encoding="utf-8"))
    assert "drawn at random" in said["method"]
    assert min(said["standard_errors"][lead] for lead in SINGLE) > 0
    for wrong in (["groups", "--out", "p.npz"], ["groups", "--method", "shap"]):
        assert CliRunner().invoke(cli.app, [*arguments, *wrong]).exit_code == cli.WRONG_USAGE

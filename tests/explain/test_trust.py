"""Whether explanations follow what was learned, and whether members agree on them."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from typer.testing import CliRunner, Result

from ecgview import cli
from ecgview.explain import randomised as randomising
from ecgview.explain.attribution import Settings as Explaining
from ecgview.explain.explaining import Explainer
from ecgview.explain.randomised import abnormal_records, check, randomised
from ecgview.explain.summaries import agreement, net_shares_of
from ecgview.explain.trust import (
    LOW_AGREEMENT,
    Check,
    CheckError,
    MemberAgreement,
    Spread,
    member_agreement,
    stored_check,
    write_check,
)
from ecgview.model.bundle import open_bundle
from ecgview.model.ensemble import Cancelled, Ensemble
from ecgview.model.smooth_trees import SmoothTrees
from ecgview.record import Record
from ecgview.synthesis import Settings, generate
from ecgview.synthesis.wfdb_writer import write_wfdb

QUICK = Explaining(backgrounds=2, nodes=(1,), least_nodes=1)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(randomising, "SETTINGS", QUICK)


@pytest.fixture
def folder(model_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(model_folder, tmp_path / "model"))


@pytest.fixture(scope="module")
def records() -> list[Record]:
    return [*abnormal_records(1), generate(Settings(seconds=3), 1).record]


def spread(median: float, low: float, high: float) -> Spread:
    return Spread(median, low, high, 50)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli.app, [str(argument) for argument in arguments])


def test_ever_more_of_the_ensemble_is_randomised_and_the_ensemble_itself_stays(model_folder: Path) -> None:
    ensemble = Ensemble.load(model_folder, "cpu")
    before = [{name: part.clone() for name, part in member.state_dict().items()} for member in ensemble.members]
    changed: list[set[str]] = []
    for _, other in randomised(ensemble, seed=1):
        ours, theirs = before[0], other.members[0].state_dict()
        changed.append({name for name, part in theirs.items() if not part.equal(ours[name])})
        for name in changed[-1] - {"trees.feature", "trees.threshold", "trees.missing_left"}:
            assert sorted(theirs[name].flatten().tolist()) == sorted(ours[name].flatten().tolist()), name
    assert all(fewer < more for fewer, more in pairwise(changed))
    assert changed[0] == {"signal.head.weight", "signal.head.bias"}
    assert {"signal.stem.weight", "trees.leaf_value", "trees.feature"} <= changed[-1]
    for member, old in zip(ensemble.members, before, strict=True):
        assert all(part.equal(old[name]) for name, part in member.state_dict().items())
    trees = other.members[0].trees
    asked = torch.randn(3, trees.features), torch.ones(3, trees.features)
    assert trees(*asked).equal(SmoothTrees(trees.state_dict())(*asked))  # they do as their tensors say
    assert not trees(*asked).equal(ensemble.members[0].trees(*asked))
    words = [words for words, _ in randomised(ensemble)]
    assert words[0] == "last layer"
    assert words[-1] == "and the trees over measured values"


def test_what_does_not_follow_the_weights_is_found_out(
    model_folder: Path, records: list[Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    ensemble = Ensemble.load(model_folder, "cpu")
    honest = check(ensemble, records, generated=1)
    assert (honest.generated, honest.given) == (1, 0)  # the short one is left out
    assert abs(honest.stages[-1].cells.median) < 0.2
    assert honest.model_hash == ensemble.bundle.model_hash

    def shape_alone(explainer: Explainer, record: Record, code: str, cancelled: object = None) -> object:
        """An "explanation" that every network gives: the signal itself."""
        found = Explainer.refine(explainer, record, code)
        (answer,) = found
        values = explainer.ask(record, code, None).prepared.windows[0][:, : answer.values.shape[1]]
        net = net_shares_of(values, answer.waves)
        return replace(answer, values=values.copy(), member_shares=np.stack([net] * 3))

    monkeypatch.setattr(randomising.Explainer, "attribute", shape_alone)
    blind = check(ensemble, records)
    assert blind.stages[-1].cells.median == pytest.approx(1)
    assert not blind.passed
    assert "do not change as they should" in blind.as_words()


def test_work_can_be_called_off_and_nothing_to_explain_is_said(model_folder: Path, records: list[Record]) -> None:
    ensemble = Ensemble.load(model_folder, "cpu")
    with pytest.raises(Cancelled):
        check(ensemble, records, cancelled=lambda: True)
    with pytest.raises(ValueError, match="none of the records"):
        check(ensemble, records[-1:])


def made(folder: Path) -> Check:
    stage = randomising.Stage("last layer", spread(0.01, -0.1, 0.1), spread(0.2, 0.1, 0.3), spread(0.8, 0.6, 0.9))
    return Check(
        model_hash=open_bundle(folder).model_hash,
        ecgview="0.1.0",
        date="2026-01-01",
        generated=10,
        given=40,
        background="8 generated",
        seed=0,
        stages=(stage,),
        bars=spread(0.0, -0.1, 0.1),
        agreement=spread(0.46, 0.30, 0.65),
        agreement_randomised=spread(0.02, -0.06, 0.11),
    )


def test_a_check_is_kept_in_the_models_folder_and_a_stale_one_refused(folder: Path) -> None:
    bundle = open_bundle(folder)
    assert stored_check(bundle) is None
    found = made(folder)
    path = write_check(bundle, found)
    assert path.name == "explanation-check.json"
    assert stored_check(open_bundle(folder)) == found
    assert found.passed
    with pytest.raises(CheckError, match="another model"):
        write_check(bundle, replace(found, model_hash="0" * 64))
    path.write_text(json.dumps(replace(found, model_hash="0" * 64).as_dict()), encoding="utf-8")
    with pytest.raises(CheckError, match=r"another model \(000000000000\); make it anew"):
        stored_check(bundle)
    for content in ("rubbish", "[]", json.dumps({"format": 99}), json.dumps({"format": 1})):
        path.write_text(content, encoding="utf-8")
        with pytest.raises(CheckError, match="not a check of explanations"):
            stored_check(bundle)


def test_what_was_never_to_be_had_stays_unknown(folder: Path) -> None:
    assert Spread.of([float("nan")]).count == 0
    assert Spread.of([0.0, 1.0, float("nan"), 0.5]) == Spread(0.5, 0.05, 0.95, 3)
    without = replace(made(folder), agreement=Spread.of([]))
    back = Check.from_dict(json.loads(json.dumps(without.as_dict())))
    assert np.isnan(back.agreement.median)
    assert back.low_agreement == 0.11


def test_low_agreement_is_told_from_what_this_model_reaches(folder: Path) -> None:
    found = made(folder)
    assert found.low_agreement == 0.30
    assert replace(found, agreement=spread(0.2, 0.05, 0.3)).low_agreement == 0.11
    assert MemberAgreement(0.29, found.low_agreement).low
    assert "do not agree" in MemberAgreement(0.29, found.low_agreement).as_words()
    assert not MemberAgreement(0.30, found.low_agreement).low
    assert MemberAgreement(float("nan"), 0.3).low
    assert not replace(found, agreement=spread(0.1, 0.0, 0.2)).passed


def test_members_agree_by_sign_and_not_by_where_the_signal_is_large(model_folder: Path, record: Record) -> None:
    found = Explainer(Ensemble.load(model_folder, "cpu"), QUICK).attribute(record, "SR")
    # Networks drawn at random: alike in size, where there is more signal, and not in sign.
    assert agreement(found.member_sizes) > 0.5
    judged = member_agreement(found)
    assert judged.value < LOW_AGREEMENT
    assert judged.low
    turned = replace(found, member_shares=np.stack([found.member_shares[0], -found.member_shares[0]]))
    assert member_agreement(turned).value == pytest.approx(-1)
    same = replace(found, member_shares=np.stack([found.member_shares[0]] * 2))
    assert not member_agreement(same).low


def test_the_command_makes_keeps_and_shows_the_check(folder: Path, tmp_path: Path) -> None:
    result = run("trust", "--model", folder)
    assert result.exit_code == cli.SOME_FAILED
    assert "no check has been made" in " ".join(result.stderr.split())
    path = write_wfdb(generate(Settings(rate=70), 3).record, tmp_path, "one", ())[0]
    bad = tmp_path / "bad.dcm"
    bad.write_bytes(b"rubbish")
    result = run("trust", path, bad, "--limit", 2, "--model", folder, "--json")
    assert result.exit_code == 0, result.stderr
    told = json.loads(result.stdout)
    assert told["generated"] == 1
    assert (folder / "explanation-check.json").is_file()
    result = run("trust", "--model", folder)
    assert result.exit_code == 0
    assert "last layer" in result.stdout
    assert "counts as low" in " ".join(result.stdout.split())


def test_the_bundled_model_has_a_check_of_its_own() -> None:
    from ecgview.resources import bundled_model

    found = stored_check(open_bundle(bundled_model()))
    assert found is not None
    assert found.passed
    assert abs(found.low_agreement - LOW_AGREEMENT) < 0.05
    assert found.generated + found.given >= 50

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from ecgview.explain.background import generated_normals
from ecgview.explain.deletion import Replacing, deletion_curve
from ecgview.explain.explaining import Explainer
from ecgview.model.ensemble import Cancelled, Ensemble
from ecgview.record import STANDARD_LEADS, Record
from ecgview.synthesis import Settings, generate


class V2Alone(nn.Module):
    """A network that sees nothing but lead V2 between 3 and 6 s."""

    def forward(self, signal: Tensor, patient: Tensor, valid: Tensor) -> Tensor:
        logit = 0.2 * signal[:, STANDARD_LEADS.index("V2"), 300:600].abs().sum(1) + 0 * patient.sum(1)
        return logit[:, None].expand(-1, 5)


@pytest.fixture(scope="module")
def ensemble(model_folder: Path) -> Ensemble:
    loaded = Ensemble.load(model_folder, "cpu")
    for member in loaded.members:
        member.signal = V2Alone()  # type: ignore[assignment]
    return loaded


@pytest.fixture(scope="module")
def tall() -> Record:
    return generate(Settings(rate=75, amplitude=2.5), seed=2).record


def test_replacing_a_part_changes_what_depends_on_it_and_nothing_else(ensemble: Ensemble, tall: Record) -> None:
    explainer = Explainer(ensemble)
    replacing = Replacing(ensemble, tall, "SR", explainer.background)
    whole = replacing.ask(replacing.stretch(()))
    assert whole.probability == pytest.approx(explainer.attribute(tall, "SR").probability, abs=1e-6)
    others = [lead for lead in STANDARD_LEADS if lead != "V2"]
    assert replacing.ask(replacing.stretch(others)).logit == pytest.approx(whole.logit, abs=1e-6)
    assert replacing.ask(replacing.stretch(["V2"], 6.0)).logit == pytest.approx(whole.logit, abs=1e-6)
    without = replacing.ask(replacing.stretch(["V2"], 3.0, 6.0))
    assert without.logit < whole.logit
    assert without.probability < whole.probability
    network = V2Alone()
    signal = torch.from_numpy(explainer.background.windows)
    fallen = 0.5 * float(network(signal, torch.zeros(8, 5), torch.zeros(8))[:, 0].mean())
    own = 0.5 * float(network(torch.from_numpy(replacing.prepared.windows), torch.zeros(1, 5), torch.zeros(1))[0, 0])
    assert whole.logit - without.logit == pytest.approx(own - fallen, abs=1e-4)


def test_with_nothing_replaced_the_prediction_stands(model_folder: Path, tall: Record) -> None:
    loaded = Ensemble.load(model_folder, "cpu")
    replacing = Replacing(loaded, tall, "SR", generated_normals(loaded.preprocessing))
    prediction = loaded.predict(tall)
    whole = replacing.ask(replacing.stretch(()))
    assert whole.probability == pytest.approx(prediction.probability[prediction.classes.index("SR")], abs=1e-6)


def test_what_attribution_names_matters_more_than_chance(ensemble: Ensemble, tall: Record) -> None:
    explainer = Explainer(ensemble)
    found = explainer.attribute(tall, "SR")
    replacing = Replacing(ensemble, tall, "SR", explainer.background)
    curve = deletion_curve(replacing, found)
    assert curve.shares == (0.05, 0.10, 0.20)
    assert all(named > 3 * max(random, 0.0) > 0 for named, random in zip(curve.named, curve.random, strict=True))
    assert deletion_curve(replacing, found) == curve  # the same seed draws the same cells
    with pytest.raises(Cancelled):
        deletion_curve(replacing, found, cancelled=lambda: True)

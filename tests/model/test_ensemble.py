from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from ecgview.model.bundle import BundleError, open_bundle
from ecgview.model.ensemble import Cancelled, Ensemble, choose_device
from ecgview.model.network import Architecture, SEResNet
from ecgview.model.packed import PackedNetwork
from ecgview.model.prediction import Prediction
from ecgview.model.preprocessing import Refusal, prepare
from ecgview.record import Record
from ecgview.synthesis import Settings, generate


@pytest.fixture(scope="module")
def ensemble(model_folder: Path) -> Ensemble:
    return Ensemble.load(model_folder, "cpu")


def test_a_prediction_knows_its_record_and_model(ensemble: Ensemble, record: Record) -> None:
    prediction = ensemble.predict(record)
    assert prediction.record_hash == record.content_hash
    assert prediction.model_hash == ensemble.bundle.model_hash
    assert prediction.members.shape == (3, 5)
    assert np.all((prediction.members > 0) & (prediction.members < 1))


def test_the_same_record_gives_the_same_numbers_twice(model_folder: Path, record: Record) -> None:
    once = Ensemble.load(model_folder, "cpu").predict(record)
    again = Ensemble.load(model_folder, "cpu").predict(record)
    assert np.array_equal(once.members, again.members)


def test_a_member_is_its_network_applied_to_the_prepared_record(ensemble: Ensemble, record: Record) -> None:
    prepared = prepare(record, ensemble.preprocessing)
    measured = torch.tensor([[prepared.features[name] for name in ensemble.bundle.measured]])
    assert measured.isfinite().all()
    inputs = (torch.from_numpy(prepared.windows), torch.from_numpy(prepared.patient[None]), measured)
    with torch.inference_mode():
        logits = ensemble.members[1](*inputs, torch.ones_like(measured)).double().numpy()[0]
    expected = 1 / (1 + np.exp(-(0.9 * logits - 0.1)))  # the test model's calibration
    assert ensemble.predict(record).members[1] == pytest.approx(expected, abs=1e-6)


def test_what_cannot_be_measured_is_not_taken_for_zero(ensemble: Ensemble, record: Record) -> None:
    prepared = prepare(record, ensemble.preprocessing)
    inputs = (prepared.windows, prepared.valid, prepared.patient[None])
    unknown, zero = (np.full_like(prepared.measured, value) for value in (np.nan, 0.0))
    assert not np.array_equal(ensemble.probabilities(*inputs, unknown), ensemble.probabilities(*inputs, zero))


def test_records_judged_together_are_judged_as_if_alone(ensemble: Ensemble) -> None:
    records = [generate(Settings(seconds=seconds), seed=seed).record for seed, seconds in enumerate((10, 7, 25, 10))]
    silent = replace(records[0], signal=np.zeros_like(records[0].signal))
    outcomes = list(ensemble.predict_many([*records[:2], silent, *records[2:]], batch=3))
    assert isinstance(outcomes.pop(2), Refusal)
    for record, outcome in zip(records, outcomes, strict=True):
        assert isinstance(outcome, Prediction)
        assert outcome.record_hash == record.content_hash
        assert outcome.members == pytest.approx(ensemble.predict(record).members, abs=1e-6)


def test_a_long_record_is_the_mean_of_its_windows(ensemble: Ensemble) -> None:
    record = generate(Settings(seconds=20), seed=8).record
    prepared = prepare(record, ensemble.preprocessing)
    patient = np.repeat(prepared.patient[None], 2, axis=0)
    windows = ensemble.probabilities(prepared.windows, prepared.valid, patient, prepared.measured)
    prediction = ensemble.predict(record)
    assert prediction.windows == 2
    assert prediction.members == pytest.approx(windows.mean(axis=1))


def test_padding_has_no_say(ensemble: Ensemble) -> None:
    prepared = prepare(generate(Settings(seconds=7), seed=2).record, ensemble.preprocessing)
    loud = prepared.windows.copy()
    loud[:, :, 700:] = 50.0
    patient = prepared.patient[None]
    quiet = ensemble.probabilities(prepared.windows, prepared.valid, patient, prepared.measured)
    assert np.array_equal(quiet, ensemble.probabilities(loud, prepared.valid, patient, prepared.measured))


def test_age_and_sex_are_listened_to(ensemble: Ensemble, record: Record) -> None:
    older = replace(record, patient=replace(record.patient, age=90.0))
    assert not np.array_equal(ensemble.predict(record).members, ensemble.predict(older).members)


@pytest.mark.parametrize("threads", [1, 3])
def test_the_number_of_threads_changes_no_number(model_folder: Path, ensemble: Ensemble, threads: int) -> None:
    record = generate(Settings(seconds=70), seed=6).record
    other = Ensemble.load(model_folder, "cpu", threads)
    assert np.array_equal(other.predict(record).members, ensemble.predict(record).members)


def test_work_can_be_called_off(model_folder: Path, record: Record) -> None:
    ensemble = Ensemble.load(model_folder, "cpu", threads=1)
    asked = []

    def after_the_first() -> bool:
        asked.append(True)
        return len(asked) > 1

    with pytest.raises(Cancelled):
        ensemble.predict(record, after_the_first)
    assert len(asked) in (2, 3)  # one network judged, one called off; the last may be called off or not even asked


def test_three_of_five_members_are_three_votes() -> None:
    members = np.array([[0.9, 0.1], [0.8, 0.4], [0.55, 0.6], [0.2, 0.2], [0.1, 0.1]])
    prediction = Prediction("r", "m", ("A", "B"), members, np.array([0.5, 0.3]), 1)
    assert prediction.votes.tolist() == [3, 2]
    assert prediction.probability == pytest.approx([0.51, 0.28])
    assert prediction.decision.tolist() == [True, False]


def test_asking_for_an_absent_device_says_so() -> None:
    with pytest.raises(ValueError, match="none of auto, cpu, cuda"):
        choose_device("tpu")
    if not torch.cuda.is_available():
        with pytest.raises(ValueError, match="no CUDA device"):
            choose_device("cuda")
    assert choose_device("cpu").type == "cpu"


def copied(model_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(model_folder, tmp_path / "copy"))


def test_changed_weights_are_noticed(model_folder: Path, tmp_path: Path) -> None:
    folder = copied(model_folder, tmp_path)
    weights = folder / "member-2.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    with pytest.raises(BundleError, match=r"member-2\.safetensors: the weights are not those the card describes"):
        open_bundle(folder)


def test_absent_weights_are_named(model_folder: Path, tmp_path: Path) -> None:
    folder = copied(model_folder, tmp_path)
    (folder / "member-3.safetensors").unlink()
    with pytest.raises(BundleError, match=r"weights are absent: member-3\.safetensors"):
        open_bundle(folder)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"classes": 3}', '{"classes": [{"code": "X"}]}'])
def test_a_broken_card_is_refused_by_name(model_folder: Path, tmp_path: Path, content: str) -> None:
    folder = copied(model_folder, tmp_path)
    (folder / "card.json").write_text(content, encoding="utf-8")
    with pytest.raises(BundleError, match="copy"):
        open_bundle(folder)


def test_weights_of_another_shape_are_refused(model_folder: Path, tmp_path: Path) -> None:
    folder = copied(model_folder, tmp_path)
    card = json.loads((folder / "card.json").read_text())
    card["architecture"]["widths"] = [8, 8, 16, 32]
    (folder / "card.json").write_text(json.dumps(card))
    with pytest.raises(BundleError, match="do not fit the architecture"):
        Ensemble.load(folder, "cpu")


def test_networks_are_laid_out_for_the_one_core_each_works_on(
    model_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[int] = []

    class Watched(PackedNetwork):
        def __init__(self, network: SEResNet) -> None:
            threads.append(torch.get_num_threads())
            super().__init__(network)

    monkeypatch.setattr("ecgview.model.ensemble.PackedNetwork", Watched)
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        ensemble = Ensemble.load(model_folder, "cpu", threads=2)
    finally:
        torch.set_num_threads(before)
    assert threads == [1] * len(ensemble.members)


@pytest.mark.parametrize(
    ("setting", "value", "reason"),
    [("kernels", [7, 5, 4, 3], "odd"), ("blocks", [1, 1, 1], "for each stage"), ("kernel", 7, "kernel")],
)
def test_an_architecture_that_cannot_be_is_refused(
    model_folder: Path, tmp_path: Path, setting: str, value: object, reason: str
) -> None:
    folder = copied(model_folder, tmp_path)
    card = json.loads((folder / "card.json").read_text())
    card["architecture"][setting] = value
    (folder / "card.json").write_text(json.dumps(card))
    with pytest.raises(BundleError, match=f"do not fit the architecture.*{reason}"):
        Ensemble.load(folder, "cpu")


def test_the_hash_follows_thresholds_and_not_the_place(model_folder: Path, tmp_path: Path) -> None:
    folder = copied(model_folder, tmp_path)
    assert open_bundle(folder).model_hash == open_bundle(model_folder).model_hash
    stored = json.loads((folder / "thresholds.json").read_text())
    stored["thresholds"]["SR"] = 0.25
    (folder / "thresholds.json").write_text(json.dumps(stored))
    assert open_bundle(folder).model_hash != open_bundle(model_folder).model_hash


def test_the_masked_network_equals_a_plain_one_on_whole_windows() -> None:
    torch.manual_seed(1)
    network = SEResNet(Architecture(4, widths=(8, 8, 16, 16))).eval()
    signal, patient = torch.randn(2, 12, 1000), torch.randn(2, 5)
    with torch.inference_mode():
        plain, masked = network(signal, patient), network(signal, patient, torch.tensor([1000, 1000]))
    assert torch.equal(plain, masked)

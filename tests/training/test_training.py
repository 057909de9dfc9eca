from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from labelled_records import write_records

from ecgview.model.ensemble import Ensemble
from ecgview.model.preprocessing import Preprocessing
from ecgview.record import read
from ecgview.training.configuration import Configuration, ConfigurationError, read_configuration
from ecgview.training.dataset import Dataset, DatasetError, divide, load_dataset, overlap, require_disjoint
from ecgview.training.evaluation import evaluate
from ecgview.training.report import Report
from ecgview.training.training import Progress, train

SMALL = Configuration(members=2, epochs=3, batch=8, widths=(8, 8, 16, 16), fewest=5)
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_records(tmp_path_factory.mktemp("labelled"))


@pytest.fixture(scope="module")
def dataset(folder: Path) -> Dataset:
    return load_dataset(folder, Preprocessing())


def run(dataset: Dataset, out: Path, configuration: Configuration = SMALL, stop_after: int = 0) -> list[Progress]:
    steps: list[Progress] = []

    def on_epoch(step: Progress) -> None:
        steps.append(step)
        if len(steps) == stop_after:
            raise KeyboardInterrupt

    try:
        report = train(dataset, out, configuration, Preprocessing(), CPU, "ecgview train here --out there", on_epoch)
        assert isinstance(report, Report)
    except KeyboardInterrupt:
        assert stop_after
    return steps


@pytest.fixture(scope="module")
def trained(dataset: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("trained") / "model"
    run(dataset, out)
    return out


def weights(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted(folder.glob("member-*.safetensors"))]


def test_records_come_in_with_labels_patients_and_folds(dataset: Dataset) -> None:
    assert len(dataset.names) == 40
    assert dataset.windows.shape == (40, 12, 1000)
    assert set(dataset.classes) == {"SR", "CRBBB", "SUPER.CD"}
    assert dataset.targets[:, dataset.classes.index("CRBBB")].sum() == 20
    assert set(dataset.folds.tolist()) <= set(range(1, 11))


def test_the_same_seed_gives_the_same_weights(dataset: Dataset, trained: Path, tmp_path: Path) -> None:
    run(dataset, tmp_path / "again")
    assert weights(tmp_path / "again") == weights(trained)
    run(dataset, tmp_path / "other", replace(SMALL, seed=2))
    assert weights(tmp_path / "other") != weights(trained)


@pytest.mark.parametrize("stop_after", [2, 4])
def test_a_broken_off_training_ends_with_the_same_weights(
    dataset: Dataset, trained: Path, tmp_path: Path, stop_after: int
) -> None:
    out = tmp_path / "model"
    first = run(dataset, out, stop_after=stop_after)
    assert not (out / "card.json").exists()
    second = run(dataset, out)
    assert len(second) == 6 - len(first) and weights(out) == weights(trained)  # noqa: PT018 - one thought
    assert not list(out.glob("unfinished-*"))


def test_other_settings_do_not_go_on_from_a_broken_off_training(dataset: Dataset, tmp_path: Path) -> None:
    run(dataset, tmp_path, stop_after=1)
    with pytest.raises(DatasetError, match="belongs to a training with other records or settings"):
        run(dataset, tmp_path, replace(SMALL, seed=9))


def test_held_out_predictions_are_of_networks_that_did_not_see_them(
    dataset: Dataset, trained: Path, tmp_path: Path
) -> None:
    """Turning the labels of part 0 around must not change what part 0's network says."""
    parts = divide(dataset.folds, 2)
    turned = dataset.targets.copy()
    learned = [dataset.classes.index(code) for code in ("CRBBB", "SUPER.CD")]
    turned[np.ix_(parts == 0, learned)] ^= True
    run(replace(dataset, targets=turned), tmp_path / "turned")
    assert weights(tmp_path / "turned")[0] == weights(trained)[0]
    assert weights(tmp_path / "turned")[1] != weights(trained)[1]


def test_the_bundle_works_and_its_card_tells_how_it_came_about(dataset: Dataset, trained: Path, folder: Path) -> None:
    card = json.loads((trained / "card.json").read_text())
    assert card["training"]["command"] == "ecgview train here --out there"
    assert card["training"]["configuration_sha256"] == SMALL.digest
    assert card["training"]["data_sha256"] == dataset.digest
    assert card["training"]["overlap_between_parts"] == {"patients": 0, "signals": 0}
    assert {entry["code"]: entry["records"] for entry in card["classes"]} == {"CRBBB": 20, "SUPER.CD": 20}
    prediction = Ensemble.load(trained, "cpu").predict(read(folder / "r01.hea"))
    assert prediction.classes == ("CRBBB", "SUPER.CD")


def test_something_is_learned(dataset: Dataset, tmp_path: Path) -> None:
    # Half of these records have bundle branch block in full; a network that learns sees it.
    run(dataset, tmp_path / "model", replace(SMALL, epochs=25, averaging=0.9))
    scores = json.loads((tmp_path / "model" / "card.json").read_text())["classes"][0]
    assert scores["auroc"][0] > 0.9


def test_evaluation_uses_the_stored_predictions_of_known_records(trained: Path, folder: Path) -> None:
    evaluation = evaluate(trained, folder, "cpu")
    assert "each judged by the member that did not see it" in evaluation.statements[0]
    assert "0 patients and 0 signals" in evaluation.statements[1]
    card = json.loads((trained / "card.json").read_text())
    assert evaluation.report.macro_all.as_list() == card["scores"]["macro_auroc_all_classes"]


def test_evaluation_of_new_records_uses_the_ensemble(trained: Path, tmp_path: Path) -> None:
    new = tmp_path / "new"
    write_records(new, 12)
    for path in new.iterdir():  # other signals under other names: later seeds
        path.unlink()
    from ecgview.synthesis import Settings, generate
    from ecgview.synthesis.wfdb_writer import write_wfdb

    for number in range(100, 112):
        blocked = number % 2
        abnormalities = ("complete right bundle branch block",) if blocked else ()
        record = generate(Settings(hz=100, abnormalities=abnormalities), seed=number).record
        write_wfdb(record, new, f"n{number}", ("Dx: 59118001,426783006" if blocked else "Dx: 426783006",))
    evaluation = evaluate(trained, new, "cpu")
    assert "judged by the whole ensemble" in evaluation.statements[0]
    write_records(new, 2)
    with pytest.raises(DatasetError, match="2 of 14 records were trained with"):
        evaluate(trained, new, "cpu")


def test_shared_patients_and_signals_are_counted_and_refused(dataset: Dataset) -> None:
    parts = np.arange(40) % 2
    assert overlap(dataset, parts) == overlap(dataset, 1 - parts)
    require_disjoint(dataset, parts)
    patients = replace(dataset, patients=("same", "same", *dataset.patients[2:]))
    with pytest.raises(DatasetError, match="1 patients and 0 signals"):
        require_disjoint(patients, parts)
    signals = replace(dataset, hashes=("same", "same", "same", *dataset.hashes[3:]))
    with pytest.raises(DatasetError, match="0 patients and 1 signals"):
        require_disjoint(signals, parts)


def test_a_patients_records_share_a_fold_and_parts_are_of_like_size(dataset: Dataset) -> None:
    folds = np.repeat(np.arange(1, 10), [20, 21, 19, 20, 22, 18, 20, 20, 20])
    parts = divide(folds, 5)
    assert all(len(set(parts[folds == fold].tolist())) == 1 for fold in range(1, 10))
    sizes = np.bincount(parts)
    assert sizes.max() <= 2 * sizes.min() + 5
    with pytest.raises(DatasetError, match="2 folds cannot be divided into 5 parts"):
        divide(np.array([1, 2]), 5)


def test_a_folder_without_labels_is_refused_with_the_reason(tmp_path: Path, record: object) -> None:
    from ecgview.synthesis import Settings, generate
    from ecgview.synthesis.wfdb_writer import write_wfdb

    write_wfdb(generate(Settings(hz=100), 1).record, tmp_path, "bare")
    with pytest.raises(DatasetError, match=r"bare\.hea: carries no statement"):
        load_dataset(tmp_path, Preprocessing())


def test_configurations_are_checked_setting_by_setting(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text('{"epochs": 4, "learning_rate": 1, "widths": [8, 8, 16, 16]}')
    found = read_configuration(path)
    assert (found.epochs, found.learning_rate, found.widths) == (4, 1, (8, 8, 16, 16))
    for content, reason in (
        ('{"epoch": 4}', "no setting 'epoch'"),
        ('{"epochs": "many"}', "epochs is 'many'"),
        ('{"epochs": true}', "epochs is True"),
        ('{"widths": [8, "16"]}', "widths is .* not whole numbers"),
        ("[]", "not a JSON object"),
        ("{", "not JSON"),
    ):
        path.write_text(content)
        with pytest.raises(ConfigurationError, match=reason):
            read_configuration(path)
    with pytest.raises(ConfigurationError, match=r"absent\.json"):
        read_configuration(tmp_path / "absent.json")
    assert read_configuration().members == 5

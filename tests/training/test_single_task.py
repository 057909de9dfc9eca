from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from labelled_records import write_records
from sklearn.metrics import roc_auc_score

from ecgview.model.preprocessing import Preprocessing
from ecgview.training.configuration import Configuration
from ecgview.training.dataset import Dataset, DatasetError, divide, load_dataset
from ecgview.training.single_task import rarest, single_task, single_task_entry

SMALL = Configuration(members=2, epochs=2, batch=8, widths=(8, 8, 16, 16), fewest=5)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return load_dataset(write_records(tmp_path_factory.mktemp("labelled"), 24), Preprocessing())


def run(dataset: Dataset, parts: np.ndarray, told: list[tuple[int, int]] | None = None) -> np.ndarray:
    def progress(part: int, epoch: int, loss: float) -> None:
        assert loss > 0
        if told is not None:
            told.append((part, epoch))

    return single_task(dataset, "CRBBB", parts, SMALL, Preprocessing(), torch.device("cpu"), progress)


def test_each_part_is_predicted_by_a_network_that_did_not_see_it(dataset: Dataset) -> None:
    parts = divide(dataset.folds, 2)
    told: list[tuple[int, int]] = []
    logits = run(dataset, parts, told)
    assert told == [(0, 1), (0, 2), (1, 1), (1, 2)]
    assert logits.shape == (24,)
    turned = dataset.targets.copy()
    turned[np.ix_(parts == 0, [dataset.classes.index("CRBBB")])] ^= True
    after = run(replace(dataset, targets=turned), parts)
    assert np.array_equal(logits[parts == 0], after[parts == 0])
    assert not np.array_equal(logits[parts == 1], after[parts == 1])


def test_the_other_classes_have_no_say(dataset: Dataset) -> None:
    parts = divide(dataset.folds, 2)
    others = dataset.targets.copy()
    others[:, dataset.classes.index("SR")] ^= True
    assert np.array_equal(run(dataset, parts), run(replace(dataset, targets=others), parts))


def test_parts_that_share_a_patient_are_refused(dataset: Dataset) -> None:
    shared = replace(dataset, patients=("same",) * len(dataset.patients))
    with pytest.raises(DatasetError, match="1 patients"):
        run(shared, divide(dataset.folds, 2))


def test_the_rarest_statements_follow_from_the_counts_alone() -> None:
    targets = np.zeros((20, 5), bool)
    for k, count in enumerate((9, 2, 5, 1, 0)):
        targets[:count, k] = True
    # AMI is not of the reference, and nothing carries DIG.
    assert rarest(("SR", "CLBBB", "PAC", "AMI", "DIG"), targets) == ("CLBBB", "PAC", "SR")
    assert rarest(("SR", "CLBBB", "PAC", "AMI", "DIG"), targets, 1) == ("CLBBB",)


def test_the_entry_for_the_card_sets_both_side_by_side() -> None:
    generator = np.random.default_rng(2)
    targets = generator.random(200) < 0.3
    alone = targets + generator.normal(0, 2, 200)
    together = targets + generator.normal(0, 0.3, 200)
    entry = single_task_entry("DIG", targets, alone, together, np.arange(200) % 4, tuple(map(str, range(200))))
    assert (entry["code"], entry["name"], entry["records"]) == ("DIG", "Digitalis effect", int(targets.sum()))
    assert entry["alone"]["auroc"][0] == pytest.approx(roc_auc_score(targets, alone), abs=1e-4)
    assert entry["together"]["auroc"][0] == pytest.approx(roc_auc_score(targets, together), abs=1e-4)
    assert entry["auroc_difference"][1] > 0
    assert entry["f1_difference"][0] == pytest.approx(entry["together"]["f1"] - entry["alone"]["f1"], abs=2e-4)

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from model_files import write_model

from ecgview import RESEARCH_USE
from ecgview.model.bundle import BundleError
from ecgview.resources import bundled_model
from ecgview.training.markdown import figure, table
from ecgview.training.model_card import main, model_card, write_model_card

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "model-card.md"

SECTIONS: dict[str, Any] = {
    "scores": {
        "protocol": "Judged fairly.",
        "macro_auroc_reference_statements": [0.9312, 0.9205, 0.9401],
        "reference_statements": 32,
        "macro_auroc_superclasses": None,
        "challenge_metric": 0.5125,
    },
    "training": {
        "command": "ecgview train here --out there",
        "configuration": {"members": 3, "widths": [8, 16]},
        "configuration_sha256": "c0ffee",
        "data_sha256": "decade",
        "records": 1234,
        "patients": 1100,
        "left_out": 0,
        "overlap_between_parts": {"patients": 0, "signals": 0},
        "date": "2026-01-02",
        "seconds": 86400,
        "machine": "CPU, x86_64, 2 threads",
        "torch": "2.13.0",
    },
    "calibration": {
        "method": "One slope and one offset for each class.",
        "superclasses": [{"code": "SUPER.CD", "ece_before": 0.0712, "ece_after": [0.0123, 0.0, 0.0231]}],
        "reliability": {"SUPER.CD": [{"from": 0.0, "to": 0.1, "predicted": 0.043, "observed": 0.052, "count": 1001}]},
    },
    "levers": [
        {"lever": "mixup", "macro_auroc": 0.9299, "difference": [-0.0013, -0.004, 0.001], "kept": False, "note": "a|b"}
    ],
    "baselines": [
        {
            "name": "naive prior",
            "macro_auroc": [0.4321, 0.41, 0.45],
            "superclasses": None,
            "difference": [-0.4991, -0.52, -0.48],
        }
    ],
    "single_task": [
        {
            "code": "DIG",
            "name": "Digitalis effect",
            "records": 32,
            "alone": {"auroc": [0.8811, 0.8, 0.9], "f1": 0.2111},
            "together": {"auroc": [0.9522, 0.9, 0.97], "f1": 0.3444},
            "auroc_difference": [0.0711, 0.01, 0.12],
            "f1_difference": [0.1333, -0.02, 0.3],
        }
    ],
    "external": [
        {
            "source": "Georgia",
            "records": 24,
            "judged": 22,
            "unlabelled": 1,
            "refused": 1,
            "unreadable": 0,
            "misscaled": 21,
            "macro_auroc": [0.9155, 0.8, 1.0],
            "macro_f1": 0.6166,
            "classes": [
                {
                    "code": "SR",
                    "name": "Sinus rhythm",
                    "records": 6,
                    "auroc": [0.9155, 0.8, 1.0],
                    "f1": 0.6166,
                    "sensitivity": 0.7177,
                    "specificity": 0.8188,
                }
            ],
        }
    ],
    "coverage": [
        {"name": "Sinus rhythm", "snomed": ["426783006"], "scored": ["2020", "2021"], "code": "SR"},
        {"name": "Left axis deviation", "snomed": ["39732003"], "scored": ["2021"], "code": None},
    ],
    "unlikeness": {
        "method": "Distance of features.",
        "rows": [{"recordings": "pure noise", "auroc": [0.99, 0.98, 1.0]}],
    },
    "speed": {"one_record_ms": 41, "records_per_second": 123, "machine": "two cores"},
}


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A model of three classes, two of them with few examples, and nothing known but counts."""
    return write_model(tmp_path / "synthetic", ("SR", "CRBBB", "SUPER.CD"))


def fill(bundle: Path, sections: dict[str, Any]) -> Path:
    card = json.loads((bundle / "card.json").read_text(encoding="utf-8")) | sections
    (bundle / "card.json").write_text(json.dumps(card), encoding="utf-8")
    return bundle


def cells(text: str, first: str) -> list[str]:
    """Return the cells of the one row whose first cell is given."""
    (row,) = [line for line in text.splitlines() if line.startswith(f"| {first} ")]
    return [cell.strip() for cell in row.strip("|").split(" | ")]


def test_every_figure_of_the_card_is_in_the_document(bundle: Path) -> None:
    text = model_card(fill(bundle, SECTIONS))
    assert f"**{RESEARCH_USE}**" in text
    assert cells(text, "mean AUROC over the 32 statements of the reference")[1] == "0.931 (0.920–0.940)"
    assert "mean AUROC over the five superclasses" not in text  # not judged
    assert cells(text, "challenge metric")[1] == "0.512"
    assert "1 234 recordings of 1 100 patients" in text
    assert "0 patients, 0 signals" in text
    assert cells(text, "mixup") == ["mixup", "0.930", "-0.001 (-0.004 to +0.001)", "no", "a\\|b"]
    assert cells(text, "naive prior")[1:] == ["0.432 (0.410–0.450)", "–", "-0.499 (-0.520 to -0.480)"]
    assert cells(text, "DIG")[2:] == [
        "32",
        "0.881 (0.800–0.900)",
        "0.952 (0.900–0.970)",
        "+0.071 (+0.010 to +0.120)",
        "0.211",
        "0.344",
        "+0.133 (-0.020 to +0.300)",
    ]
    assert cells(text, "0.000") == ["0.000", "0.100", "0.043", "0.052", "1 001"]
    assert "### Any conduction disturbance (SUPER.CD)" in text
    assert "| SUPER.CD |      0.071 | 0.012 (0.000–0.023) |" in text
    assert "| Georgia | " in text
    assert "Of Georgia, 21 judged recordings have limb leads that do not fit each other" in " ".join(text.split())
    assert "0.718 |       0.819 |" in text
    assert "Covered: 1 of the 1 classes scored in 2020, 1 of the 2 classes scored in 2021." in text
    assert cells(text, "Left axis deviation") == ["Left axis deviation", "39732003", "2021", "not covered"]
    assert cells(text, "pure noise")[1] == "0.990 (0.980–1.000)"
    assert "41 ms for one recording after loading, 123 recordings a second" in " ".join(text.split())
    assert cells(text, "command")[1] == "`ecgview train here --out there`"
    for wanted in ("c0ffee", "decade", "86 400", "CPU, x86_64, 2 threads", "2.13.0", "`[8, 16]`"):
        assert wanted in text


def test_classes_with_few_examples_say_so(bundle: Path) -> None:
    text = model_card(bundle)
    assert cells(text, "SR")[2] == "7"
    assert cells(text, "SR")[-1].startswith("few examples")
    assert "few" not in " ".join(cells(text, "CRBBB"))
    assert "1 of 3 classes are carried by fewer than 50 recordings" in text


@pytest.mark.parametrize("absent", [*SECTIONS, "all"])
def test_what_is_not_known_is_left_out_and_never_invented(bundle: Path, absent: str) -> None:
    headings = {
        "scores": "## Scores",
        "training": "## What it learned from",
        "calibration": "## Calibration",
        "levers": "## What was tried",
        "baselines": "## Simple methods",
        "single_task": "## Rare classes learned alone",
        "external": "## Recordings from elsewhere",
        "coverage": "## Classes of the PhysioNet",
        "unlikeness": "## Knowing when",
        "speed": "**Speed.**",
    }
    kept = {} if absent == "all" else {name: content for name, content in SECTIONS.items() if name != absent}
    text = model_card(fill(bundle, kept))
    for name, heading in headings.items():
        assert (heading in text) == (name in kept), name
    # Nothing here says that the records were PTB-XL's.
    assert "PTB-XL" not in text
    assert "## Limits" in text
    assert "shorter than 5 s" in " ".join(text.split())


def test_a_model_of_ptb_xl_says_what_that_means(bundle: Path) -> None:
    training = SECTIONS["training"] | {"source": "PTB-XL"}
    text = model_card(fill(bundle, {"training": training}))
    assert "in Germany" in text
    assert "up to two cardiologists" in " ".join(text.split())
    assert "**Adults, mostly.**" in text


def test_what_is_incomplete_is_named(bundle: Path) -> None:
    with pytest.raises(BundleError, match="what the levers would be written from is incomplete: KeyError\\('lever'\\)"):
        model_card(fill(bundle, {"levers": [{"kept": True}]}))
    with pytest.raises(BundleError, match="what the external results"):
        model_card(fill(bundle, {"levers": [], "external": ["Georgia"]}))
    (bundle / "card.json").write_text("[]")
    with pytest.raises(BundleError, match=r"card\.json: not a JSON object"):
        model_card(bundle)
    (bundle / "card.json").unlink()
    with pytest.raises(BundleError, match=r"card\.json: No such file"):
        model_card(bundle)


def test_the_document_is_written_the_same_twice(
    bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(bundle, SECTIONS)
    write_model_card(bundle, tmp_path / "one.md")
    assert main([str(bundle), str(tmp_path / "two.md")]) == 0
    assert (tmp_path / "one.md").read_bytes() == (tmp_path / "two.md").read_bytes()
    assert not list(tmp_path.glob("*.part"))
    assert main([str(bundle)]) == 2
    assert main([str(tmp_path), str(tmp_path / "three.md")]) == 1
    assert "usage" in (said := capsys.readouterr().err)
    assert "card.json: No such file" in said


def test_the_document_in_docs_is_that_of_the_bundled_model() -> None:
    wanted = model_card(bundled_model())
    assert DOCUMENT.read_text(encoding="utf-8") == wanted, (
        f"write it anew: python -m ecgview.training.model_card models/{bundled_model().name} docs/model-card.md"
    )


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (None, "–"),
        (float("nan"), "–"),
        (True, "yes"),
        (1744, "1 744"),
        (0.89549, "0.895"),
        ([0.5, 0.25, 0.75], "0.500 (0.250–0.750)"),
        ([0.5, float("nan"), float("nan")], "0.500 (?–?)"),
        (["a", "b"], "a, b"),
        ("word", "word"),
    ],
)
def test_figures_read_as_people_write_them(value: Any, wanted: str) -> None:
    assert figure(value) == wanted


def test_tables_stand_in_columns_and_a_bar_in_a_cell_parts_nothing() -> None:
    assert table(["name", "n"], [["a|b", "1"], ["a\nlonger one", "1 000"]]).splitlines() == [
        "| name         |     n |",
        "| ------------ | ----: |",
        "| a\\|b         |     1 |",
        "| a longer one | 1 000 |",
    ]
    with pytest.raises(ValueError, match="as many cells"):
        table(["name"], [["a", "b"]])

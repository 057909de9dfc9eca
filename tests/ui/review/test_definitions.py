"""What classes mean: every class that the model knows has criteria and leads to look at."""

from __future__ import annotations

import csv

import pytest

from ecgview.model.bundle import open_bundle
from ecgview.model.vocabulary import statements
from ecgview.record import STANDARD_LEADS, Label
from ecgview.resources import bundled_model, resource
from ecgview.review.events import Event, Region
from ecgview.review.templates import TEMPLATES
from ecgview.ui.control.review import Review
from ecgview.ui.relabelling_keys import CLASS_KEYS, RELABELLING
from ecgview.ui.review.card import look_at
from ecgview.ui.review.definitions import definition, search
from ecgview.ui.review.rows import of_record, said


def test_every_class_of_the_model_and_of_the_studies_is_defined() -> None:
    for code in (*open_bundle(bundled_model()).classes, *(study.code for study in TEMPLATES.values())):
        known = definition(code)
        assert known.name != code, code
        assert len(known.criteria) > 20, code
        assert known.leads, code
        assert set(known.leads) <= set(STANDARD_LEADS), code


def test_the_table_holds_classes_of_the_vocabulary_once_each() -> None:
    with resource("definitions.csv").open(encoding="utf-8", newline="") as table:
        codes = [row["code"] for row in csv.DictReader(table)]
    assert len(codes) == len(set(codes))
    assert set(codes) <= set(statements())


def test_a_class_nobody_knows_keeps_its_code() -> None:
    unknown = definition("XYZ")
    assert (unknown.name, unknown.criteria, unknown.leads) == ("XYZ", "", ())


def test_keys_are_those_of_classes_and_of_methods_that_are_there() -> None:
    assert all(code in statements() for _, code in CLASS_KEYS)
    keys = [key for key, _ in CLASS_KEYS] + [entry.key for entry in RELABELLING]
    assert len(keys) == len(set(keys))
    assert all(callable(getattr(Review, entry.does.partition(".")[2])) for entry in RELABELLING)


@pytest.mark.parametrize(
    ("typed", "first"),
    [("AFIB", "AFIB"), ("atrial fib", "AFIB"), ("164889003", "AFIB"), ("mi", "SUPER.MI"), ("first", "1AVB")],
)
def test_search_puts_exact_codes_first(typed: str, first: str) -> None:
    assert search(typed)[0].code == first


def test_search_finds_nothing_for_nothing() -> None:
    assert search("  ") == []
    assert search("no such class") == []


def test_labels_of_one_class_stand_in_one_row_with_each_source() -> None:
    labels = (
        Label("713427006", "snomed", "WFDB header, Dx"),
        Label("CRBBB", "scp", "ptbxl_database.csv", 80.0),
        Label("right bundle", "text", "machine statement"),
        Label("999999", "snomed", "WFDB header, Dx"),
    )
    rows = of_record(labels)
    assert [row.code for row in rows] == ["CRBBB", "", "999999"]
    assert rows[0].stated == (
        "WFDB header, Dx, SNOMED CT 713427006",
        "ptbxl_database.csv, CRBBB, likelihood 80 %",
    )
    assert rows[1].accepted is None  # free words name no class
    assert rows[0].accepted == "present"


def test_a_label_is_said_with_all_that_belongs_to_it() -> None:
    event = Event(
        kind="label",
        reader="Anna",
        code="AFIB",
        decision="present",
        confidence=0.75,
        note="no P",
        region=Region("V1", 1.0, 2.5),
        sequence=1,
        written_at="2026-01-01T00:00:00+00:00",
        program="",
        previous="",
    )
    assert said(event) == "present, likely, marked V1 1.00–2.50 s, “no P”"


def test_all_leads_are_said_in_two_words() -> None:
    assert look_at(STANDARD_LEADS) == "Look at all leads"
    assert look_at(("II", "V1")) == "Look at II, V1"
    assert look_at(()) == ""

from __future__ import annotations

from ecgview.model.vocabulary import label_name, statement_codes, statements
from ecgview.record import Label


def scp(code: str, likelihood: float | None = None) -> Label:
    return Label(code, "scp", "test", likelihood)


def test_all_71_statements_of_ptbxl_and_five_superclasses_are_there() -> None:
    kinds = [statement.kind for statement in statements().values()]
    assert len(kinds) - kinds.count("superclass") == 71
    assert kinds.count("superclass") == 5
    assert (kinds.count("diagnostic"), kinds.count("rhythm")) == (44, 12)


def test_no_snomed_code_stands_for_two_statements() -> None:
    codes = [code for statement in statements().values() for code in statement.snomed]
    assert len(codes) == len(set(codes))


def test_a_diagnostic_statement_brings_its_superclass() -> None:
    assert statement_codes([scp("IMI", 80.0)]) == {"IMI", "SUPER.MI"}


def test_a_likelihood_of_zero_means_not_stated_and_not_absent() -> None:
    assert statement_codes([scp("SR", 0.0)]) == {"SR"}


def test_snomed_codes_of_one_meaning_come_together() -> None:
    for code in ("713427006", "59118001"):
        assert statement_codes([Label(code, "snomed", "test")]) == {"CRBBB", "SUPER.CD"}


def test_unknown_codes_and_free_text_are_passed_over() -> None:
    assert statement_codes([Label("1", "snomed", "test"), Label("SR", "text", "test"), scp("nonsense")]) == frozenset()


def test_labels_are_named_in_full() -> None:
    assert label_name(scp("CLBBB")) == "Complete left bundle branch block"
    assert label_name(Label("164889003", "snomed", "test")) == "Atrial fibrillation"
    assert label_name(Label("999", "snomed", "test")) == "SNOMED CT 999"
    assert label_name(Label("Normal ECG!", "text", "test")) == "Normal ECG!"

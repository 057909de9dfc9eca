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
    codes = [code for statement in statements().values() for code in (*statement.snomed, *statement.narrower)]
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


def ludb(text: str) -> Label:
    return Label(text, "text", "WFDB header, diagnoses")


def test_narrower_snomed_codes_amount_to_the_broader_statement() -> None:
    for code, wanted in (
        ("282825002", {"AFIB"}),  # paroxysmal atrial fibrillation
        ("54016002", {"2AVB", "SUPER.CD"}),  # Mobitz I
        ("253352002", {"LAO/LAE", "SUPER.HYP"}),  # left atrial abnormality
        ("164867002", {"SUPER.MI"}),  # an old infarction, where is not said
        ("6374002", {"SUPER.CD"}),  # bundle branch block, which is not said
    ):
        assert statement_codes([Label(code, "snomed", "test")]) == wanted


def test_broader_snomed_codes_amount_to_nothing() -> None:
    for code in ("426627000", "39732003", "195080001"):  # bradycardia, left axis, fibrillation or flutter
        assert statement_codes([Label(code, "snomed", "test")]) == frozenset()


def test_diagnoses_of_ludb_are_understood_with_what_narrows_them_down() -> None:
    for text, wanted in (
        ("Rhythm: Sinus bradycardia", {"SBRAD"}),
        ("Rhythm: Atrial flutter, typical", {"AFLT"}),
        ("III degree AV-block", {"3AVB", "SUPER.CD"}),
        ("Ventricular extrasystole, localisation: RVOT, antero-septal part", {"PVC"}),
        ("Atrial extrasystole: undefined", {"PAC"}),
        ("UNIpolar ventricular pacing", {"PACE"}),
        ("Left atrial overload", {"LAO/LAE", "SUPER.HYP"}),
        ("STEMI: anterior wall", {"SUPER.MI"}),
        ("Ischemia: apical", {"SUPER.STTC"}),
    ):
        assert statement_codes([ludb(text)]) == wanted


def test_diagnoses_of_ludb_without_a_statement_are_passed_over() -> None:
    for text in (
        "Electric axis of the heart: left axis deviation",
        "Undefined ischemia/scar/supp.NSTEMI: lateral wall",
        "Left ventricular overload",
        "Rhythm: of some kind",
        "",
    ):
        assert statement_codes([ludb(text)]) == frozenset()


def test_the_same_words_from_elsewhere_are_no_statement() -> None:
    said = Label("Left ventricular hypertrophy", "text", "machine statement in the XML")
    assert statement_codes([said]) == frozenset()


def test_no_diagnosis_of_ludb_stands_for_two_statements() -> None:
    words = [text.casefold() for statement in statements().values() for text in statement.ludb]
    assert len(words) == len(set(words))


def test_labels_are_named_in_full() -> None:
    assert label_name(scp("CLBBB")) == "Complete left bundle branch block"
    assert label_name(Label("164889003", "snomed", "test")) == "Atrial fibrillation"
    assert label_name(Label("999", "snomed", "test")) == "SNOMED CT 999"
    # A bundle branch block is not shown as "any conduction disturbance": that would say less than the record does.
    assert label_name(Label("6374002", "snomed", "test")) == "SNOMED CT 6374002"
    assert label_name(Label("Normal ECG!", "text", "test")) == "Normal ECG!"

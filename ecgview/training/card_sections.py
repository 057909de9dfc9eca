"""The sections of the model card that are figures: each takes the card and gives Markdown blocks, or none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecgview.model.vocabulary import statements
from ecgview.training.markdown import figure, table, table_of, whole

Card = Mapping[str, Any]

FEW = 50
"""Records below which a class is said to rest on few examples."""

_SCORES = {
    "macro_auroc_reference_statements": "mean AUROC over the {reference_statements} statements of the reference",
    "macro_auroc_superclasses": "mean AUROC over the five superclasses",
    "macro_auroc_all_classes": "mean AUROC over all classes",
}


def scores(card: Card) -> list[str]:
    """The headline figures."""
    scores = card.get("scores", {})
    rows = []
    for key, value in scores.items():
        if key == "reference_statements" or isinstance(value, str) or value is None:
            continue
        rows.append([_SCORES.get(key, key.replace("_", " ")).format(**scores), figure(value)])
    return ["## Scores", table(["", "value"], rows)] if rows else []


def classes(card: Card) -> list[str]:
    """Each class."""
    rows = [
        [
            entry["code"],
            entry["name"],
            figure(entry["records"]),
            *(figure(entry.get(key)) for key in ("auroc", "average_precision", "f1", "sensitivity", "specificity")),
            "few examples" if entry["records"] < FEW else "",
        ]
        for entry in card["classes"]
    ]
    headings = ["code", "class", "records", "AUROC", "average precision", "F1", "sensitivity", "specificity", ""]
    return [
        "## Class by class",
        "F1, sensitivity and specificity are of calls at a threshold. A class carried by fewer than "
        f"{FEW} recordings rests on few examples: its figures would change most with other recordings.",
        table(headings, rows, left=(0, 1, 8)),
    ]


def calibration(card: Card) -> list[str]:
    """Whether probabilities mean what they say."""
    section = card.get("calibration")
    if not section:
        return []
    parts = ["## Calibration"]
    parts.append(
        "Whether of all recordings given a probability of 30 % about 30 % carry the class. The expected calibration "
        "error (ECE) is the mean distance between the two: 0 is perfect."
    )
    if "method" in section:
        parts.append(section["method"])
    if section.get("superclasses"):
        parts.append(table_of(section["superclasses"]))
    reliability = section.get("reliability")
    if isinstance(reliability, Mapping):
        for code, rows in reliability.items():
            parts += [f"### {_named(code)}", table_of(rows)]
    elif reliability:
        parts.append(table_of(reliability))
    return parts


def levers(card: Card) -> list[str]:
    """What was tried."""
    rows = [
        [
            entry["lever"],
            figure(entry.get("macro_auroc")),
            figure(entry.get("difference"), signed=True),
            figure(entry.get("kept")),
            entry.get("note") or "",
        ]
        for entry in card.get("levers") or ()
    ]
    if not rows:
        return []
    return [
        "## What was tried",
        "Each change, judged like the ensemble itself, and whether it was kept.",
        table(["change", "mean AUROC", "difference", "kept", "note"], rows, left=(0, 3, 4)),
    ]


def baselines(card: Card) -> list[str]:
    """Simple methods."""
    entries = card.get("baselines")
    if not entries:
        return []
    rows = [
        [
            entry["name"],
            figure(entry.get("macro_auroc")),
            figure(entry.get("superclasses")),
            figure(entry.get("difference"), signed=True),
        ]
        for entry in entries
    ]
    parts = [
        "## Simple methods on the same parts",
        "Difference: the method's mean AUROC over the statements less the ensemble's, on the same draws of patients. "
        "Logistic regression and gradient boosting see the measurements with age and sex, not the signal.",
        table(["method", "statements", "superclasses", "difference to the ensemble"], rows),
    ]
    if any(entry["name"] == "naive prior" for entry in entries):
        parts.append(
            "The naive prior gives every recording the share of the class in the other parts. It lies below one half "
            "because a part rich in a class is judged by parts that are poorer in it."
        )
    return parts


def single_task(card: Card) -> list[str]:
    """Rare classes learned alone."""
    entries = card.get("single_task")
    if not entries:
        return []
    rows = [
        [
            entry["code"],
            entry["name"],
            figure(entry["records"]),
            figure(entry["alone"]["auroc"]),
            figure(entry["together"]["auroc"]),
            figure(entry["auroc_difference"], signed=True),
            figure(entry["alone"]["f1"]),
            figure(entry["together"]["f1"]),
            figure(entry["f1_difference"], signed=True),
        ]
        for entry in entries
    ]
    headings = ["code", "class", "records", "AUROC alone", "together", "difference"]
    headings += ["F1 alone", "together", "difference"]
    return [
        "## Rare classes learned alone",
        "The same network trained for one class only, and with all classes together: whether common classes help "
        "rare ones. Both are the network that sees the signal, without the trees. Above zero, learning together is "
        f"better.{_first_parts(entries)}",
        table(headings, rows, left=(0, 1)),
    ]


def _first_parts(entries: list[Card]) -> str:
    parts = {entry["parts"] for entry in entries if entry.get("parts")}
    return f" Judged on the first {max(parts)} parts only: each part takes trainings of its own." if parts else ""


def external(card: Card) -> list[str]:
    """Other sources."""
    sources = card.get("external")
    if not sources:
        return []
    rows = [
        [
            entry["source"],
            *(figure(entry.get(key)) for key in ("records", "judged", "unlabelled", "refused", "unreadable")),
            figure(sum(not is_superclass(judged["code"]) for judged in entry["classes"])),
            figure(entry.get("macro_auroc")),
            figure(entry.get("macro_f1")),
        ]
        for entry in sources
    ]
    headings = ["source", "records", "judged", "no label", "refused", "unreadable", "statements"]
    headings += ["mean AUROC", "mean F1"]
    parts = [
        "## Recordings from elsewhere",
        "None of these was trained with. Judged are the classes that at least five recordings of a source carry "
        "and five lack; means are over statements, without superclasses. F1, sensitivity and specificity are at the "
        "thresholds stored with the model. What a source does not state counts as absent, so the figures "
        "are as complete as its labels. A recording that names no patient counts as a patient of its own.",
        table(headings, rows),
    ]
    parts += [
        f"Of {entry['source']}, {whole(entry['misscaled'])} judged recordings have limb leads that do not fit each "
        "other, as if each had been scaled by itself: classes read off heights and axis, such as hypertrophy, are "
        "judged at a disadvantage there."
        for entry in sources
        if entry.get("misscaled")
    ]
    rows = [
        [
            entry["source"],
            judged["code"],
            judged["name"],
            *(figure(judged.get(key)) for key in ("records", "auroc", "f1", "sensitivity", "specificity")),
        ]
        for entry in sources
        for judged in entry["classes"]
    ]
    if rows:
        headings = ["source", "code", "class", "records", "AUROC", "F1", "sensitivity", "specificity"]
        parts.append(table(headings, rows, left=(0, 1, 2)))
    return parts


def coverage(card: Card) -> list[str]:
    """The Challenges' classes."""
    entries = card.get("coverage")
    if not entries:
        return []
    counts = []
    for year in sorted({year for entry in entries for year in entry["scored"]}):
        scored = [entry for entry in entries if year in entry["scored"]]
        covered = sum(entry["code"] is not None for entry in scored)
        counts.append(f"{covered} of the {len(scored)} classes scored in {year}")
    rows = [
        [entry["name"], ", ".join(entry["snomed"]), ", ".join(entry["scored"]), entry["code"] or "not covered"]
        for entry in entries
    ]
    return [
        "## Classes of the PhysioNet/CinC Challenges",
        f"Covered: {', '.join(counts)}.",
        table(["class", "SNOMED CT", "scored in", "here"], rows, left=(0, 1, 2, 3)),
    ]


def unlikeness(card: Card) -> list[str]:
    """Recordings unlike the training data."""
    section = card.get("unlikeness")
    if not section:
        return []
    rows = section.get("rows", []) if isinstance(section, Mapping) else section
    parts = [
        "## Knowing when it does not know",
        "How well the score of unlikeness tells such recordings from recordings like those it learned from.",
    ]
    if isinstance(section, Mapping) and "method" in section:
        parts.append(section["method"])
    return [*parts, table_of(rows)] if rows else parts


def is_superclass(code: str) -> bool:
    """Return whether a code is of a superclass."""
    return code.startswith("SUPER.")


def _named(code: str) -> str:
    return f"{statements()[code].name} ({code})" if code in statements() else code

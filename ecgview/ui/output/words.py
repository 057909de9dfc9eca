"""What is written on a printed page."""

from __future__ import annotations

from ecgview.record import STANDARD_LEADS, Record
from ecgview.signal.values import Measurements
from ecgview.ui.measurements import figure
from ecgview.ui.words import duration_words, patient_words

_AXES = ("p", "qrs", "t")


def heading(record: Record, identity: bool) -> str:
    """Return what a page is called.

    Parameters
    ----------
    record : Record
    identity : bool
        Whether the name of record and patient may be told. Otherwise the page is called by the
        first digits of the recording's content hash, which say nothing of anybody and yet find
        the recording again.
    """
    if not identity:
        return f"ECG {record.content_hash[:8]}"
    patient = record.patient
    return "  ·  ".join(part for part in (record.name, patient.name, patient.identifier) if part)


def file_name(record: Record, identity: bool) -> str:
    """Return what a file of the page is called, without an ending."""
    return record.name if identity else heading(record, identity=False)


def about(record: Record, identity: bool) -> str:
    """Return one line on the recording; age, sex and date only where identity may be told."""
    parts = []
    if identity:
        parts.append(patient_words(record.patient))
        if record.recorded_at is not None:
            parts.append(f"{record.recorded_at:%d %b %Y %H:%M}")
    parts.append("1 lead" if len(record.leads) == 1 else f"{len(record.leads)} leads")
    parts += [f"{record.hz:g} Hz", duration_words(record.duration)]
    derived = [lead for lead in record.leads if lead in record.derived]
    if derived:
        parts.append(f"derived: {', '.join(derived)}")
    missing = [lead for lead in STANDARD_LEADS if lead not in record.leads]
    if missing and len(missing) < len(STANDARD_LEADS):
        parts.append(f"not recorded: {', '.join(missing)}")
    return "  ·  ".join(parts)


def measured(found: Measurements | None) -> str:
    """Return rate, intervals and axes in one line; what could not be measured is an en dash."""
    if found is None:
        return "Not measured"
    if found["rate"].value is None and found["qrs"].value is None:
        return f"Not measurable: {found['rate'].reason}"

    def value(name: str, key: str) -> str:
        unit = found[key].unit if found[key].value is not None else ""
        return f"{name} {figure(found[key])}{'' if unit in ('°', '/min') else ' '}{unit}".rstrip()

    axes = "/".join(figure(found[f"{wave}_axis"]) + "°" * (found[f"{wave}_axis"].value is not None) for wave in _AXES)
    return "   ".join(
        (
            value("Rate", "rate"),
            value("PR", "pr"),
            value("QRS", "qrs"),
            value("QT", "qt"),
            f"{value('QTc', 'qtc_fridericia')} (Fridericia)",
            f"P/QRS/T axis {axes}",
        )
    )

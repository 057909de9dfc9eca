"""A record in plain values, for JSON."""

from __future__ import annotations

from typing import Any

import numpy as np

from ecgview.record.record import Record


def describe(record: Record) -> dict[str, Any]:
    """Describe a record in values that JSON can hold.

    The patient's name is not among them; the identifier is, because readers match records by it.

    Parameters
    ----------
    record : Record
        Any record.

    Returns
    -------
    dict
        ``path``, ``format``, ``hz``, ``duration`` (s), ``samples``, ``leads``, ``derived``,
        ``range_mv`` (lead to [lowest, highest] mV, null where a lead holds no valid sample),
        ``patient`` (``identifier``, ``age``, ``sex``), ``recorded_at`` (ISO 8601), ``labels``
        (``code``, ``system``, ``provenance``, ``likelihood``), ``warnings``, ``content_hash``.
    """
    return {
        "path": str(record.path),
        "format": record.format,
        "hz": record.hz,
        "duration": record.duration,
        "samples": record.samples,
        "leads": list(record.leads),
        "derived": [name for name in record.leads if name in record.derived],
        "range_mv": {name: _range(record, name) for name in record.leads},
        "patient": {
            "identifier": record.patient.identifier,
            "age": record.patient.age,
            "sex": record.patient.sex,
        },
        "recorded_at": record.recorded_at.isoformat() if record.recorded_at else None,
        "labels": [
            {
                "code": label.code,
                "system": label.system,
                "provenance": label.provenance,
                "likelihood": label.likelihood,
            }
            for label in record.labels
        ],
        "warnings": list(record.warnings),
        "content_hash": record.content_hash,
    }


def _range(record: Record, name: str) -> list[float] | None:
    samples = record.signal[record.leads.index(name)]
    valid = samples[~np.isnan(samples)]
    # Four decimals are 0.1 µV, finer than any converter.
    return [round(float(valid.min()), 4), round(float(valid.max()), 4)] if valid.size else None

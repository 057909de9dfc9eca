"""Readers' labels over those that came with the records: what a review is for."""

from __future__ import annotations

from collections.abc import Mapping

from ecgview.model.vocabulary import statements

Decisions = Mapping[str, str]
"""What readers hold of one record: "present", "absent" or "uncertain" by code."""


def overruled(codes: frozenset[str], decisions: Decisions) -> frozenset[str]:
    """Return a record's statements after readers have spoken.

    What they hold present is added and what they hold absent is taken away; uncertain changes
    nothing. A superclass goes when the last of its statements does, unless it was stated by itself,
    and what readers say of a superclass itself counts most.

    Parameters
    ----------
    codes : frozenset of str
        As they came with the record (:func:`ecgview.model.vocabulary.statement_codes`).
    decisions : mapping of str to str
    """
    bearers = {code: statement.superclass for code, statement in statements().items() if statement.superclass}
    brought = {bearers[code] for code in codes if code in bearers}
    kept = {code for code in codes if code not in brought}
    for code, decision in decisions.items():
        if decision == "present" and code in statements():
            kept.add(code)
        elif decision == "absent":
            kept.discard(code)
    kept |= {group for code in kept if (group := bearers.get(code)) is not None and decisions.get(group) != "absent"}
    return frozenset(kept)


def readers_labels(store: str) -> dict[str, Decisions]:
    """Return what the readers of a label store hold, by content hash of the record.

    Parameters
    ----------
    store : str
        A file or the URL of a database, as `ecgview review` takes it.

    Raises
    ------
    ValueError
        There is no such store, or it cannot be read; the message says why.
    """
    from ecgview.review.export import labels_by_record
    from ecgview.review.store import Store, StoreError

    try:
        with Store(store, create=False) as opened:
            found, _ = labels_by_record(opened)
    except StoreError as error:
        raise ValueError(str(error)) from error
    return {record: {code: str(decision) for code, decision in held.items()} for record, held in found.items()}

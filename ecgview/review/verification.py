"""Whether a label store is as it was written.

Found are: an event that was altered, removed from among others, put in, moved or brought from
another store; absent triggers; a list of the labels that hold now that does not follow from the
events. Found only with a note of the store's end that was kept elsewhere
(:class:`~ecgview.review.store.Head`; each export holds one): events cut off at the end, and a
chain calculated anew as a whole by somebody who can write the file. Never found: events cut off
after the last note.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, select

from ecgview.review.events import EntryError, first_link, row_hash
from ecgview.review.listing import searched_lightly
from ecgview.review.schema import absent_triggers, events, versions, wrongly_held
from ecgview.review.store import READ_AT_ONCE, Head, Store

_MOST_FAULTS = 20


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found.

    Attributes
    ----------
    head : Head
        Where the store ends now.
    faults : tuple of str
        In words; empty when all is well. At most twenty.
    """

    head: Head
    faults: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing was found."""
        return not self.faults


def verify(store: Store, witness: Head | None = None, progress: Callable[[int], None] | None = None) -> Verification:
    """Go through the whole chain.

    Parameters
    ----------
    store : Store
    witness : Head, optional
        How far the store had come earlier.
    progress : callable, optional
        Told now and then how many events were looked at.

    Returns
    -------
    Verification

    Raises
    ------
    StoreError
        The store cannot be read.
    """
    with searched_lightly(), store.snapshot() as snapshot:
        connection = snapshot._connection
        faults = [f"the trigger {name} is absent or altered" for name in absent_triggers(connection)]
        head = _walk(connection, faults, witness, progress)
        if len(faults) < _MOST_FAULTS:
            faults += [
                f"event {number} is wrongly listed, or wrongly not listed, as holding now"
                for number in wrongly_held(connection)
            ]
    return Verification(head, tuple(faults[:_MOST_FAULTS]))


def _walk(
    connection: Connection, faults: list[str], witness: Head | None, progress: Callable[[int], None] | None
) -> Head:
    head = Head(0, first_link(str(connection.execute(select(versions.c.store).limit(1)).scalar())))
    met = witness is None or witness == head
    query = select(events).order_by(events.c.sequence).execution_options(yield_per=READ_AT_ONCE)
    with connection.execute(query) as rows:
        for count, row in enumerate(rows.mappings(), start=1):
            number = row["sequence"]
            if number != head.count + 1:
                faults.append(f"event {head.count + 1} is not there; event {number} follows")
            elif row["previous"] != head.hash:
                faults.append(f"event {number} does not follow on the one before it")
            if _content(row) != row["hash"]:
                faults.append(f"event {number} was altered")
            head = Head(number, row["hash"])
            met = met or head == witness
            if progress is not None and count % 2000 == 0:
                progress(count)
            if len(faults) >= _MOST_FAULTS:
                return head
    if not met and witness is not None:
        cut = head.count < witness.count
        faults.append(
            f"the store ends at event {head.count}; it had {witness.count} when the note was taken: the end was cut off"
            if cut
            else f"event {witness.count} is not the one that the note names: the chain was written anew"
        )
    return head


def _content(row: RowMapping) -> str | None:
    try:
        return row_hash(dict(row))
    except EntryError:  # a value of a type that no event has
        return None

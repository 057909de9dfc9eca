"""Reading rounds: blinded readings, what is revealed after them, second looks, adjudication.

Everything is kept as events of the label store. Before a reader has locked a reading, nothing here
hands out what the label, the model or another reader said; the sample itself lies in an event of
its own that only :meth:`Round.reveal` and :meth:`Round.readings` open.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Self

from ecgview.review.agreement import Readings
from ecgview.review.events import Decision, Entry, Event
from ecgview.review.reading import Answer, Assignment, Disagreement, Revelation, RoundError
from ecgview.review.sampling import Candidate, assign
from ecgview.review.store import Snapshot, Store

__all__ = ["Answer", "Assignment", "Disagreement", "Revelation", "Round", "RoundError", "rounds"]


class Round:
    """A reading round in a store.

    Parameters
    ----------
    store : Store
    identifier : str

    Raises
    ------
    RoundError
        The store holds no such round.
    """

    def __init__(self, store: Store, identifier: str) -> None:
        found = next(store.events(kind="round", round_id=identifier), None)
        if found is None:
            raise RoundError(f"there is no reading round {identifier!r} in {store}")
        self._store = store
        self.identifier = identifier
        self.title = str(found.payload["title"])
        self.codes = tuple(found.payload["codes"])
        self.readers = tuple(found.payload["readers"])
        self.adjudicator = str(found.payload["adjudicator"])
        self.seed = int(found.payload["seed"])
        self._names: dict[str, str] = found.payload["names"]
        self._order: dict[str, list[str]] = found.payload["order"]

    @classmethod
    def create(
        cls,
        store: Store,
        title: str,
        sample: Sequence[Candidate],
        readers: Sequence[str],
        *,
        owner: str,
        seed: int,
        readings: int = 2,
        repeated: float = 0.0,
        adjudicator: str = "",
        model: str = "",
        known: Sequence[Candidate] = (),
    ) -> Self:
        """Lay a round down in the store.

        Parameters
        ----------
        store : Store
        title : str
        sample : sequence of Candidate
            What :func:`ecgview.review.sampling.draw` drew.
        readers : sequence of str
        owner : str
            Who makes the round.
        seed : int
            Of the order; the same seed gives the same round.
        readings : int
            Readers of each record.
        repeated : float
            Share of records a reader is given twice.
        adjudicator : str
            Who decides where readers differ; none of them.
        model : str
            Hash of the model.
        known : sequence of Candidate, optional
            What label and model say of the drawn records for the round's other classes; each reader is
            asked about all of them. Others are passed over.

        Raises
        ------
        RoundError
            The round could not be read as it is laid out.
        """
        chosen = list(sample)
        names = list(dict.fromkeys(reader.strip() for reader in readers))
        if not chosen:
            raise RoundError("no record fits the sample that is asked for")
        if not names or len(names) != len(readers) or "" in names:
            raise RoundError("a round needs readers, each named once")
        if not 1 <= readings <= len(names):
            raise RoundError(f"{readings} readings of each record need as many readers; there are {len(names)}")
        if not 0 <= repeated <= 1:
            raise RoundError("the share of repeated records lies between 0 and 1")
        if adjudicator in names:
            raise RoundError("the adjudicator cannot be one of the readers")
        identifier = uuid.uuid4().hex[:12]
        public = {
            "title": title,
            "codes": sorted({item.code for item in chosen}),
            "readers": names,
            "adjudicator": adjudicator,
            "seed": seed,
            "names": {item.record_hash: item.record_name for item in chosen},
            "order": assign([item.record_hash for item in chosen], names, readings, repeated, seed),
        }
        told = {(item.record_hash, item.code): item for item in chosen}
        records, codes = {item.record_hash for item in chosen}, {item.code for item in chosen}
        for item in known:
            if item.record_hash in records and item.code in codes:
                told.setdefault((item.record_hash, item.code), item)
        sealed = {
            "sample": [
                [item.record_hash, item.code, item.label, item.decision, item.probability, item.group]
                for item in told.values()
            ]
        }
        store.append(
            [
                Entry(kind="round", reader=owner, round_id=identifier, payload=public),
                Entry(kind="sealed", reader=owner, round_id=identifier, payload=sealed, model=model),
            ]
        )
        return cls(store, identifier)

    def assignments(self, reader: str) -> list[Assignment]:
        """Return a reader's readings in the reader's order."""
        with self._store.snapshot() as snapshot:
            return self._assignments(snapshot, reader)

    def next(self, reader: str) -> Assignment | None:
        """Return the first reading that is not locked, None when all are."""
        return next((item for item in self.assignments(reader) if not item.locked), None)

    def lock(
        self, reader: str, assignment: str, answers: Mapping[str, Answer], visible: Mapping[str, Any] | None = None
    ) -> None:
        """Write a reading down for good.

        Parameters
        ----------
        reader : str
        assignment : str
        answers : mapping of str to Answer
            One for each class of the round.
        visible : mapping, optional
            What the reader could see.

        Raises
        ------
        RoundError
            It is locked already, or a class is not answered.
        """
        self._write("read", reader, assignment, answers, visible)

    def lock_all(self, readings: Sequence[tuple[str, str, Mapping[str, Answer]]], source: str) -> int:
        """Write readings down that were made elsewhere: all, or none where one does not fit.

        Parameters
        ----------
        readings : sequence of (reader, record hash, answers)
            A record that a reader was given twice stands here twice, in the order of reading.
        source : str
            What they came from, kept with each.

        Returns
        -------
        int
            Readings locked.

        Raises
        ------
        RoundError
            Somebody is no reader of this round or was not given the record, a class is not answered, or
            the reading is locked already. The message begins with the place in `readings`, from 1.
        """

        def decide(snapshot: Snapshot) -> list[Entry]:
            entries: list[Entry] = []
            for number, (reader, record, answers) in enumerate(readings, start=1):
                if set(answers) != set(self.codes):
                    raise RoundError(f"{number}: each class wants an answer: {', '.join(self.codes)}")
                try:
                    mine = pending.setdefault(
                        reader, [item for item in self._assignments(snapshot, reader) if not item.locked]
                    )
                except RoundError as error:
                    raise RoundError(f"{number}: {error}") from error
                item = next((item for item in mine if item.record_hash == record), None)
                if item is None:
                    raise RoundError(f"{number}: {reader} has no reading of record {record[:12]} left to lock")
                mine.remove(item)
                # Whether the reader was blinded, only those know who were there.
                seen = {"blinded": None, "imported_from": source}
                entries += [
                    self._entry("read", reader, item, code=code, visible=seen, **_values(answers[code]))
                    for code in self.codes
                ]
            return entries

        pending: dict[str, list[Assignment]] = {}
        self._store.transact(decide)
        return len(readings)

    def second_look(self, reader: str, assignment: str, answers: Mapping[str, Answer]) -> None:
        """Write down what the reader says after the reveal; the first reading stays beside it."""
        self._write("second_look", reader, assignment, answers, {"revealed": True})

    def reveal(self, reader: str, assignment: str) -> list[Revelation]:
        """Tell what label, model and other readers say; that it was told is kept.

        Where records are repeated, nothing is told before all of the reader's readings are locked:
        else the second reading of a record would not be blinded.

        Raises
        ------
        RoundError
            It is too early.
        """
        found: list[Revelation] = []

        def decide(snapshot: Snapshot) -> list[Entry]:
            mine = self._assignments(snapshot, reader)
            item = self._of(mine, assignment)
            repeated = len({other.record_hash for other in mine}) < len(mine)
            if not item.locked or (repeated and not all(other.locked for other in mine)):
                raise RoundError(
                    "nothing is told before all of your readings are locked"
                    if repeated
                    else "nothing is told before your reading is locked"
                )
            reads = list(snapshot.events(round_id=self.identifier, kind="read", record_hash=item.record_hash))
            own = {event.code: event for event in reads if event.assignment == assignment}
            for code, label, decision, probability in self._sealed(snapshot, item.record_hash):
                others = tuple((e.reader, _said(e)) for e in reads if e.code == code and e.reader != reader)
                found.append(Revelation(code, label, decision, probability, _said(own[code]), others))
            return [self._entry("reveal", reader, item)]

        self._store.transact(decide)
        return found

    def disagreements(self, adjudicator: str) -> list[Disagreement]:
        """Return what the adjudicator has to decide on.

        A record comes up once all readers that were given it have locked their first reading.

        Raises
        ------
        RoundError
            Somebody else asks.
        """
        if not self.adjudicator or adjudicator != self.adjudicator:
            raise RoundError("only the round's adjudicator is shown where readers differ")
        with self._store.snapshot() as snapshot:
            done = {(e.record_hash, e.code) for e in snapshot.events(round_id=self.identifier, kind="adjudication")}
            firsts = self._first_reads(snapshot)
        found = []
        for record, name in sorted(self._names.items()):
            readers = [reader for reader in self.readers if record in self._order[reader]]
            if not all((reader, record, code) in firsts for reader in readers for code in self.codes):
                continue
            for code in self.codes:
                events = [firsts[reader, record, code] for reader in readers]
                if len({event.decision for event in events}) > 1 and (record, code) not in done:
                    # By hash: an order that says nothing about who is who.
                    events.sort(key=lambda event: event.hash)
                    answers = tuple(Answer(_said(e), e.confidence, "", e.region) for e in events)
                    found.append(Disagreement(record, name, code, answers))
        return found

    def adjudicate(self, adjudicator: str, record_hash: str, code: str, answer: Answer) -> None:
        """Decide a disagreement.

        Raises
        ------
        RoundError
            There is none to decide.
        """
        pending = {(item.record_hash, item.code): item for item in self.disagreements(adjudicator)}
        item = pending.get((record_hash, code))
        if item is None:
            raise RoundError("there is no disagreement to decide here")

        def decide(snapshot: Snapshot) -> list[Entry]:
            if snapshot.count(round_id=self.identifier, kind="adjudication", record_hash=record_hash, code=code):
                raise RoundError("this is decided already")
            shared: dict[str, Any] = {"record_hash": record_hash, "record_name": item.record_name, "code": code}
            return [
                Entry(kind="adjudication", reader=adjudicator, round_id=self.identifier, **shared, **_values(answer))
            ]

        self._store.transact(decide)

    @property
    def finished(self) -> bool:
        """Whether every reading is locked."""
        with self._store.snapshot() as snapshot:
            return all(item.locked for reader in self.readers for item in self._assignments(snapshot, reader))

    @property
    def settled(self) -> bool:
        """Whether it is finished and the adjudicator, if there is one, has nothing left to decide."""
        return self.finished and not (self.adjudicator and self.disagreements(self.adjudicator))

    def readings(self) -> tuple[dict[str, Readings], Readings, Readings, dict[str, Readings]]:
        """Return what readers, label and model said, and readers the second time, for comparison.

        Raises
        ------
        RoundError
            Not every reading is locked.
        """
        if not self.finished:
            raise RoundError("figures are told when every reading is locked")
        readers: dict[str, dict[str, dict[str, Decision]]] = {}
        again: dict[str, dict[str, dict[str, Decision]]] = {}
        label: dict[str, dict[str, Decision]] = {}
        model: dict[str, dict[str, Decision]] = {}
        with self._store.snapshot() as snapshot:
            firsts = self._first_reads(snapshot)
            for event in snapshot.events(round_id=self.identifier, kind="read"):
                first = firsts[event.reader, event.record_hash, event.code].hash == event.hash
                into = readers if first else again
                into.setdefault(event.reader, {}).setdefault(event.code, {})[event.record_hash] = _said(event)
            for record, code, labelled, decided, _ in self._sample(snapshot):
                label.setdefault(code, {})[record] = "present" if labelled else "absent"
                model.setdefault(code, {})[record] = "present" if decided else "absent"
        return dict(readers), label, model, dict(again)

    def _write(
        self,
        kind: Any,
        reader: str,
        assignment: str,
        answers: Mapping[str, Answer],
        visible: Mapping[str, Any] | None,
    ) -> None:
        if set(answers) != set(self.codes):
            raise RoundError(f"each class wants an answer: {', '.join(self.codes)}")

        def decide(snapshot: Snapshot) -> list[Entry]:
            item = self._of(self._assignments(snapshot, reader), assignment)
            before = {"round_id": self.identifier, "reader": reader, "assignment": assignment}
            if kind == "read" and item.locked:
                raise RoundError("this reading is locked; it cannot be changed")
            if kind == "second_look" and not snapshot.count(kind="reveal", **before):
                raise RoundError("a second look comes after the reveal")
            if kind == "second_look" and snapshot.count(kind=kind, **before):
                raise RoundError("the second look is written down already")
            seen = {"blinded": kind == "read"} | dict(visible or {})
            return [
                self._entry(kind, reader, item, code=code, visible=seen, **_values(answers[code]))
                for code in self.codes
            ]

        self._store.transact(decide)

    def _entry(self, kind: Any, reader: str, item: Assignment, **values: Any) -> Entry:
        return Entry(
            kind=kind,
            reader=reader,
            round_id=self.identifier,
            assignment=item.identifier,
            record_hash=item.record_hash,
            record_name=item.record_name,
            **values,
        )

    def _assignments(self, snapshot: Snapshot, reader: str) -> list[Assignment]:
        if reader not in self._order:
            raise RoundError(f"{reader!r} is no reader of this round")
        own = self._order[reader]
        locked = {e.assignment for e in snapshot.events(round_id=self.identifier, kind="read", reader=reader)}
        found = []
        for number, record in enumerate(own, start=1):
            identifier = hashlib.sha256(f"{self.identifier}\0{reader}\0{number}".encode()).hexdigest()[:16]
            name = self._names[record]
            found.append(
                Assignment(identifier, record, name, number, len(own), self.codes, locked=identifier in locked)
            )
        return found

    @staticmethod
    def _of(mine: Sequence[Assignment], identifier: str) -> Assignment:
        found = next((item for item in mine if item.identifier == identifier), None)
        if found is None:
            raise RoundError("this reading is not yours")
        return found

    def _first_reads(self, snapshot: Snapshot) -> dict[tuple[str, str, str], Event]:
        firsts: dict[tuple[str, str, str], Event] = {}
        for event in snapshot.events(round_id=self.identifier, kind="read"):
            firsts.setdefault((event.reader, event.record_hash, event.code), event)
        return firsts

    def _sealed(self, snapshot: Snapshot, record: str) -> list[tuple[str, bool, bool, float]]:
        return [row[1:] for row in self._sample(snapshot) if row[0] == record]

    def _sample(self, snapshot: Snapshot) -> list[tuple[str, str, bool, bool, float]]:
        event = next(iter(list(snapshot.events(round_id=self.identifier, kind="sealed"))))
        return [tuple(row[:5]) for row in event.payload["sample"]]


def rounds(store: Store) -> list[Round]:
    """Return the rounds of a store, oldest first."""
    return [Round(store, event.round_id) for event in list(store.events(kind="round"))]


def _values(answer: Answer) -> dict[str, Any]:
    return {name: getattr(answer, name) for name in ("decision", "confidence", "note", "region")}


def _said(event: Event) -> Decision:
    assert event.decision is not None
    return event.decision

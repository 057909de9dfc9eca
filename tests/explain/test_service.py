"""The process that judges and explains for the window, spoken to as the window does; without networks in it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stand_in import stand_in_command, told_probability, told_values

from ecgview.explain.messages import Explanation, pack_explanation, unpack_explanation
from ecgview.record import Record, read
from ecgview.synthesis import Settings, generate
from ecgview.synthesis.wfdb_writer import write_wfdb


class Service:
    """One process and its pipes."""

    def __init__(self, *arguments: Path | str) -> None:
        self._process = subprocess.Popen(
            stand_in_command(*arguments), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.hear()["event"] == "loaded"

    def say(self, **request: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()

    def hear(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        told: dict[str, Any] = json.loads(self._process.stdout.readline())
        return told

    def close(self) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        code = self._process.wait(30)
        self._process.stdout.close()
        return code


@pytest.fixture
def start(model_folder: Path) -> Iterator[Callable[..., Service]]:
    started: list[Service] = []

    def begin(*more: Path | str) -> Service:
        started.append(Service(model_folder, *more))
        return started[-1]

    yield begin
    assert [service.close() for service in started] == [0] * len(started)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("records")
    write_wfdb(generate(Settings(), 1).record, place, "one")
    return place / "one.hea"


def about(record: Record, path: Path, lane: str, ticket: int, **more: object) -> dict[str, object]:
    return {"lane": lane, "ticket": ticket, "path": str(path), "record": record.content_hash, "class": "CRBBB", **more}


def test_an_explanation_comes_coarse_first_and_says_when_it_is_the_last(start, path: Path) -> None:
    service, record = start(), read(path)
    service.say(**about(record, path, "explain", 3))
    told = [service.hear() for _ in range(3)]
    assert [(one["event"], one["lane"], one["ticket"]) for one in told] == [("explained", "explain", 3)] * 3
    assert [one["answer"]["last"] for one in told] == [False, False, True]
    coarse, _, fine = (unpack_explanation(one["answer"]) for one in told)
    np.testing.assert_array_equal(coarse.attribution.values, told_values(record, "CRBBB", fine=False))
    np.testing.assert_array_equal(fine.attribution.values, told_values(record, "CRBBB", fine=True))
    assert fine.attribution.record_hash == record.content_hash
    assert sum(fine.waves.values()) == pytest.approx(1)
    assert fine.beat is not None
    assert fine.beat.values.shape == (12, 121)
    assert fine.beat.start == pytest.approx(-0.4)


def test_an_explanation_survives_the_way_through_the_pipe(start, path: Path) -> None:
    service, record = start(), read(path)
    service.say(**about(record, path, "explain", 3))
    found = [unpack_explanation(service.hear()["answer"]) for _ in range(3)][-1]
    again = unpack_explanation(json.loads(json.dumps(pack_explanation(found))))
    assert isinstance(again, Explanation)
    assert again.agreement == found.agreement
    one, other = found.attribution, again.attribution
    assert (one.bars, one.settings, one.starts, one.gap) == (other.bars, other.settings, other.starts, other.gap)
    for name in ("values", "waves", "member_shares"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def test_a_reading_goes_before_a_refinement_which_then_goes_on(start, path: Path, tmp_path: Path) -> None:
    service, record = start("", tmp_path), read(path)
    service.say(**about(record, path, "explain", 1))
    assert service.hear()["event"] == "explained"
    service.say(lane="judge", ticket=2, path=str(path))  # the refinement waits; nothing lets it go on
    judged = service.hear()
    assert (judged["event"], judged["ticket"]) == ("judged", 2)
    (tmp_path / "CRBBB").touch()
    told = [service.hear() for _ in range(3)]
    assert [(one["ticket"], one["answer"]["last"]) for one in told] == [(1, False), (1, False), (1, True)]


def test_what_was_called_off_is_not_answered_any_more(start, path: Path, tmp_path: Path) -> None:
    service, record = start("", tmp_path), read(path)
    service.say(**about(record, path, "explain", 1))
    service.hear()
    service.say(lane="explain", ticket=2)
    service.say(**about(record, path, "what if", 3, parts=[]))
    assert service.hear()["ticket"] == 3  # so the line before was heard, with the refinement still held up
    (tmp_path / "CRBBB").touch()
    service.say(**about(record, path, "trust", 4))  # for which an explanation would not wait
    assert service.hear()["ticket"] == 4


def test_two_classes_are_explained_side_by_side(start, path: Path) -> None:
    service, record = start(), read(path)
    service.say(**about(record, path, "explain", 1))
    service.say(**(about(record, path, "beside", 2) | {"class": "NORM"}))
    told = [service.hear() for _ in range(6)]
    codes = {one["lane"]: one["answer"]["code"] for one in told if one["answer"]["last"]}
    assert codes == {"explain": "CRBBB", "beside": "NORM"}


def test_a_file_that_changed_is_not_explained(start, path: Path, tmp_path: Path) -> None:
    record = read(path)
    write_wfdb(generate(Settings(), 2).record, tmp_path, "one")
    service = start()
    service.say(**about(record, tmp_path / "one.hea", "explain", 1))
    told = service.hear()
    assert told["event"] == "refused"
    assert "changed since it was drawn" in told["reason"]


def test_what_cannot_be_explained_is_refused_in_words(start, tmp_path: Path) -> None:
    write_wfdb(generate(Settings(seconds=41, hz=100), 2).record, tmp_path, "long")
    service, record = start(), read(tmp_path / "long.hea")
    service.say(**about(record, tmp_path / "long.hea", "explain", 1))
    told = service.hear()
    assert (told["event"], told["record"]) == ("refused", record.content_hash)
    assert "too long to explain" in told["reason"]


def test_parts_are_replaced_and_explanations_tried(start, path: Path) -> None:
    service, record = start(), read(path)
    service.say(**about(record, path, "what if", 1, parts=[[["V1", "V2"], 0.0, 5.0]]))
    replaced = service.hear()["answer"]
    whole = told_probability(record.content_hash)
    assert replaced["whole_probability"] == pytest.approx(whole)
    assert replaced["probability"] == pytest.approx(whole * (1 - 1 / 12))
    service.say(**about(record, path, "trust", 2))
    tried = service.hear()
    assert (tried["event"], tried["answer"]["shares"]) == ("tried", [0.05, 0.1, 0.2])
    assert tried["answer"]["record_hash"] == record.content_hash

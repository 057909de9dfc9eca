"""Marks written as annotations are what wfdb reads."""

from __future__ import annotations

from pathlib import Path

import pytest
import wfdb

from ecgview.review.annotation_file import Mark, annotation_bytes


def test_wfdb_reads_the_marks_where_they_were_made(tmp_path: Path) -> None:
    marks = [Mark(5000, 7, "(LVH V2 present"), Mark(10, 0, "(AFIB I absent"), Mark(900_000, 11, "LVH V2 present)")]
    marks += [Mark(10, 1, "odd"), Mark(11, 1, "")]
    (tmp_path / "r.atr").write_bytes(annotation_bytes(marks))
    found = wfdb.rdann(str(tmp_path / "r"), "atr")
    assert found.sample.tolist() == [10, 10, 11, 5000, 900_000]
    assert found.chan.tolist() == [0, 1, 1, 7, 11]
    assert [note.rstrip("\0") for note in found.aux_note] == [mark.text for mark in sorted(marks)]
    assert set(found.symbol) == {'"'}


def test_what_cannot_be_written_is_refused() -> None:
    with pytest.raises(ValueError, match="sample -1"):
        annotation_bytes([Mark(-1, 0, "")])
    assert len(annotation_bytes([Mark(0, 0, "心" * 200)])) == 3 * 2 + 256 + 2

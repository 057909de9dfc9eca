"""Reads damaged copies of a file; run as a program, so that a hang or a crash ends only itself.

``python mutating.py COUNT SEED FILE [FILE…]``: the first file is opened, all are damaged. Memory
is limited to one gigabyte above what the program needs before it opens anything.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
import time
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from ecgview.record import ReadError, read, read_summary

GIGABYTE = 1 << 30
LONGEST_S = 5.0
NUMBERS = (b"0", b"-1", b"1", b"255", b"65536", b"4294967295", b"99999999999", b"9" * 40, b"1e308", b"NaN", b"")
WORDS = (b"\xff" * 4, b"\xff" * 2, bytes(4), b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\x80", b"\x00\x80")
_NUMBER = re.compile(rb"\d+")
# Most damage that matters is done to headers, and most of a file is samples.
HEADER = 3000


def places(size: int) -> st.SearchStrategy[int]:
    """Return positions in a file, half of them in its beginning."""
    return st.one_of(st.integers(0, max(0, min(size, HEADER) - 1)), st.integers(0, max(0, size - 1)))


def damages(content: bytes) -> st.SearchStrategy[list[tuple[object, ...]]]:
    """Return lists of one to four injuries."""
    place = places(len(content))
    numbers = max(1, len(_NUMBER.findall(content[:HEADER])))
    injury = st.one_of(
        st.tuples(st.just("flip"), place, st.integers(0, 7)),
        st.tuples(st.just("set"), place, st.sampled_from(WORDS)),
        st.tuples(st.just("cut"), place),
        st.tuples(st.just("insert"), place, st.binary(min_size=1, max_size=12)),
        st.tuples(st.just("remove"), place, st.integers(1, 64)),
        st.tuples(st.just("swap"), place, place, st.integers(1, 64)),
        st.tuples(st.just("repeat"), place, st.integers(1, 200), st.integers(2, 30)),
        st.tuples(st.just("number"), st.integers(0, numbers - 1), st.sampled_from(NUMBERS)),
    )
    return st.lists(injury, min_size=1, max_size=4)


def damage(content: bytes, injuries: list[tuple[object, ...]]) -> bytes:
    """Apply injuries in turn."""
    for kind, *values in injuries:
        out = bytearray(content)
        match kind, values:
            case "flip", [int(place), int(bit)] if place < len(out):
                out[place] ^= 1 << bit
            case "set", [int(place), bytes(word)]:
                out[place : place + len(word)] = word
            case "cut", [int(place)]:
                del out[place:]
            case "insert", [int(place), bytes(word)]:
                out[place:place] = word
            case "remove", [int(place), int(length)]:
                del out[place : place + length]
            case "swap", [int(one), int(two), int(length)]:
                first, second = out[one : one + length], out[two : two + length]
                out[one : one + length], out[two : two + length] = second, first
            case "repeat", [int(place), int(length), int(times)]:
                out[place:place] = out[place : place + length] * times
            case "number", [int(which), bytes(word)]:
                found = list(_NUMBER.finditer(content, 0, HEADER))
                if found:
                    start, end = found[which % len(found)].span()
                    out[start:end] = word
        content = bytes(out)
    return content


def limit_memory() -> None:
    """Let the program have one gigabyte more than it has now, where the system can do that."""
    try:
        import resource

        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except (ImportError, OSError):
        return
    limit = pages * os.sysconf("SC_PAGE_SIZE") + GIGABYTE
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def run(count: int, number: int, files: list[Path]) -> None:
    """Read `count` damaged copies; raise on the first that does anything but open or be refused."""
    originals = {file.name: file.read_bytes() for file in files}
    slowest = 0.0
    outcomes = {"opened": 0, "refused": 0}
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        for file in files:
            shutil.copyfile(file, place / file.name)
        target = place / files[0].name
        # Everything the readers import lazily is there before memory is counted.
        assert read(target).samples > 0
        limit_memory()

        @seed(number)
        @settings(max_examples=count, deadline=None, database=None, phases=[Phase.generate],
                  suppress_health_check=list(HealthCheck))  # fmt: skip
        @given(st.sampled_from(sorted(originals)).flatmap(
            lambda name: st.tuples(st.just(name), damages(originals[name]))))  # fmt: skip
        def one(case: tuple[str, list[tuple[object, ...]]]) -> None:
            nonlocal slowest
            name, injuries = case
            for other, content in originals.items():
                (place / other).write_bytes(damage(content, injuries) if other == name else content)
            started = time.perf_counter()
            try:
                record = read(target)
                assert record.signal.size > 0
                outcomes["opened"] += 1
            except ReadError as error:
                if not error.reason or "memory" in error.reason:
                    raise AssertionError(f"refused for want of a reason or of memory: {error}") from error
                outcomes["refused"] += 1
            read_summary(target)
            taken = time.perf_counter() - started
            slowest = max(slowest, taken)
            assert taken < LONGEST_S, f"took {taken:.1f} s"

        one()
    print(f"{files[0].name}: {outcomes}, slowest {slowest:.3f} s")


if __name__ == "__main__":
    run(int(sys.argv[1]), int(sys.argv[2]), [Path(name) for name in sys.argv[3:]])

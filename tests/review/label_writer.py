"""Writes labels and is killed while it does; run as a program.

``label_writer.py PLACE KILLS SEED OUT`` forks writers one after another and kills each with
SIGKILL at a random moment. OUT gets the hashes of all events that a writer was told are written.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from pathlib import Path

from ecgview.review.events import Entry
from ecgview.review.store import Store

LONGEST = 0.025
"""Seconds; some tens of labels."""


def write(place: str, name: str, pipe: int) -> None:
    """Write labels without end; tell each one's hash as soon as it is acknowledged."""
    with Store(place) as store:
        number = 0
        while True:
            entry = Entry(kind="label", reader=name, record_hash=f"{number:064x}", code="AFIB", decision="present")
            # More than one event at a time too: all of them or none may be there afterwards.
            for event in store.append([entry] * (1 + number % 3)):
                os.write(pipe, f"{event.hash}\n".encode())
            number += 1


def main(place: str, kills: int, seed: int, out: Path) -> None:
    chance = random.Random(seed)
    acknowledged: list[str] = []
    early = 0
    with Store(place):
        pass
    for number in range(kills):
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            try:
                write(place, f"writer {number}", writing)
            finally:
                os._exit(1)
        os.close(writing)
        # Some before the first label is written, most in the middle of one.
        with os.fdopen(reading, "rb") as stream:
            first = b"" if number % 10 == 0 else stream.readline()
            time.sleep(chance.uniform(0, LONGEST))
            os.kill(child, signal.SIGKILL)
            lines = [first, *stream.read().split(b"\n")]
        ended = os.waitpid(child, 0)[1]
        if not (os.WIFSIGNALED(ended) and os.WTERMSIG(ended) == signal.SIGKILL):
            raise SystemExit(f"writer {number} ended by itself")
        acknowledged += [line.decode().strip() for line in lines if len(line.strip()) == 64]
        early += not first
    out.write_text(json.dumps({"acknowledged": acknowledged, "early": early}), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))

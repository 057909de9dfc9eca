"""The model card as a document, written from the JSON files in a model's folder and from nothing else.

Beside what every model has, ``card.json``, or ``evidence.json`` beside it, may hold the sections
below. One that is absent is left out of the document. A figure is a number, or a list of value, low and high end.

* ``scores``: figures by name, with ``protocol`` in words;
* ``calibration``: ``method`` in words; ``superclasses``, rows of ``code``, ``ece_before`` and
  ``ece_after``; ``reliability``, rows of ``from``, ``to``, ``predicted``, ``observed``, ``count``, or
  such rows by code;
* ``levers``: rows of ``lever``, ``macro_auroc``, ``difference``, ``kept``, ``note``;
* ``baselines``: what :func:`ecgview.training.baselines.baseline_entries` returns;
* ``single_task``: what :func:`ecgview.training.single_task.single_task_entry` returns, in a list;
* ``external``: :meth:`ecgview.training.external.SourceReport.as_dict` of each source;
* ``coverage``: :meth:`ecgview.training.coverage.Coverage.as_dict` of each class;
* ``unlikeness``: rows of any keys, or ``method`` in words and ``rows``;
* ``speed``: ``one_record_ms``, ``records_per_second``, ``machine``.

``python -m ecgview.training.model_card MODEL OUT`` writes the document of a model's folder.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ecgview import RESEARCH_USE
from ecgview.model.bundle import CARD, EVIDENCE, THRESHOLDS, BundleError
from ecgview.training import card_sections
from ecgview.training.card_sections import FEW, Card, is_superclass
from ecgview.training.markdown import NOTHING, figure, prose, table, whole

# What is known of collections of recordings, beyond what the files of a model can say.
_PTBXL = (
    "The recordings are a part of PTB-XL (Wagner et al., Scientific Data 2020, doi 10.1038/s41597-020-0495-6, "
    "CC BY 4.0): 10 s of twelve leads, taken with devices of one maker between 1989 and 1996 in Germany. PTB-XL "
    "as a whole holds ages from 0 to 95 years with a median of 62, and 52 % men. Each recording's statements are those "
    "of up to two cardiologists."
)
_PTBXL_LIMITS = (
    "**One country, one maker, the 1990s.** Other devices, filters, electrode positions and people may be read "
    "worse; the results with other sources, where given above, show by how much.",
    "**Adults, mostly.** Children's ECGs have other normal values and hardly occur in the training data.",
    "**Measurements were mended on these recordings.** Faults of measurement, of P waves above all, were found by "
    "looking at recordings to which labels pointed. No measurement was chosen or tuned for a score, but the figures "
    "are to that extent not of recordings nobody had looked at.",
    "**Choices of method** (what was tried, above) were made by looking at the same parts the figures are from: "
    "few choices, large differences, but expect a little less on new recordings.",
    "**Labels are not truth.** They are the statements of up to two cardiologists, often drafted by a machine, and "
    "were not adjudicated. Scores are agreement with such labels: an error in a label counts against a network that "
    "was right, and for one that learned the error.",
)


def write_model_card(bundle_folder: Path, out: Path) -> None:
    """Write the model card of a model.

    Parameters
    ----------
    bundle_folder : Path
        The model's folder.
    out : Path
        The Markdown file to write.

    Raises
    ------
    BundleError
        A file is absent or not of the form expected; the message names file and section.
    """
    text = model_card(bundle_folder)
    unfinished = out.with_suffix(".part")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(out)


def model_card(bundle_folder: Path) -> str:
    """Return the model card of a model as Markdown; see :func:`write_model_card`."""
    card, thresholds = _read(bundle_folder / CARD), _read(bundle_folder / THRESHOLDS)
    if (bundle_folder / EVIDENCE).is_file():
        card = _read(bundle_folder / EVIDENCE) | card
    parts = [
        f"# Model card: {bundle_folder.name}",
        f"**{RESEARCH_USE}**",
        f"Written from the JSON files in `{bundle_folder.name}/`; correct those, not this page. Figures in brackets "
        "are 95 % intervals. AUROC is the probability that a recording with the class scores above one without it.",
    ]
    for name, write in _SECTIONS.items():
        try:
            parts += write(card, thresholds)
        except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
            raise BundleError(f"{bundle_folder}: what {name} would be written from is incomplete: {error!r}") from error
    return "\n\n".join(part if part.startswith(("#", "|", "- ")) else prose(part) for part in parts) + "\n"


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BundleError(f"{path}: {error.strerror or error}") from error
    except ValueError as error:
        raise BundleError(f"{path}: not JSON: {error}") from error
    if not isinstance(content, dict):
        raise BundleError(f"{path}: not a JSON object")
    return content


def _purpose(card: Card, _: Card) -> list[str]:
    supers = sum(is_superclass(entry["code"]) for entry in card["classes"])
    single = len(card["classes"]) - supers
    shortest = card["preprocessing"]["shortest"]
    count = len(card["members"])
    share = card.get("signal_share", 1.0)
    return [
        "## What it is for",
        f"{count} members read a 12-lead ECG of {shortest:g} s or longer together and give each of {single} "
        f"statements{f' and {supers} superclasses' if supers else ''} a probability. A member is a network that sees "
        f"the signal, and smooth boosted trees over {len(card.get('measured', ()))} measurements; its logit is "
        f"{share:g} parts the network's and {1 - share:g} parts the trees'. "
        "That is meant for research: to search collections of recordings, to find labels worth a second look, to "
        "compare methods, to study what members attend to.",
        "It is **not** for diagnosis, triage, monitoring or any decision about a patient; not for recordings with "
        "fewer than twelve leads; and a probability that is low is no proof that a finding is absent.",
    ]


def _data(card: Card, _: Card) -> list[str]:
    training = card.get("training")
    if not training:
        return []
    parts = ["## What it learned from"]
    said = f"{whole(training['records'])} recordings of {whole(training['patients'])} patients."
    if training.get("left_out"):
        said += f" {whole(training['left_out'])} files of the folder could not be used."
    if apart := training.get("overlap_between_parts"):
        said += (
            f" In more than one of the parts they were divided into: {apart['patients']} patients, "
            f"{apart['signals']} signals."
        )
    parts.append(said)
    if _of_ptbxl(card):
        parts.append(_PTBXL)
    return parts


def _protocol(card: Card, thresholds: Card) -> list[str]:
    scores = card.get("scores", {})
    said = []
    if "protocol" in scores:
        said.append(scores["protocol"])
    if "objective" in thresholds:
        dated = f" ({thresholds['date']})" if "date" in thresholds else ""
        said.append(f"Thresholds stored with the model{dated}: {thresholds['objective']}.")
    return ["## How it was judged", *said] if said else []


def _limits(card: Card, _: Card) -> list[str]:
    preprocessing = card["preprocessing"]
    few = sum(entry["records"] < FEW for entry in card["classes"])
    limits = [
        f"**{preprocessing['hz']:g} Hz.** The networks see {preprocessing['hz']:g} samples a second, after a high-pass "
        f"at {preprocessing['high_pass']:g} Hz, and nothing beyond {preprocessing['limit']:g} mV. "
        "Pacing spikes, fine notches and late potentials are lost, and slow ST shifts are weakened.",
        *(_PTBXL_LIMITS if _of_ptbxl(card) else ()),
        f"**Few examples.** {few} of {len(card['classes'])} classes are carried by fewer than {FEW} recordings.",
        "**What is not a class is not seen.** A recording can be abnormal in ways that none of the classes names.",
        "**What it refuses.** Recordings in which one of the twelve standard leads is missing, without signal or "
        f"holds invalid samples, and recordings shorter than {preprocessing['shortest']:g} s.",
    ]
    if speed := card.get("speed"):
        said = f"**Speed.** {figure(speed['one_record_ms'])} ms for one recording after loading"
        if "records_per_second" in speed:
            said += f", {figure(speed['records_per_second'])} recordings a second in a batch"
        if "machine" in speed:
            said += f" ({speed['machine']})"
        limits.append(f"{said}.")
    return ["## Limits", "\n".join(prose(f"- {limit}", "  ") for limit in limits)]


def _provenance(card: Card, _: Card) -> list[str]:
    parts = ["## How it came about"]
    training = card.get("training") or {}
    rows = [
        [words, f"`{training[key]}`" if key in _VERBATIM else figure(training[key])]
        for key, words in _TRAINING.items()
        if key in training
    ]
    if rows:
        parts.append(table(["", ""], rows, left=(0, 1)))
    headings = ["file", "learned from", "folds kept from it", "SHA-256"]
    members = [
        [
            entry["file"],
            f"{whole(entry['records'])} recordings" if "records" in entry else NOTHING,
            ", ".join(map(str, entry.get("folds_held_out", ()))) or NOTHING,
            f"`{entry['sha256']}`",
        ]
        for entry in card["members"]
    ]
    parts.append(table(headings, members, left=(0, 1, 2, 3)))
    if configuration := training.get("configuration"):
        settings = [[key, f"`{json.dumps(value)}`"] for key, value in configuration.items()]
        parts += ["The configuration:", table(["setting", "value"], settings, left=(0, 1))]
    return parts


_TRAINING = {
    "command": "command",
    "date": "date",
    "seconds": "seconds",
    "machine": "machine",
    "torch": "torch",
    "configuration_sha256": "configuration, SHA-256",
    "data_sha256": "data, SHA-256",
}
_VERBATIM = ("command", "torch", "configuration_sha256", "data_sha256")


def _of_card(write: Callable[[Card], list[str]]) -> Callable[[Card, Card], list[str]]:
    return lambda card, _: write(card)


_SECTIONS: dict[str, Callable[[Card, Card], list[str]]] = {
    "the purpose": _purpose,
    "the data": _data,
    "the protocol": _protocol,
    "the scores": _of_card(card_sections.scores),
    "the classes": _of_card(card_sections.classes),
    "the calibration": _of_card(card_sections.calibration),
    "the levers": _of_card(card_sections.levers),
    "the baselines": _of_card(card_sections.baselines),
    "the single-task networks": _of_card(card_sections.single_task),
    "the external results": _of_card(card_sections.external),
    "the coverage": _of_card(card_sections.coverage),
    "the unlikeness": _of_card(card_sections.unlikeness),
    "the limits": _limits,
    "the provenance": _provenance,
}


def _of_ptbxl(card: Card) -> bool:
    """Whether the model learned from PTB-XL: models of this program are named by their data."""
    source = (card.get("training") or {}).get("source", card.get("name", ""))
    return str(source).lower().replace("-", "").startswith("ptbxl")


def main(arguments: list[str]) -> int:
    """Write the document of the model's folder named first to the file named second."""
    if len(arguments) != 2:
        print("usage: python -m ecgview.training.model_card MODEL OUT", file=sys.stderr)
        return 2
    try:
        write_model_card(Path(arguments[0]), Path(arguments[1]))
    except BundleError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Attributions as files: JSON for what can be told in numbers, NPZ for every sample."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from ecgview import RESEARCH_USE
from ecgview.explain.attribution import Attribution, Settings
from ecgview.explain.background import Background, background_of, generated_normals, isoelectric
from ecgview.explain.explaining import Explainer
from ecgview.explain.folder_background import says_normal
from ecgview.explain.lead_groups import LeadsAsPlayers, leads_as_players
from ecgview.explain.shap_method import ShapAbsentError, load_shap, shap_attribute
from ecgview.explain.summaries import agreement, wave_shares
from ecgview.model.ensemble import Ensemble
from ecgview.model.preprocessing import Refusal
from ecgview.record import ReadError, Record, expand, read

NORMAL, LINE = "normal", "isoelectric"
ENDINGS = (".json", ".npz")


class ExplanationError(Exception):
    """An explanation that cannot be had; the message says why.

    Parameters
    ----------
    message : str
    wrong_usage : bool
        Whether what was asked for is wrong, and not the file.
    """

    def __init__(self, message: str, wrong_usage: bool = False) -> None:
        self.wrong_usage = wrong_usage
        super().__init__(message)


def as_dict(attribution: Attribution, record: str) -> dict[str, Any]:
    """Return plain values for JSON.

    Parameters
    ----------
    attribution : Attribution
    record : str
        The path as given.
    """
    alike = agreement(attribution.member_shares)
    return {
        "research_use": RESEARCH_USE,
        "record": record,
        "class": attribution.code,
        "model": attribution.model_hash,
        "method": attribution.method,
        "background": attribution.background,
        "nodes": attribution.nodes,
        "probability": _figure(attribution.probability),
        "logit": _figure(attribution.logit),
        "expected": _figure(attribution.expected),
        "sum": _figure(attribution.sum),
        "gap": _figure(attribution.gap),
        "leads": {lead: _figure(share) for lead, share in attribution.lead_shares.items()},
        "waves": {wave: _figure(share) for wave, share in wave_shares(attribution).items()},
        "patient": {name: _figure(value) for name, value in attribution.patient.items()},
        "measured": {name: _figure(value) for name, value in attribution.measured.items()},
        "measurable": {name: _figure(value) for name, value in attribution.measurable.items()},
        "member_agreement": None if math.isnan(alike) else _figure(alike),
        "seconds": _figure(attribution.seconds),
    }


def as_npz(attribution: Attribution) -> bytes:
    """Return the content of an NPZ file: every sample, and the plain values as JSON text."""
    told = as_dict(attribution, "")
    del told["record"]
    stream = io.BytesIO()
    np.savez_compressed(
        stream,
        values=attribution.values,
        leads=np.array(attribution.leads),
        hz=np.float64(attribution.hz),
        waves=np.array(attribution.waves, dtype=np.int8),
        starts=np.array(attribution.starts),
        summary=np.array(json.dumps(told)),
    )
    return stream.getvalue()


def write(attribution: Attribution, record: str, out: Path) -> None:
    """Write a file that takes the place of an older one only when whole.

    Parameters
    ----------
    attribution : Attribution
    record : str
        The path as given.
    out : Path
        Ends in .json or .npz.

    Raises
    ------
    ExplanationError
        It cannot be written.
    """
    if out.suffix.lower() == ".npz":
        _replace(out, as_npz(attribution))
    else:
        write_json(as_dict(attribution, record), out)


def write_json(values: dict[str, Any], out: Path) -> None:
    """Write plain values as :func:`write` does.

    Raises
    ------
    ExplanationError
    """
    _replace(out, (json.dumps(values, indent=1, ensure_ascii=False) + "\n").encode())


def _replace(out: Path, content: bytes) -> None:
    unfinished = out.with_name(f".{out.name}.part")
    try:
        unfinished.write_bytes(content)
        unfinished.replace(out)
    except OSError as error:
        raise ExplanationError(f"{out}: {error.strerror or error}", wrong_usage=True) from error
    finally:
        unfinished.unlink(missing_ok=True)


def background_named(name: str, ensemble: Ensemble, settings: Settings) -> Background:
    """Return the background of a name.

    Parameters
    ----------
    name : str
        ``"normal"``, ``"isoelectric"``, or a folder of normal ECGs. Of a folder the first records
        are taken that the model takes; those whose labels say something else than normal are passed over.
    ensemble : Ensemble
    settings : Settings

    Returns
    -------
    Background

    Raises
    ------
    ValueError
        No such folder, or nothing in it can be taken.
    """
    normals = generated_normals(ensemble.preprocessing, settings.backgrounds, settings.seed)
    if name == NORMAL:
        return normals
    if name == LINE:
        return isoelectric(normals)
    folder = Path(name)
    if not folder.is_dir():
        raise ValueError(f"{name!r} is neither {NORMAL}, nor {LINE}, nor a folder of normal ECGs")

    def readable() -> Iterator[Record]:
        for path in expand([folder]):
            try:
                record = read(path)
            except ReadError:
                continue
            if not record.labels or says_normal(record):
                yield record

    try:
        return background_of(readable(), ensemble.preprocessing, settings.backgrounds)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error


def explain_file(
    ensemble: Ensemble, file: Path, code: str, background: str = NORMAL, method: str = "expected-gradients"
) -> Attribution:
    """Explain one class of a file's record as the command line asks for it.

    Parameters
    ----------
    ensemble : Ensemble
    file : Path
    code : str
    background : str
        As :func:`background_named` takes it.
    method : {"expected-gradients", "shap"}

    Returns
    -------
    Attribution

    Raises
    ------
    ExplanationError
    """
    if method == "shap":
        try:
            load_shap()
        except ShapAbsentError as error:
            raise ExplanationError(str(error), wrong_usage=True) from error
    explainer = _explainer(ensemble, code, background)
    with _refused(file):
        record = read(file)
        return shap_attribute(explainer, record, code) if method == "shap" else explainer.attribute(record, code)


def explain_leads(
    ensemble: Ensemble,
    file: Path,
    code: str,
    background: str,
    grouping: str,
    exact: bool,
    progress: Callable[[int, int], None] | None = None,
) -> LeadsAsPlayers:
    """Give the Shapley values of whole leads of a file's record as the command line asks for them.

    Parameters
    ----------
    ensemble : Ensemble
    file : Path
    code : str
    background : str
        As :func:`background_named` takes it.
    grouping, exact, progress
        As :func:`ecgview.explain.lead_groups.leads_as_players` takes them.

    Raises
    ------
    ExplanationError
    """
    explainer = _explainer(ensemble, code, background)
    with _refused(file):
        return leads_as_players(explainer, read(file), code, grouping, exact, progress=progress)


def _explainer(ensemble: Ensemble, code: str, background: str) -> Explainer:
    settings = Settings()
    try:
        explainer = Explainer(ensemble, settings, background_named(background, ensemble, settings))
        explainer.check(code)
    except ValueError as error:
        raise ExplanationError(str(error), wrong_usage=True) from error
    return explainer


@contextmanager
def _refused(file: Path) -> Iterator[None]:
    try:
        yield
    except ReadError as error:
        raise ExplanationError(str(error)) from error
    except Refusal as error:
        raise ExplanationError(f"{file}: refused: {error}") from error


def _figure(value: float) -> float:
    return float(f"{value:.7g}")

"""Explaining as one function, for scripts."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from weakref import WeakKeyDictionary

from ecgview.explain.attribution import Attribution, Settings
from ecgview.explain.background import Background
from ecgview.explain.explaining import Explainer
from ecgview.model.ensemble import Ensemble
from ecgview.record import Record


def attribute(
    ensemble: Ensemble,
    record: Record,
    code: str,
    settings: Settings | None = None,
    background: Background | None = None,
    cancelled: Callable[[], bool] | None = None,
    progress: Callable[[Attribution], None] | None = None,
) -> Attribution:
    """Explain what the ensemble says of one class of one record.

    Parameters
    ----------
    ensemble : Ensemble
    record : Record
        One the ensemble would judge.
    code : str
        A class of the model.
    settings : Settings, optional
    background : Background, optional
        Generated normal ECGs by default.
    cancelled : callable, optional
        Asked often; True ends the work.
    progress : callable, optional
        Given every coarser answer on the way, and the last.

    Returns
    -------
    Attribution
        The same arguments again give the answer kept from before.

    Raises
    ------
    UnknownClassError
    Refusal
        The ensemble does not judge this record, or it is too long.
    Cancelled
    """
    settings = Settings() if settings is None else settings
    key = (settings, None if background is None else background.key)
    with _lock:
        kept = _explainers.setdefault(ensemble, OrderedDict())
        explainer = kept.get(key)
    if explainer is None:
        explainer = Explainer(ensemble, settings, background)
        with _lock:
            kept[key] = explainer
            while len(kept) > _EXPLAINERS_KEPT:
                kept.popitem(last=False)
    return explainer.attribute(record, code, cancelled, progress)


_EXPLAINERS_KEPT = 4
_lock = threading.Lock()
_explainers: WeakKeyDictionary[Ensemble, OrderedDict[tuple[Settings, str | None], Explainer]] = WeakKeyDictionary()

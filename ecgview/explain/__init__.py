"""Why the ensemble says what it says: attributions to samples, leads, waves, age, sex and measured values.

``attribute`` and ``Explainer`` need torch, which takes a second or more to import; it is imported when
one of them is first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ecgview.explain.attribution import WAVES, Attribution, Settings

if TYPE_CHECKING:
    from ecgview.explain.explaining import Explainer, UnknownClassError
    from ecgview.explain.plain import attribute

__all__ = ["WAVES", "Attribution", "Explainer", "Settings", "UnknownClassError", "attribute"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from ecgview.explain import explaining, plain

        return getattr(plain if name == "attribute" else explaining, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

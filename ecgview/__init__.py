"""ecgview: draws 12-lead ECGs as on paper, reads them with a bundled ensemble, shows why."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("ecgview")
except PackageNotFoundError:  # run from a source tree that was never installed
    __version__ = "0.1.0"

RESEARCH_USE = "Research use only. Not for use in diagnostic procedures."

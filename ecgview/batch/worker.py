"""What runs in the processes that judge: the model, loaded once in each, and a chunk of files at a time."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from socket import gethostname
from typing import TYPE_CHECKING

import ecgview
from ecgview.batch.job import BatchError, Job
from ecgview.model.batch import Row, judge_chunk

if TYPE_CHECKING:
    from ecgview.model.ensemble import Ensemble

_LOADING = threading.Lock()


def judge(job: Job, paths: Sequence[str]) -> list[Row]:
    """Read and judge a chunk of files.

    Parameters
    ----------
    job : Job
    paths : sequence of str
        Absolute.

    Returns
    -------
    list of Row
        One for each path, in the same order.

    Raises
    ------
    BatchError
        This process cannot do the job as it was given: program, model or files are others here.
    """
    with _LOADING:
        ensemble = _loaded(job)
    return judge_chunk(ensemble, [Path(path) for path in paths])


@lru_cache(maxsize=2)
def _loaded(job: Job) -> Ensemble:
    here = gethostname()
    if ecgview.__version__ != job.version:
        raise BatchError(f"{here}: ecgview is {ecgview.__version__} there and {job.version} here")
    if job.witness is not None and not Path(job.witness).exists():
        raise BatchError(f"{here}: {job.witness} is not to be found there: records must lie under the same path")
    import torch

    from ecgview.model.bundle import BundleError, open_bundle
    from ecgview.model.ensemble import Ensemble
    from ecgview.resources import bundled_model

    torch.set_num_threads(1)
    try:
        bundle = open_bundle(bundled_model() if job.model is None else Path(job.model), job.thresholds)
        if bundle.model_hash != job.model_hash:
            raise BatchError(
                f"{here}: the model in {bundle.folder} is another one there "
                f"({bundle.model_hash[:12]} in place of {job.model_hash[:12]})"
            )
        return Ensemble(bundle, job.device, threads=1)
    except (BundleError, ValueError) as error:
        raise BatchError(f"{here}: {error}") from error

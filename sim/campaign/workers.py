"""Drive many seeds: here, on all cores, or on a cluster. The rows are the same wherever they are made."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from typing import Any

from patrolcar.errors import CommandError
from sim.campaign.case import Case
from sim.campaign.row import Row, driven


def rows(case: Case, seeds: Sequence[int], jobs: int, cluster: str | None = None) -> Iterator[Row]:
    """Yield one row per seed, in the order in which they become known.

    Args:
        case: What is repeated.
        seeds: Start of every chance, one mission each.
        jobs: Processes on this machine; 1 for none besides this one.
        cluster: Address of a Dask scheduler, ``tcp://HOST:PORT``; it decides how many work.

    Raises:
        CommandError: A library is missing, or nobody answers at the cluster's address.

    """
    if cluster is not None:
        yield from _on_cluster(case, seeds, cluster)
    elif jobs == 1 or len(seeds) <= 1:
        for seed in seeds:
            yield driven(case, seed)
    else:
        yield from _in_parallel(case, seeds, jobs)


def _in_parallel(case: Case, seeds: Sequence[int], jobs: int) -> Iterator[Row]:
    joblib = _needed("joblib", "campaign")
    parallel = joblib.Parallel(n_jobs=jobs, return_as="generator_unordered", pre_dispatch=f"{4 * jobs}")
    yield from parallel(joblib.delayed(driven)(case, seed) for seed in seeds)


def _on_cluster(case: Case, seeds: Sequence[int], address: str) -> Iterator[Row]:
    joblib, distributed = _needed("joblib", "cluster"), _needed("distributed", "cluster")
    try:
        client = distributed.Client(address, timeout="5s", set_as_default=False)
    except (OSError, ValueError) as error:
        message = f"--cluster {address}: no Dask scheduler answers there ({error})"
        raise CommandError(message) from error
    with client, joblib.parallel_config("dask", client=client):
        parallel = joblib.Parallel(return_as="generator_unordered")
        yield from parallel(joblib.delayed(driven)(case, seed) for seed in seeds)


def _needed(module: str, extra: str) -> Any:  # noqa: ANN401  (a module)
    try:
        return importlib.import_module(module)
    except ImportError as error:
        message = f"this needs {module}: pip install 'patrolcar[{extra}]', or use --jobs 1"
        raise CommandError(message) from error

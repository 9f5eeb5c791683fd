"""How many cores are free: the same work in one process, and in two at once.

Source: design PERFORMANCE; 2.0 is two idle cores, 1.0 is one for all.
"""

from __future__ import annotations

import hashlib
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Final

NEEDED: Final = 1.6
_WORK: Final = 150_000


def workers(count: int) -> ProcessPoolExecutor:
    """Return a pool of processes that share nothing with this one."""
    return ProcessPoolExecutor(count, mp_context=get_context("spawn"))


def free_cores() -> float:
    """Return how much more two processes get done than one, the better of three tries."""
    with workers(2) as pool:
        list(pool.map(_spin, [1, 1]))
        return max(_try(pool) for _ in range(3))


def _try(pool: ProcessPoolExecutor) -> float:
    start = time.perf_counter()
    pool.submit(_spin, _WORK).result()
    alone = time.perf_counter() - start
    start = time.perf_counter()
    list(pool.map(_spin, [_WORK, _WORK]))
    return 2 * alone / (time.perf_counter() - start)


def _spin(count: int) -> bytes:
    value = b""
    for _ in range(count):
        value = hashlib.sha256(value).digest()
    return value

"""A small file that is written over in place, under a lock of the open file.

    with locked(descriptor, fcntl.LOCK_EX):
        before = read_all(descriptor, 82)
        write_over(descriptor, data, before)        durable; the old bytes again when it cannot be

The blocks of the file are there already, so most file systems need no space for it.
"""

from __future__ import annotations

import errno
import fcntl
import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def read_all(descriptor: int, size_bytes: int) -> bytes:
    """Return the content of a file that has this size, or a byte more than that."""
    return os.pread(descriptor, size_bytes + 1, 0)


def write_over(descriptor: int, data: bytes, before: bytes) -> None:
    """Write over a file of the same size, durably; put back what was there when it cannot be.

    Raises:
        OSError: when the disk failed, or took a part only.
    """
    try:
        write_all(descriptor, data)
        os.fsync(descriptor)
    except OSError:
        with suppress(OSError):
            write_all(descriptor, before)
        raise


def write_all(descriptor: int, data: bytes) -> None:
    """Write from the beginning of a file.

    Raises:
        OSError: when the disk failed; ENOSPC when it took a part only.
    """
    if os.pwrite(descriptor, data, 0) != len(data):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@contextmanager
def locked(descriptor: int, operation: int) -> Iterator[None]:
    """Hold a lock of the open file, which other threads and processes respect; close at the end."""
    try:
        fcntl.flock(descriptor, operation)
        yield
    finally:
        os.close(descriptor)

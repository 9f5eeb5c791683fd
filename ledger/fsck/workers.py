"""The processes that read and judge ranges of the log.

    with Workers(source, jobs=2) as workers:
        answer = workers.ask(skim, Ask(...))      at once, or when a process is free
        answer.result()

With one job everything is done here, when the result is asked for. Otherwise each process opens the
store by itself; a question and its answer are all that goes between. An interruption from the
keyboard is for the first process alone: the others end when it closes them.
"""

from __future__ import annotations

import signal
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar, cast

from ledger.errors import Busy, StorageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future
    from types import TracebackType
    from typing import Self

    from ledger.journal.tables import TableReader, TableSource

Asked = TypeVar("Asked")
Answered = TypeVar("Answered")
Given_co = TypeVar("Given_co", covariant=True)

# Of a process that was started here: its one store, and the one reader of it.
_sources: list[TableSource] = []
_readers: list[TableReader] = []


@dataclass(frozen=True, slots=True)
class _Failure:
    """A failure of the store in another process."""

    is_busy: bool
    code: str
    sentence: str

    def error(self) -> StorageError:
        return (Busy if self.is_busy else StorageError)(self.code, self.sentence)


class Answer(Protocol[Given_co]):
    """What will be known."""

    def result(self) -> Given_co:
        """Return it, when it is there; raises the StorageError of the store."""
        ...


class _There(Generic[Answered]):
    """An answer that another process finds."""

    def __init__(self, future: Future[tuple[Answered | None, _Failure | None]]) -> None:
        self._future = future

    def result(self) -> Answered:
        try:
            answer, failure = self._future.result()
        except BrokenProcessPool as error:
            raise _died() from error
        if failure is not None:
            raise failure.error()
        return cast("Answered", answer)


class _Here(Generic[Answered]):
    """An answer that is found when it is asked for."""

    def __init__(self, work: Callable[[], Answered]) -> None:
        self._work = work

    def result(self) -> Answered:
        return self._work()


class Workers:
    """Processes that read one store; safe for one thread."""

    def __init__(self, source: TableSource, jobs: int) -> None:
        """Start as many processes as there are jobs, none for one job."""
        self.jobs = jobs
        self._source = source
        self._reader: TableReader | None = None
        self._pool: ProcessPoolExecutor | None = None
        if jobs > 1:
            self._pool = ProcessPoolExecutor(
                jobs, mp_context=get_context("spawn"), initializer=_begin, initargs=(source,)
            )

    def ask(self, work: Callable[[TableReader, Asked], Answered], asked: Asked) -> Answer[Answered]:
        """Return the answer to come of a function of a module, over a reader and a question."""
        if self._pool is not None:
            try:
                return _There(self._pool.submit(_carry_out, work, asked))
            except BrokenProcessPool as error:
                raise _died() from error
        if self._reader is None:
            self._reader = self._source.open(snapshot=False)
        reader = self._reader
        return _Here(lambda: work(reader, asked))

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the processes, when each has finished what it is at."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
        if self._reader is not None:
            self._reader.close()


def _died() -> StorageError:
    return StorageError(
        "worker-died",
        "Un processo della verifica è terminato da sé, forse per mancanza di memoria: ripetere con"
        " `--jobs 1`.",
    )


def _begin(source: TableSource) -> None:
    """Remember the store in a new process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _sources.append(source)


def _carry_out(
    work: Callable[[TableReader, Asked], Answered], asked: Asked
) -> tuple[Answered | None, _Failure | None]:
    """Return an answer, or the failure of the store: our errors are no values to be sent."""
    try:
        if not _readers:
            _readers.append(_sources[0].open(snapshot=False))
        return work(_readers[0], asked), None
    except StorageError as error:
        return None, _Failure(isinstance(error, Busy), error.code, error.sentence)

"""The law of a ledger for who reads it: the tables of the program, and over them what it has adopted.

    law = LawOfLedger(journal, load_law())
    law.now()            with all that was adopted until the head; `.at(place)` goes back

An adoption takes force when k administrators agree, which the key directory judges; it is folded only
where there are adoptions, and again only when `sys/log`, which holds all of them and their approvals, has
grown. Source: FORMATS section 4; DOMAIN section 9.11.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from ledger.domain.events.governance import Adoption
from ledger.domain.stream_names import SYS_LOG
from ledger.errors import NotVerified
from ledger.records import adopted_law
from ledger.signing.envelope import parse
from ledger.signing.keys import KeyDirectory
from ledger.views.accepted import read_events

if TYPE_CHECKING:
    from ledger.domain.law import Law
    from ledger.journal.journal import Journal

_ACTORS: Final = "actor/"


class LawOfLedger:
    """The law of one ledger, followed as it grows."""

    def __init__(self, journal: Journal, table: Law) -> None:
        """Begin with the tables of the program; nothing is read yet."""
        self._journal = journal
        self._table = table
        self._law = table
        self._read = 0
        self._lock = threading.Lock()

    def now(self) -> Law:
        """Return the law with all that was adopted until the head of the log."""
        with self._lock:
            if self._journal.stream_indexes(SYS_LOG, from_seq=self._read):
                places = self._journal.stream_indexes(SYS_LOG)
                self._law = self._folded(places)
                self._read = len(places)
            return self._law

    def _folded(self, places: list[int]) -> Law:
        events = (event for _, event in read_events(self._journal, places) if event is not None)
        if not any(isinstance(event.data, Adoption) for event in events):
            return self._table
        directory, stop = KeyDirectory(), places[-1] + 1
        indexes = set(places)
        for name in self._journal.stream_names(_ACTORS):
            indexes.update(self._journal.stream_indexes(name, stop))
        for index, _, raw in self._journal.entries_at(sorted(indexes)):
            # What is not admissible changes nothing; that it is in the log is told by `pista fsck`.
            with suppress(NotVerified):
                if raw:
                    directory.apply(index, parse(raw))
        return adopted_law(self._table, directory.adopted())

"""Step 12: the state and the history, folded anew from the envelopes and compared byte for byte.

The same pure functions that wrote the files are given the events of the package, and nothing else;
no rule is decided again. The day and the place in the log of the state are those of bag-info.txt.
An event type that this program does not know leaves the step undone, or incomplete when it is of
other streams, which is told: a later version reads it. Source: FORMATS section 7.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from exporters.state_files import state_members
from exporters.verification.expected import state_folders
from exporters.verification.other_tables import MORE_BYTES, without_tables
from exporters.verification.type_steps import flag_unknown_types
from ledger.domain.days import format_day_it, legal_day
from ledger.domain.events.catalogue import event_types
from ledger.errors import NotVerified
from ledger.records import unknown_adoptions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from exporters.bag import Question
    from exporters.verification.case import Case

_KINDS = {
    "intervention.json": "state-json",
    "intervention.xml": "state-xml",
    "history.json": "history-json",
    "history.xml": "history-xml",
}


class _CaseReader:
    """The leaves and envelopes of a package, as the functions that fold them ask for them."""

    def __init__(self, case: Case) -> None:
        self._case = case

    def leaf(self, index: int) -> bytes:
        return self._case.package.read("leaf", index)

    def envelope(self, index: int) -> bytes:
        found = self._case.envelopes.get(index)
        return b"" if found is None else found.raw

    def stream(self, name: str, size: int) -> Sequence[int]:
        return [index for index, _ in self._case.places.get(name, []) if index < size]


def judge_state(case: Case) -> None:
    """Step 12: state and history of every CUP asked."""
    if case.info is None:
        case.tally.cannot(12, "bag-info.txt non è leggibile")
        return
    for folder, cup in state_folders(case).items():
        if _is_whole(case, cup):
            _judge_cup(case, case.info, folder, cup)
    _flag_unknown_adoptions(case)
    _flag_earlier(case, case.info)
    flag_unknown_types(case)


def _flag_unknown_adoptions(case: Case) -> None:
    """Tell what the ledger adopted and this version has no setting for, or other values."""
    for one in unknown_adoptions(case.table, case.directory.adopted()):
        words = (
            f"{one.type} (registrazione {one.index}): non è fra le impostazioni di questa versione"
        )
        case.tally.lack(12, words)


def _flag_earlier(case: Case, info: Question) -> None:
    """Tell that the state is not that of the head, when the package shows an earlier one."""
    head_on = legal_day(info.head_at)
    if info.known_at < info.size:
        later = info.size - info.known_at
        case.tally.flag(12, f"lo stato non tiene conto delle ultime {later} foglie")
    if info.as_of < head_on:
        case.tally.flag(12, f"lo stato è di prima della testata ({format_day_it(head_on)})")


def _is_whole(case: Case, cup: str) -> bool:
    """Tell whether every event of a CUP can be folded; say why when not."""
    known = event_types()
    for index, _ in case.places.get(f"cup/{cup}", []):
        envelope = case.envelopes.get(index)
        if envelope is None and case.is_erased(index):
            continue
        if envelope is None and index in case.withheld:
            case.tally.withhold(
                12, f"la busta {index} del CUP {cup} è omessa: stato non ricalcolato"
            )
            return False
        if envelope is None:
            case.tally.cannot(12, f"manca la busta {index} del CUP {cup}")
            return False
        if envelope.type not in known:
            case.tally.cannot(12, f"il tipo {envelope.type} è di un'altra versione del programma")
            return False
    return True


def _judge_cup(case: Case, info: Question, folder: str, cup: str) -> None:
    with case.tally.guard(12, file=case.package.path("state-json", folder)):
        for name, data in state_members(_CaseReader(case), info, cup, case.law):
            path = case.package.path(_KINDS[name], folder)
            with case.tally.guard(12, file=path):
                if not case.package.has(_KINDS[name], folder):
                    raise NotVerified("member-missing", "Manca nel pacchetto.")
                if not case.package.equals(path, data):
                    _judge_difference(case, info, path, data)
        case.tally.done(
            12, f"CUP {cup} al {info.as_of:%d/%m/%Y}, noto a {info.known_at} di {info.size} foglie"
        )


def _judge_difference(case: Case, info: Question, path: str, computed: bytes) -> None:
    """Tell a file that is not what the events give, unless other tables of law explain it.

    A later program has other tables, which give other findings, days and statuses; an older package
    is not false because of that, where its ledger adopted tables that are not those of this program.
    """
    if case.rule_set_at(info.known_at) not in (None, case.table.rule_set):
        with case.package.open(path) as stream:
            given = stream.read(len(computed) + MORE_BYTES)
        if without_tables(path, given) == without_tables(path, computed):
            case.tally.lack(
                12,
                f"{path}: ciò che le tabelle di legge danno, calcolato con altre, non è giudicato",
            )
            return
    raise NotVerified(
        "state-differs", "Non è ciò che le registrazioni danno: ricalcolate, danno altri byte."
    )

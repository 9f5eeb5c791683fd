"""Which texts of a request or event hold what looks like personal data, and what was confirmed.

    check_personal_texts(command)      raises before anything is proposed for signature
    personal_texts(event)              the same of an event, for the finding `personal-data-in-text`

    {"command": "attach-document/2", "data": {"title": "Quadro 340 1234567", ...},
     "not_personal": {"/data/title": ["phone"]}}

A confirmation is for one place and one kind, so that another kind of value which is later written
there is found. It is part of the request and not of the event. Neither the refusal nor the finding
repeats a value. Source: DOMAIN section 8 ("Vault") and 10.2; D69.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ledger.domain.documents import PERSON_TYPE
from ledger.domain.free_texts import free_texts
from ledger.domain.screening import screen_personal_data
from ledger.errors import Fault, Malformed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ledger.domain.commands.command import Command
    from ledger.domain.event import Event, ObjectRef
    from ledger.domain.free_texts import Text
    from ledger.domain.screening import PersonalData

REASON, FILES = "/reason", "/files"
_TAX_CODE_LENGTH = 16
WORDS: dict[PersonalData, str] = {
    "tax-code": "un codice fiscale",
    "iban": "un IBAN",
    "phone": "un numero di telefono",
}


@dataclass(frozen=True, slots=True)
class PersonalText:
    """A place, by its JSON Pointer, and the kinds of personal data that were found there."""

    pointer: str
    kinds: tuple[PersonalData, ...]


def personal_texts(said: Command | Event) -> tuple[PersonalText, ...]:
    """Return the places in data and reason that hold personal data, each once."""
    found = [
        (one.pointer, kinds)
        for one in free_texts(said.type.shape, said.data, "/data")
        if (kinds := _kinds_in(one))
    ]
    if said.reason is not None:
        found.append((REASON, screen_personal_data(said.reason)))
    return tuple(_places(found))


def kinds_in_name(name: str) -> tuple[PersonalData, ...]:
    """Return the kinds of personal data in the name of a file, whose blanks are underscores."""
    return screen_personal_data(name.replace("_", " "))


def check_personal_texts(command: Command) -> None:
    """Accept that no text of a command, nor the name of a file, holds unconfirmed personal data.

    Raises:
        Malformed: `personal-data-in-text`, with a fault for each place; `nothing-to-confirm`, when
            something is confirmed that was not found there.
    """
    found = places_in(command)
    faults = [*_unconfirmed(command, found), *_needless(command, found)]
    if faults:
        raise Malformed(f"{faults[0].pointer}: {faults[0].sentence}", faults)


def places_in(command: Command) -> tuple[PersonalText, ...]:
    """Return the places in data, reason and names of files that hold personal data, each once."""
    names = [(FILES, kinds_in_name(name)) for name in _names(command.objects)]
    return (*personal_texts(command), *_places(names))


def _kinds_in(one: Text) -> tuple[PersonalData, ...]:
    """Return the kinds in a text; of a code, whose digits are no phone number, not the phone."""
    if not one.is_code:
        return screen_personal_data(one.text)
    if len(one.text) < _TAX_CODE_LENGTH:
        return ()
    return tuple(kind for kind in screen_personal_data(one.text) if kind != "phone")


def _places(found: Iterable[tuple[str, Sequence[PersonalData]]]) -> Iterator[PersonalText]:
    """Yield each place where something was found, with all its kinds."""
    by_place: dict[str, set[PersonalData]] = {}
    for pointer, kinds in found:
        by_place.setdefault(pointer, set()).update(kinds)
    for pointer, kinds_there in by_place.items():
        if kinds_there:
            yield PersonalText(pointer, tuple(kind for kind in WORDS if kind in kinds_there))


def _names(objects: Iterable[ObjectRef]) -> Iterator[str]:
    return (ref.name for ref in objects if ref.media_type != PERSON_TYPE)


def _unconfirmed(command: Command, found: Iterable[PersonalText]) -> Iterator[Fault]:
    for place in found:
        confirmed = command.not_personal.get(place.pointer, ())
        if set(place.kinds) <= set(confirmed):
            continue
        where = "il nome di un file contiene" if place.pointer == FILES else "il testo contiene"
        sentence = (
            f"{where} {words(place.kinds)}: toglierlo, perché ciò che è firmato non si cambia più. Una"
            " persona si indica in «persons», e nei dati con @ e il nome dato lì. Se non è un dato"
            f" personale, confermarlo nella richiesta con «not_personal»: {_confirmation(place)}."
        )
        yield Fault(place.pointer, "personal-data-in-text", sentence)


def _needless(command: Command, found: Iterable[PersonalText]) -> Iterator[Fault]:
    """Yield what was confirmed and not found, so that nothing is confirmed without a look."""
    there = {place.pointer: place.kinds for place in found}
    for number, (pointer, kinds) in enumerate(command.not_personal.items()):
        if not kinds or not set(kinds) <= set(there.get(pointer, ())):
            sentence = (
                f"la conferma n. {number + 1} riguarda ciò che in quel testo non c'è: toglierla da"
                " «not_personal», o correggerne il posto o i tipi"
            )
            yield Fault("/not_personal", "nothing-to-confirm", sentence)


def _confirmation(place: PersonalText) -> str:
    """Return the JSON by which a place is confirmed, to be copied into the request."""
    pointer = place.pointer.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    kinds = ", ".join(f'"{kind}"' for kind in place.kinds)
    return f'{{"{pointer}": [{kinds}]}}'


def kinds_of(places: Iterable[PersonalText]) -> tuple[PersonalData, ...]:
    """Return the kinds in several places, each once."""
    there = {kind for place in places for kind in place.kinds}
    return tuple(kind for kind in WORDS if kind in there)


def words(kinds: Iterable[PersonalData]) -> str:
    """Return kinds as a sentence names them."""
    return ", ".join(WORDS[kind] for kind in kinds)

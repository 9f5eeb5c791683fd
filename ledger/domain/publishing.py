"""What is public of the documents of an intervention on a day, under names that hold nobody's.

    nota-17-1.pdf      the first file of registration 17: the name of the file may hold a person's

A document is public as long as it is cleared and neither replaced, redacted, hidden nor erased; the
file of an act also while its whole text is at the albo, and not a day longer (Garante provv.
243/2014). So a page made from this shows what is hidden no more, at once. Source: DOMAIN section 8.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from ledger.domain.documents import Document
from ledger.domain.dossier import Dossier
from ledger.domain.identifiers import ActKey

SUFFIXES: Final = {
    "application/pdf": ".pdf",
    "application/pkcs7-mime": ".p7m",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "text/plain": ".txt",
    "text/xml": ".xml",
}


@dataclass(frozen=True, kw_only=True)
class PublicDocument:
    """A document that is public on the day, by a name made for the public; `to` ends its term."""

    public_name: str
    kind: str
    via: Literal["pubblicazione", "albo"]
    title: str | None = None
    alt: str | None = None
    act: ActKey | None = None
    to: date | None = None
    commit: str
    size_bytes: int
    media_type: str
    index: int


def public_documents(dossier: Dossier, day: date) -> tuple[PublicDocument, ...]:
    """Return what is public on a legal day, in order of the log."""
    terms = _at_the_albo(dossier, day)
    files = (one for one in _with_names(dossier.documents.files))
    return tuple(
        _public(name, one, terms.get(one.name))
        for name, one in files
        if one.is_public or (one.name in terms and not _is_hidden(one))
    )


def _is_hidden(document: Document) -> bool:
    ended = (document.redacted_index, document.unpublished, document.erased)
    return any(one is not None for one in ended)


def _at_the_albo(dossier: Dossier, day: date) -> dict[str, tuple[ActKey, date]]:
    """Return act and last day, by name of the file, of the acts whose whole text is at the albo."""
    return {
        act.file: (act.key, term.to)
        for act in dossier.acts.values()
        for term in act.publications
        if term.version == "integrale" and term.state_on(day) == "in-pubblicazione"
    }


def _with_names(files: tuple[Document, ...]) -> Iterator[tuple[str, Document]]:
    """Yield each document with its public name: kind, registration, place among its files."""
    seen: Counter[int] = Counter()
    for one in files:
        seen[one.index] += 1
        suffix = SUFFIXES.get(one.media_type, "")
        yield f"{one.kind}-{one.index}-{seen[one.index]}{suffix}", one


def _public(name: str, document: Document, term: tuple[ActKey, date] | None) -> PublicDocument:
    by_term = term is not None and not document.is_public
    return PublicDocument(
        public_name=name,
        kind=document.kind,
        via="albo" if by_term else "pubblicazione",
        title=document.title,
        alt=document.alt,
        act=term[0] if term is not None else document.act,
        to=term[1] if term is not None and by_term else None,
        commit=document.commit,
        size_bytes=document.size_bytes,
        media_type=document.media_type,
        index=document.index,
    )

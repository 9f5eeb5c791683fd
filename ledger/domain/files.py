"""Names of files in an event: `determina.pdf.p7m`, a name in its `objects`.

The name is public; it is chosen for the register and never taken from a folder path. Source: DOMAIN
sections 8 and 9 ("Types by name").
"""

from __future__ import annotations

import re

from ledger.domain.grammar import Grammar
from ledger.domain.identifiers import Identifier


class FileName(Identifier):
    """A file name of letters, digits and `._()-`, at most 120 characters, without folders."""

    __slots__ = ()

    code = "file-name-malformed"
    grammar = Grammar(
        "un nome di file ammesso: lettere, cifre e . _ - ( ), senza spazi né cartelle",
        shape=re.compile(r"[A-Za-z0-9][A-Za-z0-9._()-]{0,119}"),
    )


class DocumentName(FileName):
    """The name of a file that an earlier event brought; the last of that name is meant."""

    __slots__ = ()

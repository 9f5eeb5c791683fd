"""The normal form of codes that people type: what is removed, what changes case, what is shown.

    >>> compact_upper("c81c-2200 1220\u00a0006")
    'C81C22001220006'
    >>> lower(" C_E506 ")
    'c_e506'

Comparison uses the normal form; the text as given is kept beside it. Only ASCII letters change case:
a dotless i or a Kelvin sign stays what it is, so that no foreign letter turns into a Latin one.
Source: DOMAIN section 2, first paragraph.
"""

from __future__ import annotations

import string

BLANKS = " \t\r\n\u00a0\u2007\u202f"
HYPHENS = "-\u2010\u2011"
SHOWN_LIMIT = 60

_NO_BLANKS = dict.fromkeys(map(ord, BLANKS))
_UPPER = str.maketrans(string.ascii_lowercase, string.ascii_uppercase)
_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_TO_UPPER = {**_UPPER, **_NO_BLANKS}
_TO_LOWER = {**_LOWER, **_NO_BLANKS}
_TO_COMPACT = {**_TO_UPPER, **dict.fromkeys(map(ord, HYPHENS))}


def as_given(raw: str) -> str:
    """Return the text unchanged."""
    return raw


def upper(raw: str) -> str:
    """Return the text without blanks and line breaks, ASCII letters in upper case."""
    return raw.translate(_TO_UPPER)


def lower(raw: str) -> str:
    """Return the text without blanks and line breaks, ASCII letters in lower case."""
    return raw.translate(_TO_LOWER)


def compact_upper(raw: str) -> str:
    """Return the text without blanks, line breaks and hyphens, ASCII letters in upper case."""
    return raw.translate(_TO_COMPACT)


def trimmed_lower(raw: str) -> str:
    """Return the text without blanks at its ends, ASCII letters in lower case.

    For words of our own (registers, short ids), where a blank inside is a mistake to be shown.
    """
    return raw.strip(BLANKS).translate(_LOWER)


def shown(raw: str) -> str:
    """Return the text as a sentence quotes it: on one line, escaped, at most 60 characters."""
    return repr(raw if len(raw) <= SHOWN_LIMIT else raw[:SHOWN_LIMIT] + "…")

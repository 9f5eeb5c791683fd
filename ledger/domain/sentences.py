"""The sentence of a recorded event, for timelines and summaries: `Avviata la fase ESECUZIONE`.

The template is `says` of the declaration, over the data of the event; `act` is there for acts.
Dates are dd/mm/yyyy, amounts `319.556,00 EUR`, closed codes as they are. Source: EXPERIENCE 12.
"""

from __future__ import annotations

import string
from datetime import date
from typing import TYPE_CHECKING, Any

from ledger.domain.days import format_day_it
from ledger.domain.money import EUR
from ledger.domain.phases import LABELS

if TYPE_CHECKING:
    from ledger.domain.event import Event


class _Words(string.Formatter):
    """Formats values as people read them."""

    def format_field(self, value: Any, format_spec: str) -> str:  # noqa: ANN401  any field
        """Return the text of one value."""
        if isinstance(value, EUR):
            return f"{value.format_it()} EUR"
        if isinstance(value, date):
            return format_day_it(value)
        if isinstance(value, str) and value in LABELS:
            return LABELS[value]
        return str(super().format_field(value, format_spec))


def sentence(event: Event) -> str:
    """Return the Italian sentence of an event."""
    fields = {f.attribute: getattr(event.data, f.attribute) for f in event.type.shape.fields}
    return _Words().vformat(event.type.says, (), fields)

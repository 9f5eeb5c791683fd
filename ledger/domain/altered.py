"""A frozen value with some of its fields in a new form.

    altered(act, enforceability=acquired)      what dataclasses.replace gives, in a tenth of its time

A state is folded from its events by one such step after another. `replace` reads and sets each field
by itself; here the fields are taken over at once, which the values allow: they are data classes
without slots and without `__post_init__`, and what they hold is frozen too.
"""

from __future__ import annotations

from typing import Any, TypeVar

Value = TypeVar("Value")


def altered(value: Value, **fields: Any) -> Value:  # noqa: ANN401  as many types as there are fields
    """Return a new value with these fields, and the others as they are.

    Raises:
        TypeError: when the class has no such field.
    """
    made = object.__new__(type(value))
    before, members = value.__dict__, made.__dict__
    members.update(before)
    members.update(fields)
    if len(members) > len(before):
        raise TypeError(f"{type(value).__name__} has not all of these fields: {', '.join(fields)}")
    return made

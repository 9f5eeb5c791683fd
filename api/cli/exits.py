"""Exit codes of the command line: the one table from family or code of an error to a number.

    0 ok  1 verification failed  2 usage  3 incomplete or unanchored  4 unreadable input  5 internal
    10 no ledger  11 locked or busy  12 not allowed  13 refused by a rule  14 conflict

Source: EXPERIENCE section 3.
"""

from __future__ import annotations

from ledger.errors import (
    Absent,
    Busy,
    Conflict,
    Frozen,
    Malformed,
    NotAuthorised,
    NotVerified,
    PistaError,
    Refused,
    ShapeError,
    Unopenable,
    Unreadable,
)

OK, FAILED, USAGE, INCOMPLETE, UNREADABLE, INTERNAL = 0, 1, 2, 3, 4, 5
NO_LEDGER, BUSY, NOT_ALLOWED, REFUSED, CONFLICT = 10, 11, 12, 13, 14

BY_CODE: dict[str, int] = {
    "no-ledger": NO_LEDGER,
    "no-witness": NO_LEDGER,
    "witness-present": CONFLICT,
    "head-behind": INCOMPLETE,
    "no-such-cup": USAGE,
    "no-such-act": USAGE,
    "no-such-key": USAGE,
    "no-such-head": USAGE,
    "no-such-audit": USAGE,
    "command-unknown": USAGE,
    "key-unknown": NOT_ALLOWED,
    "already-there": CONFLICT,
    "anchor-present": CONFLICT,
    "event-id-reused": CONFLICT,
    "ledger-busy": BUSY,
    "store-read-only": BUSY,
    "database-unreachable": BUSY,
    "database-absent": NO_LEDGER,
    "database-refused": NOT_ALLOWED,
    "database-not-trusted": NOT_ALLOWED,
    "password-file-unreadable": UNREADABLE,
    "host-unreachable": BUSY,
    "host-slow": BUSY,
    "host-not-trusted": NOT_ALLOWED,
    "host-redirects": UNREADABLE,
    "answer-garbled": UNREADABLE,
    "answer-too-long": UNREADABLE,
    "tsa-failed": BUSY,
    "tsa-not-allowed": NOT_ALLOWED,
    "basis-older": CONFLICT,
    "personal-data-in-text": REFUSED,
    "algorithm-unknown": USAGE,
    "signer-not-available": USAGE,
    "address-unusable": USAGE,
    "key-file-exists": CONFLICT,
    "key-file-exposed": NOT_ALLOWED,
    "key-file-locked": NOT_ALLOWED,
    "key-file-malformed": UNREADABLE,
    "key-file-unreadable": UNREADABLE,
}
BY_FAMILY: tuple[tuple[type[PistaError], int], ...] = (
    (Conflict, CONFLICT),
    (NotAuthorised, NOT_ALLOWED),
    (Malformed, USAGE),
    (ShapeError, USAGE),
    (Refused, REFUSED),
    (Unopenable, UNREADABLE),
    (Unreadable, UNREADABLE),
    (NotVerified, FAILED),
    (Frozen, FAILED),
    (Busy, BUSY),
    (Absent, USAGE),
)


def exit_code(error: PistaError) -> int:
    """Return the exit code of an error: by its code, else by its family, else internal."""
    if error.code in BY_CODE:
        return BY_CODE[error.code]
    return next((code for family, code in BY_FAMILY if isinstance(error, family)), INTERNAL)

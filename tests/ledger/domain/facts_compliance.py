"""Facts of compliance and documents as requests, each with sound values. Source: DOMAIN 9.7, 9.8."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.ledger.domain.facts import fact

if TYPE_CHECKING:
    from tests.ledger.domain.worlds import Request

SUPPLIER = "16825251008"
CLOUD = "08558150150"
GARANTE = "garante-order"


def listed(
    name: str,
    stage: str,
    template: str = "dnsh-6-ex-post",
    version: str = "2024",
    **more: Any,  # noqa: ANN401
) -> Request:
    """Open a checklist of a template."""
    data = {"checklist": name, "template": template, "version": version, "stage": stage}
    return fact("open-checklist/1", "rup", "2024-06-02", data, **more)


def superseded(name: str = "dnsh-post", by: str = "nuova", **more: Any) -> Request:  # noqa: ANN401
    """Put another checklist in the place of one."""
    data = {"checklist": name, "by": by, "cause": "nuova edizione della guida"}
    return fact("supersede-checklist/1", "rup", "2024-06-06", data, **more)

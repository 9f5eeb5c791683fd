"""What is public on a day, under which names. Source: DOMAIN section 8; Garante provv. 243/2014."""

from __future__ import annotations

import pytest

from tests.ledger.domain.facts import attached, determina, published, registered
from tests.ledger.domain.facts_documents import DOC, redacted, unpublished, versioned
from tests.ledger.domain.worlds import World

START = (registered(),)
SHOWN = (*START, attached(public=True))


def shown(world: World, on: str = "2026-09-01") -> list[tuple[str, str]]:
    """Return public names and why they are public."""
    return [(one.public_name, one.via) for one in world.state(as_of=on).public_documents]


def test_a_public_document_has_a_name_made_for_the_public() -> None:
    assert shown(World().given(*SHOWN)) == [("nota-1-1.pdf", "pubblicazione")]


def test_what_is_not_cleared_is_not_public() -> None:
    assert shown(World().given(*START, attached())) == []


def test_a_hidden_document_is_public_no_more_on_its_day() -> None:
    world = World().given(*SHOWN, unpublished())
    assert shown(world, "2023-02-28") == [("nota-1-1.pdf", "pubblicazione")]
    assert shown(world, "2023-03-01") == []


def test_a_version_with_omissis_takes_the_place_of_the_original() -> None:
    assert shown(World().given(*SHOWN, redacted())) == [("nota-2-1.pdf", "pubblicazione")]


def test_a_new_version_takes_the_place_of_the_one_before() -> None:
    assert shown(World().given(*SHOWN, versioned())) == [("nota-2-1.pdf", "pubblicazione")]


@pytest.mark.parametrize(
    ("day", "found"),
    [
        ("2023-01-24", []),
        ("2023-01-25", [("atto-1-1.pdf", "albo")]),
        ("2023-02-09", [("atto-1-1.pdf", "albo")]),
        ("2023-02-10", []),
    ],
)
def test_an_act_is_public_on_each_day_of_its_term_and_on_no_other(
    day: str, found: list[tuple[str, str]]
) -> None:
    world = World().given(*START, determina(), published())
    assert shown(world, day) == found


def test_an_act_at_the_albo_is_shown_without_what_is_withheld() -> None:
    of_act = redacted(of="atto-100.pdf", on="2023-01-25")
    world = World().given(*START, determina(), published(), of_act)
    assert shown(world, "2023-02-05") == [("atto-3-1.pdf", "pubblicazione")]


def test_an_act_published_with_omissis_is_not_shown_whole() -> None:
    world = World().given(*START, determina(), published(version="omissis"))
    assert shown(world, "2023-02-01") == []


def test_an_act_that_stays_public_has_no_last_day() -> None:
    world = World().given(*START, determina(), published())
    [found] = world.state(as_of="2023-02-01").public_documents
    assert (str(found.to), found.act) == ("2023-02-09", "c_e506/registro-generale/2023/100")
    assert found.commit == world.dossier().documents.files[0].commit


def test_the_public_name_does_not_repeat_that_of_the_file() -> None:
    world = World().given(*START, attached("Rossi_Mario.pdf", public=True))
    assert shown(world) == [("nota-1-1.pdf", "pubblicazione")]
    assert DOC not in shown(world)[0][0]

"""Tests of the XSDs of state and history: what they accept, and what they refuse."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import xmlschema
from lxml import etree

import schemas
from schemas.files import read
from tests.exporters.example_documents import documents

if TYPE_CHECKING:
    from collections.abc import Callable

XML_SCHEMAS = {"history.xml": "history-1.xsd", "intervention.xml": "intervention-1.xsd"}
FOLDER = Path(schemas.__file__ or "").parent


@pytest.fixture(scope="module")
def told() -> dict[str, bytes]:
    """State and history of the made-up dossier."""
    return documents()


@pytest.mark.parametrize("document", XML_SCHEMAS)
def test_what_is_exported_as_xml_is_valid_for_lxml(document: str, told: dict[str, bytes]) -> None:
    schema = etree.XMLSchema(etree.fromstring(read(XML_SCHEMAS[document])))
    schema.assertValid(etree.fromstring(told[document]))


@pytest.mark.parametrize("document", XML_SCHEMAS)
def test_what_is_exported_as_xml_is_valid_for_xmlschema(
    document: str, told: dict[str, bytes]
) -> None:
    schema = xmlschema.XMLSchema10(read(XML_SCHEMAS[document]).decode())
    schema.validate(told[document].decode())


@pytest.mark.parametrize("document", XML_SCHEMAS)
def test_what_is_exported_as_xml_is_valid_for_xmllint(
    document: str, told: dict[str, bytes], tmp_path: Path
) -> None:
    if shutil.which("xmllint") is None:
        if os.environ.get("CI"):
            pytest.fail("xmllint is not on the PATH")
        pytest.skip("xmllint is not on the PATH")
    path = tmp_path / document
    path.write_bytes(told[document])
    schema = FOLDER / XML_SCHEMAS[document]
    subprocess.run(
        ["xmllint", "--nonet", "--noout", "--schema", str(schema), str(path)],
        check=True,
        capture_output=True,
    )


def _first(root: etree._Element, path: str) -> etree._Element:
    found = root.find(path)
    assert found is not None
    return found


def _set(path: str, text: str) -> Callable[[etree._Element], None]:
    def change(root: etree._Element) -> None:
        _first(root, path).text = text

    return change


def _reverse(root: etree._Element) -> None:
    root[:] = reversed(list(root))


def _add(root: etree._Element) -> None:
    etree.SubElement(root, f"{{{etree.QName(root).namespace}}}color").text = "rosso"


def _mark(root: etree._Element) -> None:
    root.set("color", "rosso")


BAD_XML: dict[str, tuple[str, Callable[[etree._Element], None]]] = {
    "members are in another order": ("intervention.xml", _reverse),
    "a member is unknown": ("intervention.xml", _add),
    "the root has an attribute": ("history.xml", _mark),
    "a day has no such month": ("intervention.xml", _set("{*}as_of", "2024-13-31")),
    "a day has a zone": ("intervention.xml", _set("{*}as_of", "2024-12-31Z")),
    "an amount has one decimal": (
        "intervention.xml",
        _set("{*}funding/{*}importo_finanziato", "1.0"),
    ),
    "a time has no zone": ("history.xml", _set(".//{*}received_at", "2024-05-06T08:00:00")),
    "a boolean is a digit": ("history.xml", _set(".//{*}void", "1")),
    "a role is not of the list": ("history.xml", _set(".//{*}role", "sindaco")),
    "an id is no UUID": ("history.xml", _set(".//{*}item/{*}id", "0" * 36)),
}


@pytest.mark.parametrize("case", BAD_XML)
def test_the_xsd_refuses(case: str, told: dict[str, bytes]) -> None:
    document, change = BAD_XML[case]
    root = etree.fromstring(told[document])
    change(root)
    schema = etree.XMLSchema(etree.fromstring(read(XML_SCHEMAS[document])))
    assert not schema.validate(root)

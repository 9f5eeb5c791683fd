"""The documents of the demonstration: small real files for the acts that the story names.

    docs/determina-1500-2022.pdf          a page: heading, CUP, CIG, text, "Dati dimostrativi"
    docs/determina-100-2023.pdf.p7m       the same, in a CAdES signature
    docs/galleria-servizi-in-cloud.png    a picture for the gallery: 14 services, 9 live

Public sources give the intervention and not its files, so all of these are invented and say so at
the foot of each page. The same names and dates are in `story/`; a test compares the two. A PDF has
no compression and a fixed date: the same program writes the same bytes.

Source: EXPERIENCE section 2 (honest data); ISO 32000-1; PNG, ISO/IEC 15948.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

from fpdf import FPDF

from ledger.domain.days import format_day_it
from ledger.signing.cades import seal

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

CUP, SISTER_CUP = "C81C22001220006", "C81F22004270006"
FOOTER = "Dati dimostrativi: atto, numeri e persone di questa pagina sono inventati"
SEALED = "determina-100-2023.pdf"
PICTURE = "galleria-servizi-in-cloud.png"
SERVICES, LIVE = 14, 9


@dataclass(frozen=True, slots=True)
class Paper:
    """One page: file name, heading, day of the act, codes, and what it says."""

    name: str
    heading: str
    on: date
    text: str
    cigs: tuple[str, ...] = ()
    cups: tuple[str, ...] = (CUP,)


PAPERS = (
    Paper(
        "deliberazione-giunta-210-2022.pdf",
        "Deliberazione della Giunta comunale n. 210/2022",
        date(2022, 6, 9),
        "La Giunta aderisce all'avviso «1.2 Abilitazione al cloud - Comuni - Aprile 2022» per"
        " quattordici servizi e indica il responsabile del progetto per la candidatura.",
    ),
    Paper(
        "determina-1500-2022.pdf",
        "Determinazione dirigenziale n. 1500/2022",
        date(2022, 10, 10),
        "Si prende atto del finanziamento di 319.556,00 EUR concesso con Decreto n.28 - 3 / 2022 -"
        " PNRR del 05/09/2022, misura M1C1I1.2.",
    ),
    Paper(
        "determina-1612-2022.pdf",
        "Determinazione dirigenziale n. 1612/2022",
        date(2022, 10, 20),
        "È nominato il responsabile unico del progetto (RUP) a decorrere dalla data di adozione;"
        " cessa dalla stessa data chi ha seguito la candidatura.",
    ),
    Paper(
        "piano-di-migrazione.pdf",
        "Piano di migrazione al cloud",
        date(2023, 1, 16),
        "Per ciascuno dei quattordici servizi: origine, destinazione, modalità (A trasferimento in"
        " sicurezza, B aggiornamento in sicurezza), tempi e verifiche.",
    ),
    Paper(
        SEALED,
        "Determinazione dirigenziale n. 100/2023",
        date(2023, 1, 20),
        "Si affida il supporto specialistico all'attuazione di due interventi per 18.300,00 EUR:"
        f" 15.250,00 EUR sul CUP {CUP} e 3.050,00 EUR sul CUP {SISTER_CUP}.",
        cigs=("9999991D9E",),
        cups=(CUP, SISTER_CUP),
    ),
    Paper(
        "determina-245-2023.pdf",
        "Determinazione a contrarre n. 245/2023",
        date(2023, 2, 15),
        "Si avvia la procedura di affidamento dei servizi di migrazione, importo a base"
        " 298.900,00 EUR.",
        cigs=("9999992E71",),
    ),
    Paper(
        "verbale-procedura-deserta.pdf",
        "Verbale della procedura",
        date(2023, 4, 18),
        "Alla scadenza del termine non risulta pervenuta alcuna offerta: la procedura è deserta."
        " Il capitolato torna in progettazione.",
        cigs=("9999992E71",),
    ),
    Paper(
        "determina-1015-2023.pdf",
        "Determinazione dirigenziale n. 1015/2023",
        date(2023, 6, 12),
        "Si affidano i servizi di migrazione al cloud per 298.900,00 EUR; i requisiti DNSH delle"
        " schede 6 e 8 sono parte del contratto.",
        cigs=("9999993F44",),
    ),
    Paper(
        "dichiarazione-conflitto-rup.pdf",
        "Dichiarazione del RUP sull'assenza di conflitti di interessi",
        date(2023, 6, 6),
        "Il RUP dichiara di non avere interessi nella procedura (L. 241/1990 art. 6-bis; Allegato 2"
        " del controllo a campione).",
        cigs=("9999993F44",),
    ),
    Paper(
        "contratto-1015-2023.pdf",
        "Contratto per i servizi di migrazione al cloud",
        date(2023, 6, 16),
        "Misura M1C1I1.2, avviso «1.2 Abilitazione al cloud - Comuni - Aprile 2022»: oggetto,"
        " attività, durata, quattordici servizi, norme di riferimento.",
        cigs=("9999993F44",),
    ),
    Paper(
        "certificato-iso-14001.pdf",
        "Certificato UNI EN ISO 14001 del fornitore del cloud",
        date(2022, 11, 30),
        "Scenario 1 della scheda 6: sistema di gestione ambientale del fornitore, valido dal"
        " 30/11/2022 al 29/11/2025.",
    ),
    Paper(
        "checklist-dnsh-scheda-6.pdf",
        "Checklist DNSH, scheda 6, verifica ex ante",
        date(2022, 12, 19),
        "Tre punti di controllo, tre risposte SI, con le prove indicate nel registro.",
    ),
    Paper(
        "verbale-esercizio-1.pdf",
        "Verbale di messa in esercizio n. 1",
        date(2023, 11, 30),
        "Sono in esercizio nel cloud Anagrafe, Stato civile, Elettorale, Protocollo, Albo pretorio.",
        cigs=("9999993F44",),
    ),
    Paper(
        "verbale-esercizio-2.pdf",
        "Verbale di messa in esercizio n. 2",
        date(2024, 2, 29),
        "Sono in esercizio nel cloud Accesso agli atti, Edilizia, Trasparenza, Patrimonio.",
        cigs=("9999993F44",),
    ),
    Paper(
        "dichiarazione-modalita-migliorativa-s09.pdf",
        "Dichiarazione di modalità migliorativa, servizio s09",
        date(2024, 2, 15),
        "Il servizio Edilizia, finanziato in modalità A, è migrato in modalità B; l'importo non"
        " cambia (FAQ c-004).",
        cigs=("9999993F44",),
    ),
    Paper(
        "determina-310-2024.pdf",
        "Determinazione dirigenziale n. 310/2024",
        date(2024, 3, 11),
        "Si prende atto dello stato di avanzamento: nove servizi su quattordici sono in esercizio.",
        cigs=("9999993F44",),
    ),
    Paper(
        "relazione-avanzamento.pdf",
        "Relazione sullo stato di avanzamento",
        date(2024, 3, 8),
        "Servizi in esercizio 9 su 14; per i restanti cinque la migrazione è in corso.",
        cigs=("9999993F44",),
    ),
)


def make_documents(folder: Path, cades_key_pem: bytes, cades_certificate_pem: bytes) -> None:
    """Write every file that the story names into a folder, which exists.

    Raises:
        PistaError: as ledger.signing.cades.seal, when key or certificate do not fit.
        OSError: when the folder cannot be written.
    """
    for paper in PAPERS:
        content = _pdf(paper)
        name = paper.name
        if name == SEALED:
            name = f"{name}.p7m"
            content = seal(content, cades_key_pem, cades_certificate_pem, _noon(paper.on))
        (folder / name).write_bytes(content)
    (folder / PICTURE).write_bytes(_picture())


def _noon(day: date) -> datetime:
    """Return the time that files of that day claim."""
    return datetime.combine(day, time(12), UTC)


class _Page(FPDF):
    """An A4 page with the remark at its foot; core fonts, no compression."""

    def footer(self) -> None:
        """Write the remark."""
        self.set_y(-20)
        self.set_font("Helvetica", style="I", size=9)
        self.cell(0, 8, FOOTER, align="C")


def _pdf(paper: Paper) -> bytes:
    """Return the bytes of a page."""
    page = _Page(format="A4")
    page.set_compression(compress=False)
    page.set_creation_date(_noon(paper.on))
    page.set_title(paper.heading)
    page.set_author("Dati dimostrativi")
    page.set_lang("it-IT")
    page.add_page()
    for style, size, text in _paragraphs(paper):
        page.set_font("Helvetica", style=style, size=size)
        page.multi_cell(0, 8, text, new_x="LMARGIN", new_y="NEXT")
    return bytes(page.output())


def _paragraphs(paper: Paper) -> Iterable[tuple[str, int, str]]:
    """Yield style, size and text of each paragraph, from the top."""
    yield "", 11, "Comune di Lecce"
    yield "B", 16, paper.heading
    yield "", 11, f"Data {format_day_it(paper.on)}"
    for cup in paper.cups:
        yield "B", 11, f"CUP {cup}"
    for cig in paper.cigs:
        yield "B", 11, f"CIG {cig}"
    yield "", 11, paper.text


TILE, GAP = 24, 6
GROUND, DONE, TO_DO = b"\xff\xff\xff", b"\x00\x66\xcc", b"\xb1\xb8\xc1"


def _picture() -> bytes:
    """Return a PNG of one row of squares, a service each, those live in blue."""
    blank = GROUND * (GAP + SERVICES * (TILE + GAP))
    row = GROUND * GAP
    for service in range(SERVICES):
        row += (DONE if service < LIVE else TO_DO) * TILE + GROUND * GAP
    return _png([blank] * GAP + [row] * TILE + [blank] * GAP)


def _png(rows: list[bytes]) -> bytes:
    """Return a PNG of rows of RGB pixels, 3 bytes each, eight bits a colour."""
    header = struct.pack(">IIBBBBB", len(rows[0]) // 3, len(rows), 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\x00" + row for row in rows), level=9)
    chunks = ((b"IHDR", header), (b"IDAT", pixels), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    """Return one chunk: length, kind, data, CRC-32 of kind and data."""
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

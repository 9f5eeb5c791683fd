"""Findings about documents and texts. Source: DOMAIN sections 8 and 10.2."""

from __future__ import annotations

from ledger.domain.personal_texts import kinds_in_name, words
from ledger.domain.rules.finding import Raised, View, finding


@finding(
    "personal-data-in-name",
    severity="serious",
    it="Il nome di un documento della registrazione n. {index} contiene un dato personale ({kinds}).",
    en="The name of a document of event {index} holds personal data ({kinds}).",
    source="DOMAIN 8; GDPR art. 5",
)
def personal_data_in_name(view: View) -> Raised:
    """Find file names with the shape of personal data; the sentence does not repeat them."""
    for document in view.dossier.documents.files:
        kinds = kinds_in_name(document.name)
        if kinds:
            yield {
                "subject": f"{view.dossier.cup or view.dossier.stream}#{document.index}",
                "index": document.index,
                "kinds": ", ".join(kinds),
            }


@finding(
    "personal-data-in-text",
    severity="serious",
    it="I testi della registrazione n. {index} contengono ({where}) ciò che sembra {what}.",
    en="The texts of event {index} hold ({where}) what looks like personal data ({kinds}).",
    source="DOMAIN 8; GDPR art. 5",
)
def personal_data_in_text(view: View) -> Raised:
    """Find events whose texts have the shape of personal data; the sentence does not repeat them.

    What was confirmed not to be personal is found too: the envelope does not hold the confirmation.
    """
    for text in view.dossier.oversight.personal_texts:
        yield {
            "subject": f"{view.dossier.cup or view.dossier.stream}#{text.index}",
            "index": text.index,
            "where": ", ".join(text.pointers),
            "what": words(text.kinds),
            "kinds": ", ".join(text.kinds),
        }

"""Brings the catalogues up to the texts of the sources, and compiles them.

    python -m tests.translations.refresh

New texts are added empty, those that are gone are taken out, translations stay. Prints what is
to be done, and what was taken out with its translation, for whoever has only reworded a text.
Run it again after translating. Needs no gettext tools and no settings.
"""

from __future__ import annotations

import sys

from babel.messages.catalog import Catalog

from .catalogues import LANGUAGES, compiled, key_of, messages_of, mo_file, po_file, read, written
from .rules import is_translated
from .sources import template


def merged(catalogue: Catalog, sources: Catalog) -> tuple[Catalog, list[str]]:
    """The catalogue with the texts of the sources, and the lines that tell what has changed."""
    before = {key_of(message): message for message in messages_of(catalogue)}
    # Kept, or every refresh would change the file.
    sources.creation_date, revised = catalogue.creation_date, catalogue.revision_date
    # Guesses would have to be taken out by hand: a text that looks alike says another thing.
    catalogue.update(sources, no_fuzzy_matching=True)
    catalogue.revision_date = revised
    catalogue.obsolete.clear()
    after = {key_of(message): message for message in messages_of(catalogue)}
    gone = [message for key, message in before.items() if key not in after]
    told = [f"  gone:       {message.id!r} was {message.string!r}" for message in gone]
    empty = [message for message in after.values() if not is_translated(message)]
    return catalogue, told + [f"  translate:  {message.id!r}" for message in empty]


def main() -> int:
    """Refresh every catalogue; 1 while there is something to translate."""
    left = 0
    for language in LANGUAGES:
        catalogue, told = merged(read(language), template())
        po_file(language).parent.mkdir(parents=True, exist_ok=True)
        po_file(language).write_bytes(written(catalogue))
        mo_file(language).write_bytes(compiled(catalogue))
        left += sum(line.startswith("  translate:") for line in told)
        print(f"{po_file(language)}: {len(messages_of(catalogue))} texts", *told, sep="\n")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())

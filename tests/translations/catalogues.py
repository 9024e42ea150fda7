"""The catalogues of the package: where they lie, how they are read and written."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import django
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po

from .sources import PACKAGE

# A language is added by making its folder.
LANGUAGES = tuple(
    sorted(folder.name for folder in (PACKAGE / "locale").iterdir() if folder.is_dir())
)


def po_file(language: str) -> Path:
    """The texts of a language, as people write them."""
    return PACKAGE / "locale" / language / "LC_MESSAGES" / "django.po"


def mo_file(language: str) -> Path:
    """The same as Django reads them."""
    return po_file(language).with_suffix(".mo")


def read(language: str) -> Catalog:
    """The catalogue of a language; an empty one, with Django's plurals, where there is none."""
    file = po_file(language)
    if file.exists():
        return parsed(file.read_bytes(), language)
    plurals = djangos(language).plural_forms
    header = f'msgid ""\nmsgstr ""\n"Plural-Forms: {plurals}\\n"\n'
    return parsed(header.encode(), language)


def djangos(language: str) -> Catalog:
    """Django's own catalogue of the language."""
    folder = Path(django.__file__).parent / "conf" / "locale" / language
    return parsed((folder / "LC_MESSAGES" / "django.po").read_bytes(), language)


def parsed(source: bytes, language: str) -> Catalog:
    """A catalogue from its text. Raises PoFileError for what is none."""
    return read_po(BytesIO(source), locale=language, charset="utf-8", abort_invalid=True)


def written(catalogue: Catalog) -> bytes:
    """The text of a catalogue: by file and without line numbers, so that merges are calm."""
    buffer = BytesIO()
    write_po(buffer, catalogue, sort_by_file=True, include_lineno=False, width=100)
    return buffer.getvalue()


def compiled(catalogue: Catalog) -> bytes:
    """The catalogue as Django reads it."""
    buffer = BytesIO()
    write_mo(buffer, catalogue)
    return buffer.getvalue()


def read_compiled(source: bytes) -> Catalog:
    """What a compiled catalogue says."""
    return read_mo(BytesIO(source))


def key_of(message: Message) -> tuple[str | None, tuple[str, ...]]:
    """Context and text, singular and plural, of a message."""
    return message.context, texts_of(message.id)


def texts_of(text: object) -> tuple[str, ...]:
    """One text or several, as several."""
    return (text,) if isinstance(text, str) else tuple(text)  # type: ignore[arg-type]


def messages_of(catalogue: Catalog) -> list[Message]:
    """All but the header."""
    return [message for message in catalogue if message.id]

"""The texts of the package, read from its sources. Pure Python: no gettext tools are needed."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from django.utils.translation.template import templatize

import sessions_hub

PACKAGE = Path(sessions_hub.__file__).parent
# Which argument is the text; "c" marks the context.
KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
}
METHODS = {".py": "python", ".html": "python", ".txt": "python", ".js": "javascript"}
TEMPLATES = (".html", ".txt")


def template(package: Path = PACKAGE) -> Catalog:
    """All texts of a package, each with the files it stands in and no translation."""
    found = Catalog(domain="django", charset="utf-8")
    for file, text, context in texts(package):
        found.add(text, locations=[(file, 0)], context=context)
    return found


def texts(package: Path) -> Iterator[tuple[str, Any, str | None]]:
    """File, text (singular and plural, where there are both) and context of each mark."""
    for path in sorted(package.rglob("*")):
        if path.suffix in METHODS and "migrations" not in path.parts:
            name = f"{package.name}/{path.relative_to(package).as_posix()}"
            for text, context in marked_in(path.suffix, path.read_text()):
                yield name, text, context


def marked_in(suffix: str, source: str) -> Iterator[tuple[Any, str | None]]:
    """Text and context of each mark in one source."""
    if suffix in TEMPLATES:
        # What Django hands to xgettext: calls, between lines of X. Their indentation means
        # nothing, and Python's tokenizer would stumble on it.
        made = templatize(source)
        source = "\n".join(line.strip() for line in made.splitlines())
    code = BytesIO(source.encode())
    for _line, text, _comments, context in extract(METHODS[suffix], code, keywords=KEYWORDS):
        yield text, context

"""What Django and the packages beside it say in a language."""

from __future__ import annotations

import gettext
from collections import defaultdict
from importlib.util import find_spec
from pathlib import Path

_PACKAGES = ("django", "rest_framework", "django_countries")


def texts_of_others(language: str) -> dict[str, frozenset[str]]:
    """Each of their texts without a context, in all the ways they translate it."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for package in _PACKAGES:
        spec = find_spec(package)
        assert spec is not None
        assert spec.origin is not None
        for file in Path(spec.origin).parent.rglob(f"locale/{language}/LC_MESSAGES/django.mo"):
            with file.open("rb") as source:
                # The only way to all of its texts.
                catalogue = gettext.GNUTranslations(source)._catalog  # type: ignore[attr-defined]
            for key, said in catalogue.items():
                text = key[0] if isinstance(key, tuple) else key
                # Plurals by their first form; \x04 stands behind a context.
                if text and "\x04" not in text and (text is key or key[1] == 0):
                    found[text].add(said)
    return {text: frozenset(said) for text, said in found.items()}

"""What a catalogue must be like. Each rule returns what is wrong, in words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from babel.messages.catalog import Catalog, Message

from .catalogues import key_of, messages_of, texts_of

# %(name)s, %s, {}, {name}, and tags of HTML with what is in them.
_PARTS = re.compile(r"%\(\w+\)[a-z]|%[sd]|\{\w*\}|</?\w+[^>]*>")
_ENDS = {"؟": "?", "،": ",", "؛": ";"}


def is_translated(message: Message) -> bool:
    """Whether each of the message's forms says something."""
    return all(form.strip() for form in texts_of(message.string or ""))


def parts_of(text: str) -> Counter[str]:
    """The placeholders and tags of a text."""
    return Counter(_PARTS.findall(text))


def wrong_in(catalogue: Catalog, same_on_purpose: Mapping[str, str]) -> Iterator[str]:
    """What is wrong with the messages of a catalogue by themselves.

    `same_on_purpose` has the texts that a language writes like the sources, and why.
    """
    for message in catalogue.obsolete.values():
        yield f"obsolete: {message.id!r}"
    unused = set(same_on_purpose)
    for message in messages_of(catalogue):
        forms, named = texts_of(message.string or ""), repr(message.id)
        if message.fuzzy:
            yield f"fuzzy: {named}"
        if not is_translated(message):
            yield f"empty: {named}"
            continue
        if set(forms) & set(texts_of(message.id)):
            unused.discard(texts_of(message.id)[0])
            if texts_of(message.id)[0] not in same_on_purpose:
                yield f"not translated: {named}"
        yield from _wrong_forms(message, forms)
    for text in sorted(unused):
        yield f"allowed to be the same, and is not: {text!r}"


def _wrong_forms(message: Message, forms: tuple[str, ...]) -> Iterator[str]:
    # The plural: a singular may be "one day".
    original, named = texts_of(message.id)[-1], repr(message.id)
    for form in forms:
        if parts_of(form) != parts_of(original):
            yield f"other placeholders or tags: {named}"
        if _edges(form) != _edges(original):
            yield f"other space at the edges: {named}"
        if _end(form) != _end(original):
            yield f"other last sign: {named}"


def _edges(text: str) -> tuple[str, str]:
    return text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]


def _end(text: str) -> str:
    last = text.rstrip()[-1:]
    last = _ENDS.get(last, last)
    return last if last in ".?:,;!…" else ""


def apart_from_sources(catalogue: Catalog, sources: Catalog) -> Iterator[str]:
    """Texts that only one of the two has."""
    here, there = ({key_of(one) for one in messages_of(each)} for each in (catalogue, sources))
    for _context, text in sorted(there - here, key=str):
        yield f"missing: {text!r}"
    for _context, text in sorted(here - there, key=str):
        yield f"not in the sources: {text!r}"


def apart_from_compiled(catalogue: Catalog, compiled: Catalog) -> Iterator[str]:
    """Where the compiled catalogue says anything else."""
    said, other = (
        {key_of(m): texts_of(m.string) for m in messages_of(c)} for c in (catalogue, compiled)
    )
    for key in sorted(said.keys() | other.keys(), key=str):
        if said.get(key) != other.get(key):
            yield f"compiled otherwise: {key[1]!r}"
    if catalogue.plural_forms != compiled.plural_forms:
        yield f"compiled with other plurals: {compiled.plural_forms}"


def changes_to_others(catalogue: Catalog, others: Mapping[str, frozenset[str]]) -> Iterator[str]:
    """Texts of Django's own that this catalogue would say in other words, all over the site.

    `others` has each of their texts without context, and how they translate it.
    """
    for message in messages_of(catalogue):
        text = texts_of(message.id)[0]
        if message.context is None and text in others:
            ours = texts_of(message.string)[0]
            if _plain(ours) not in {_plain(theirs) for theirs in others[text]}:
                yield f"{text!r} is {ours!r} here and {sorted(others[text])} in Django"


def _plain(text: str) -> str:
    # Some releases write the typographic apostrophe, some the other.
    return text.replace("’", "'")

"""The rules find what is wrong: each on a small made-up catalogue."""

from __future__ import annotations

import pytest
from babel.messages.pofile import PoFileError

from .catalogues import compiled, parsed, read_compiled, written
from .refresh import merged
from .rules import apart_from_compiled, apart_from_sources, changes_to_others, wrong_in

HEADER = 'msgid ""\nmsgstr ""\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
GOOD = 'msgid "One: %(name)s."\nmsgstr "Eins: %(name)s."\n'


def catalogue(*messages: str):
    return parsed((HEADER + "\n".join(messages)).encode(), "de")


def one(text: str, said: str, before: str = ""):
    return catalogue(f'{before}msgid "{text}"\nmsgstr "{said}"\n')


def two(singular: str, plural: str, *said: str):
    forms = "".join(f'msgstr[{n}] "{form}"\n' for n, form in enumerate(said))
    return catalogue(f'msgid "{singular}"\nmsgid_plural "{plural}"\n{forms}')


@pytest.mark.parametrize(
    "good",
    [
        one("One: %(name)s.", "Eins: %(name)s."),
        one("by {}", "durch {}"),
        one("<b>%(n)s</b> ends", "<b>%(n)s</b> endet"),
        one("Why?", "چرا؟"),
        one("Hello,\\n", "Hallo,\\n"),
        two("%(n)d day", "%(n)d days", "%(n)d Tag", "%(n)d Tage"),
        two("a day", "%(n)d days", "%(n)d Tag", "%(n)d Tage"),
    ],
)
def test_says_nothing_of_what_is_right(good):
    assert list(wrong_in(good, {})) == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (one("One", ""), "empty"),
        (one("One", "  "), "empty"),
        (two("day", "days", "Tag", ""), "empty"),
        (one("One", "Eins", "#, fuzzy\n"), "fuzzy"),
        (catalogue('#~ msgid "One"\n#~ msgstr "Eins"\n'), "obsolete"),
        (one("One", "One"), "not translated"),
        (two("day", "days", "day", "Tage"), "not translated"),
        (two("day", "days", "Tag", "days"), "not translated"),
        (two("day", "days", "Tag"), "empty"),
        (one("by %(name)s", "durch"), "placeholders"),
        (one("by %(name)s", "durch %(nam)s"), "placeholders"),
        (one("by %(name)s", "durch %(name)d"), "placeholders"),
        (one("by %(name)s", "%(name)s durch %(name)s"), "placeholders"),
        (one("by {}", "durch {0}"), "placeholders"),
        (one("by {most}", "durch"), "placeholders"),
        (one("<b>One</b>", "<b>Eins<b>"), "tags"),
        (one("<a href=x>One</a>", "Eins"), "tags"),
        (two("%(n)d day", "%(n)d days", "ein Tag", "%(n)d Tage"), "placeholders"),
        (two("%(n)d day", "%(n)d days", "%(n)d Tag", "Tage"), "placeholders"),
        (one("One", "Eins\\n"), "space"),
        (one("One\\n", "Eins"), "space"),
        (one(" One", "Eins"), "space"),
        (one("One.", "Eins"), "last sign"),
        (one("One", "Eins:"), "last sign"),
        (one("Why?", "Warum."), "last sign"),
    ],
)
def test_tells_what_is_wrong(wrong, said):
    told = list(wrong_in(wrong, {}))
    assert told
    assert said in told[0]


def test_more_forms_than_the_language_has_cannot_be_read():
    with pytest.raises(PoFileError):
        two("day", "days", "Tag", "Tage", "Tagen")


def test_what_is_the_same_on_purpose_is_named_and_nothing_else_is():
    assert list(wrong_in(one("Name", "Name"), {"Name": "the German word"})) == []
    assert "is not" in next(wrong_in(one("Name", "Titel"), {"Name": "the German word"}))
    assert "is not" in next(wrong_in(catalogue(), {"Name": "the German word"}))


@pytest.mark.parametrize(
    ("mine", "theirs", "said"),
    [
        (one("One", "Eins"), catalogue(), "not in the sources"),
        (catalogue(), one("One", "Eins"), "missing"),
        (one("One", "Eins"), one("One", "Eins", 'msgctxt "x"\n'), "missing"),
        (one("day", "Tag"), two("day", "days", "", ""), "missing"),
    ],
)
def test_tells_the_sources_apart(mine, theirs, said):
    assert said in next(apart_from_sources(mine, theirs))


@pytest.mark.parametrize(
    "other",
    [
        one("One", "Zwei"),
        one("Two", "Eins"),
        catalogue(),
        one("One", "Eins", 'msgctxt "x"\n'),
        parsed(written(one("One", "Eins")).replace(b"n != 1", b"n > 1"), "de"),
    ],
)
def test_tells_what_is_compiled_otherwise(other):
    mine = one("One", "Eins")
    assert list(apart_from_compiled(mine, read_compiled(compiled(mine)))) == []
    assert list(apart_from_compiled(mine, read_compiled(compiled(other))))


def test_tells_what_django_says_otherwise_unless_it_has_a_context():
    others = {"May": frozenset({"Mai"})}
    assert "May" in next(changes_to_others(one("May", "Darf"), others))
    assert list(changes_to_others(one("May", "Mai"), others)) == []
    assert list(changes_to_others(one("May", "Darf", 'msgctxt "scopes"\n'), others)) == []


class TestRefresh:
    def test_keeps_translations_adds_texts_and_takes_out_what_is_gone(self):
        old = catalogue(GOOD, 'msgid "Old"\nmsgstr "Alt"\n')
        texts = ("One: %(name)s.", "New")
        sources = catalogue(*(f'msgid "{text}"\nmsgstr ""\n' for text in texts))
        new, told = merged(old, sources)
        assert {message.id: message.string for message in new if message.id} == {
            "One: %(name)s.": "Eins: %(name)s.",
            "New": "",
        }
        assert told == ["  gone:       'Old' was 'Alt'", "  translate:  'New'"]

    def test_changes_nothing_where_nothing_has_changed(self):
        before = written(catalogue(GOOD))
        new, told = merged(parsed(before, "de"), catalogue(GOOD))
        assert (written(new), told) == (before, [])

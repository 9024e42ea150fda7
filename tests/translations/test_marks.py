"""No text that people see is without a mark."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.utils.functional import Promise

from .marks import unmarked_in_python, unmarked_in_template
from .sources import PACKAGE, TEMPLATES

# Commands, checks and the document of the API are English, like Django's own.
ENGLISH = {"checks", "management", "migrations", "openapi"}
# Named by the protocols they come from; their pages give them words of their own.
OF_PROTOCOLS = {
    "upstream_acr",
    "upstream_amr",
    "upstream_session_id",
    "provider_access_token_expires_at",
}
MODULES = [
    path
    for path in sorted(PACKAGE.rglob("*.py"))
    if not ENGLISH.intersection(path.relative_to(PACKAGE).parts)
]
FILES = [path for path in sorted(PACKAGE.rglob("*")) if path.suffix in TEMPLATES]


def test_no_template_has_texts_outside_its_marks():
    assert len(FILES) > 30
    found = {path.name: unmarked_in_template(path.read_text()) for path in FILES}
    assert {name: texts for name, texts in found.items() if texts} == {}


def test_no_module_shows_texts_without_a_mark():
    assert len(MODULES) > 150
    found = {path.name: list(unmarked_in_python(path.read_text())) for path in MODULES}
    assert {name: texts for name, texts in found.items() if texts} == {}


@pytest.mark.parametrize("label", ["sessions_hub", "sessions_hub_engine"])
def test_models_and_their_choices_have_names_in_every_language(label):
    unnamed = []
    for model in apps.get_app_config(label).get_models():
        for meta in (model._meta.verbose_name, model._meta.verbose_name_plural):
            unnamed += [] if isinstance(meta, Promise) else [str(meta)]
        for field in model._meta.fields:
            is_shown = field.editable and not (field.primary_key or field.name in OF_PROTOCOLS)
            if is_shown and not isinstance(field.verbose_name, Promise):
                unnamed.append(f"{model.__name__}.{field.name}")
            for _value, words in field.choices or ():
                unnamed += [] if isinstance(words, Promise) else [f"{field.name}: {words}"]
    assert unnamed == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("<p>Hello</p>", ["Hello"]),
        ("<p>{% translate 'Hello' %}</p>", []),
        ("{% blocktranslate trimmed %}Hello {{ name }}{% endblocktranslate %} there", ["there"]),
        (
            "{% blocktrans %}One{% endblocktrans %}Two{% blocktrans %}Three{% endblocktrans %}",
            ["Two"],
        ),
        ('<a title="Close" href="Close.html"></a>', ["Close"]),
        ("<a title=\"{% translate 'Close' %}\"></a>", []),
        ("{# Hello #}{% comment %}Hello{% endcomment %}<code>Bearer</code> · {{ name }}", []),
    ],
)
def test_finds_them_in_templates(source, found):
    assert unmarked_in_template(source) == found


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("Field(label='Name')", 1),
        ("Field(label=_('Name'), name='Name')", 0),
        ("Field(label=_('Name') if x else 'None')", 1),
        ("class A:\n    verbose_name = 'A thing'", 1),
        ("raise ValidationError({'user': ['There is none.']})", 1),
        ("raise ValidationError({'user': [_('There is none.')]})", 0),
        ("self.message_user(request, f'{n} done')", 1),
        ("self.message_user(request, ngettext('%d One', '%d Two', n) % n)", 0),
        ("f\"{_('One')} {two}\"", 1),
    ],
)
def test_finds_them_in_modules(source, count):
    assert len(list(unmarked_in_python(source))) == count

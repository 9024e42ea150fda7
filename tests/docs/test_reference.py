"""The pages of the reference name all there is, and nothing else."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import runpy
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.dispatch import Signal

from sessions_hub import signals
from sessions_hub.conf import NAMES, conf
from sessions_hub.lifecycle import digests
from sessions_hub.models.client import ClientColumns, PlaceColumns

from .pages import DOCUMENTS, ROOT, blocks_in, name_of

DOCS = ROOT / "docs"
SETTINGS = runpy.run_path(str(DOCS / "settings_page.py"))
CHECKS = runpy.run_path(str(DOCS / "checks_page.py"))


def text_of(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def sections(text: str, level: str) -> dict[str, str]:
    """Heading (without backticks) → what stands below it, up to the next one that high."""
    found = re.split(rf"^{level} `?([^`\n]+)`?\n", text, flags=re.MULTILINE)
    return {
        title: re.split(rf"^#{{1,{len(level)}}} ", body, flags=re.MULTILINE)[0]
        for title, body in zip(found[1::2], found[2::2], strict=True)
    }


@pytest.mark.parametrize(("page", "made"), [("settings", SETTINGS), ("checks", CHECKS)])
def test_a_page_that_is_made_is_current(page: str, made: dict[str, Callable[[], str]]) -> None:
    current = text_of(f"{page}.md") == made["page"]()
    assert current, f"Run: python docs/{page}_page.py"


class TestSettings:
    def test_every_setting_is_listed_and_no_other(self) -> None:
        assert sorted(sections(text_of("settings.md"), "###")) == sorted(NAMES)

    @pytest.mark.parametrize("name", sorted(NAMES))
    def test_the_default_is_right(self, name: str, settings: Any) -> None:
        for given in (name, "GEOIP_PATH", "GEOIP_CITY", "GEOIP_COUNTRY"):
            if hasattr(settings, given):
                delattr(settings, given)
        body = sections(text_of("settings.md"), "###")[name]
        default = re.search(r"Default: (.+) · Type: `(.+)`", body)
        assert default is not None
        written = re.findall(r"`([^`]+)`", default[1])[-1]
        assert eval(written, {"timedelta": timedelta}) == getattr(conf, name)

    @pytest.mark.parametrize("kind", ["PATH", "CITY", "COUNTRY"])
    def test_the_fallback_to_django_is_named(self, kind: str, settings: Any) -> None:
        setattr(settings, f"GEOIP_{kind}", "elsewhere")
        name = f"SESSIONS_HUB_GEOIP_{kind}"
        assert getattr(conf, name) == "elsewhere"
        assert f"`GEOIP_{kind}` of Django" in sections(text_of("settings.md"), "###")[name]


class TestChecks:
    def test_every_id_is_listed(self) -> None:
        code = "".join(path.read_text() for path in (ROOT / "sessions_hub/checks").glob("*.py"))
        used = set(re.findall(r'"(?:sessions_hub\.)?([EWI]\d{3})"', code))
        listed = re.findall(r"^\| `([EWI]\d{3})` \|", text_of("checks.md"), re.MULTILINE)
        assert len(used) > 90
        assert sorted(listed) == sorted(used)


class TestPublicNames:
    MODULES = sections(text_of("public-api.md"), "###")

    @pytest.mark.parametrize("name", MODULES)
    def test_the_list_is_what_the_module_has(self, name: str) -> None:
        body = self.MODULES[name]
        module = importlib.import_module(name)
        # The sentence about the module, then the names.
        listed = re.findall(r"`(\w+)`", body.partition("\n\n")[2].partition("```")[0])
        assert listed == sorted(module.__all__)
        described = f".. automodule:: {name}\n   :members:" in body
        assert described or name in {"sessions_hub.models", "sessions_hub.signals"}

    @pytest.mark.parametrize("name", MODULES)
    def test_every_name_is_described_and_typed(self, name: str) -> None:
        module = importlib.import_module(name)
        for public in module.__all__:
            thing = getattr(module, public)
            if inspect.isclass(thing) or inspect.isroutine(thing):
                assert inspect.getdoc(thing), public
            if inspect.isfunction(thing) and thing.__module__ == module.__name__:
                told = inspect.signature(thing)
                assert told.return_annotation is not inspect.Signature.empty, public
                assert all(
                    one.annotation is not inspect.Parameter.empty
                    for one in told.parameters.values()
                ), public

    def test_what_pages_import_is_public(self) -> None:
        imported = set(imports())
        assert len(imported) > 30
        unlisted = {
            f"{module}.{name}"
            for module, name in imported
            if name not in getattr(importlib.import_module(module), "__all__", ())
            or module not in self.MODULES
        }
        assert unlisted == set()


def imports() -> Iterator[tuple[str, str]]:
    """What the Python blocks of all pages import from the hub."""
    for path in DOCUMENTS:
        for block in blocks_in(path.read_text(encoding="utf-8")):
            if block.language != "python":
                continue
            for node in ast.walk(ast.parse(block.text, name_of(path))):
                if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
                    "sessions_hub"
                ):
                    yield from ((str(node.module), alias.name) for alias in node.names)


def test_every_signal_is_listed_with_its_arguments() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", text_of("signals.md"), re.MULTILINE))
    sent = {name for name, value in vars(signals).items() if isinstance(value, Signal)}
    assert set(rows) == sent == set(signals.__all__)
    comments = (ROOT / "sessions_hub/signals.py").read_text()
    for name in sent:
        comment = re.search(rf"((?:# .*\n)+){name} = Signal", comments)
        assert comment is not None, name
        said = comment[1].replace("\n# ", " ").partition("Arguments: sender")[2]
        said = re.sub(r"\([^()]*(?:\([^()]*\)[^()]*)*\)", "", said).partition(".")[0]
        arguments = [one.strip() for one in said.split(",") if one.strip()]
        assert arguments
        assert all(f"`{one}`" in rows[name] for one in arguments), (name, arguments)


def test_every_purpose_of_a_digest_and_every_key_is_in_the_inventory() -> None:
    text = text_of("cryptography.md")
    purposes = {value for name, value in vars(digests).items() if name.isupper() and name[0] != "_"}
    assert len(purposes) >= 5
    assert all(f"purpose `{purpose}`" in text for purpose in purposes)
    rings = [name for name in NAMES if name.endswith("_KEYS") and getattr(conf, name) == ()]
    assert len(rings) >= 3
    assert all(name in text for name in rings)


def test_every_column_is_in_the_data_model() -> None:
    tables = sections(text_of("data-model.md"), "##")
    shared = {
        "Client columns": {field.name for field in ClientColumns._meta.local_fields},
        "Place columns": {field.name for field in PlaceColumns._meta.local_fields},
    }
    for title, columns in shared.items():
        assert set(re.findall(r"`([a-z_]+)`", tables[title])) == columns
    models = list(apps.get_app_config("sessions_hub").get_models())
    assert {model.__name__ for model in models} < set(tables)
    for model in models:
        rows = re.findall(r"^\| (`.+?`) \|", tables[model.__name__], re.MULTILINE)
        listed = [name for row in rows for name in re.findall(r"`([a-z_]+)`", row)]
        own = {field.name for field in (*model._meta.fields, *model._meta.many_to_many)}
        own -= shared["Client columns"] if issubclass(model, ClientColumns) else set()
        own -= shared["Place columns"] if issubclass(model, PlaceColumns) else set()
        assert sorted(listed) == sorted(own), model.__name__

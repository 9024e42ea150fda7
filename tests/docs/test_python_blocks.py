"""Every block of Python on the pages is Python, and its settings are settings."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from datetime import timedelta
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings

from sessions_hub import checks
from sessions_hub.conf import NAMES

from .pages import DOCUMENTS, Block, blocks_in, name_of

# The made-up sites of the pages: what they would have to import is theirs.
MADE_UP = {"acme", "example", "shop"}
# Their values lie in files and an environment that only the readers' sites have.
ELSEWHERE = {
    "SESSIONS_HUB_BASE_TEMPLATE",
    "SESSIONS_HUB_ENCRYPTION_KEYS",
    "SESSIONS_HUB_JWT_KEYS",
}
NO_CACHE = {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}
# All that look at settings; tables are another matter.
CHECKS = [
    getattr(checks, name)
    for name in checks.__all__
    if name.startswith("check_") and name != "check_tables"
]
BLOCKS = [
    pytest.param(block, id=f"{name_of(path)}:{block.line}")
    for path in DOCUMENTS
    for block in blocks_in(path.read_text(encoding="utf-8"))
    if block.language == "python"
]


def compiled(block: Block) -> ast.Module:
    flags = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    return compile(block.text, f"line {block.line}", "exec", flags)


def assignments(block: Block) -> Iterator[tuple[str, ast.expr]]:
    """The hub's settings a block assigns."""
    for node in compiled(block).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            if name.startswith("SESSIONS_HUB_"):
                yield name, node.value


SETTINGS = [
    pytest.param(name, value, id=f"{block.id}-{name}")
    for block in BLOCKS
    for name, value in assignments(block.values[0])
    if name not in ELSEWHERE
]


class MadeUpSites(MetaPathFinder, Loader):
    """Modules of the made-up sites, in which everything is a function or a backend."""

    def find_spec(self, name: str, path: Any, target: Any = None) -> ModuleSpec | None:
        is_one = name.partition(".")[0] in MADE_UP
        return ModuleSpec(name, self, is_package=True) if is_one else None

    def exec_module(self, module: ModuleType) -> None:
        from sessions_hub.understanding.backends.user_agents import UserAgentsBackend

        def found(name: str) -> Any:
            return UserAgentsBackend if name.endswith("Backend") else lambda *given: None

        vars(module)["__getattr__"] = found


@pytest.fixture
def made_up_sites() -> Iterator[None]:
    finder = MadeUpSites()
    sys.meta_path.insert(0, finder)
    yield
    sys.meta_path.remove(finder)
    for name in [name for name in sys.modules if name.partition(".")[0] in MADE_UP]:
        del sys.modules[name]


@pytest.mark.parametrize("block", BLOCKS)
def test_it_compiles(block: Block) -> None:
    assert compiled(block).body


@pytest.mark.parametrize(("name", "value"), SETTINGS)
@pytest.mark.usefixtures("made_up_sites")
def test_its_settings_have_the_right_names_and_values(name: str, value: ast.expr) -> None:
    assert name in NAMES
    given = eval(compile(ast.Expression(value), name, "eval"), {"timedelta": timedelta})
    # The cache that a page speaks of.
    with override_settings(**{name: given}, CACHES={**settings.CACHES, "verdicts": NO_CACHE}):
        messages = [message.msg for check in CHECKS for message in check()]
    assert [said for said in messages if f"{name} must be" in said] == []


def test_there_are_many() -> None:
    assert len(BLOCKS) > 80
    assert len({param.values[0] for param in SETTINGS}) > 25


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("SESSIONS_HUB_ENFORCE = 'yes'", AssertionError),
        ("SESSIONS_HUB_ENFROCE = False", AssertionError),
        ("SESSIONS_HUB_ENFORCE = …", SyntaxError),
    ],
)
def test_a_wrong_one_is_found(text: str, wrong: type[Exception], tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"```python\n{text}\n```\n")
    (block,) = blocks_in(page.read_text())
    with pytest.raises(wrong):
        [test_its_settings_have_the_right_names_and_values(*one) for one in assignments(block)]

"""A process that a test has started may be slow: all have one limit, and pytest gives more."""

from __future__ import annotations

import ast
import re

import pytest

from tests.child_runs import CHILD_LIMIT, ROOT

# Those of the benchmarks end what they have measured, and are no tests.
FILES = [path for path in sorted((ROOT / "tests").rglob("*.py")) if "benchmarks" not in path.parts]


def test_pytest_leaves_a_test_more_than_a_process(pytestconfig: pytest.Config) -> None:
    assert float(pytestconfig.getini("timeout")) > CHILD_LIMIT
    for path in FILES:
        for seconds in re.findall(r"mark\.timeout\((\d+)", path.read_text(encoding="utf-8")):
            assert int(seconds) > CHILD_LIMIT, path


def test_no_process_has_a_limit_of_its_own() -> None:
    assert [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path in FILES
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and is_limited(call)
    ] == []


def is_limited(call: ast.Call) -> bool:
    """Whether it runs or awaits a process, with a number as its limit."""
    if not (isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name)):
        return False
    match call.func.value.id, call.func.attr:
        case "subprocess", _:
            limits = [one.value for one in call.keywords if one.arg == "timeout"]
        case "process", "wait" | "communicate":
            limits = [*call.args, *(one.value for one in call.keywords)]
        case _:
            return False
    return any(isinstance(one, ast.Constant) and isinstance(one.value, int) for one in limits)

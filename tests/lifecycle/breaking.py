"""Functions of the hub that raise, whoever holds a reference to them."""

from __future__ import annotations

import inspect
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from types import CodeType, FunctionType
from typing import Any

from .sweep import HUB, hub_functions

# Who had called a broken function, once per call: `module.function`, the innermost first.
calls: list[list[str]] = []


class Broken(RuntimeError):
    """No fault of a database: a bug."""


def _raise(*args: Any, **kwargs: Any) -> None:
    # Runs with the globals of the function it stands in for.
    from tests.lifecycle.breaking import broken

    broken()


def _raise_in_generator(*args: Any, **kwargs: Any) -> Iterator[None]:
    from tests.lifecycle.breaking import broken

    broken()
    yield


async def _raise_in_coroutine(*args: Any, **kwargs: Any) -> None:
    from tests.lifecycle.breaking import broken

    broken()


def _stand_in(function: FunctionType) -> CodeType:
    """Code of the function's own kind: Python takes no other."""
    if inspect.isgeneratorfunction(function):
        return _raise_in_generator.__code__
    if inspect.iscoroutinefunction(function):
        return _raise_in_coroutine.__code__
    return _raise.__code__


def broken() -> None:
    calls.append(hub_functions())
    raise Broken("broken by the test")


def functions() -> dict[CodeType, FunctionType]:
    """Every function and method written in the hub's modules loaded so far, by its code."""
    found: dict[CodeType, FunctionType] = {}
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == "sessions_hub" and module is not None:
            for value in list(vars(module).values()):
                _collect(value, found)
                if inspect.isclass(value) and value.__module__ == name:
                    for member in vars(value).values():
                        _collect(member, found)
    return found


def _collect(value: Any, found: dict[CodeType, FunctionType]) -> None:
    match value:
        case property(fget=function) | cached_property(func=function):
            value = function
        case classmethod() | staticmethod():
            value = value.__func__
    if not callable(value) or inspect.isclass(value):
        return
    # Through caches and context managers.
    value = inspect.unwrap(value)
    if isinstance(value, FunctionType) and value.__code__.co_filename.startswith(HUB):
        found[value.__code__] = value


def name_of(function: FunctionType) -> str:
    return f"{function.__module__}.{function.__qualname__}"


def called_by(work: Callable[[], object]) -> list[FunctionType]:
    """The hub's functions that `work` calls, in the order of their first calls."""
    seen: dict[CodeType, None] = {}

    def note(frame: Any, event: str, argument: Any) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(HUB):
            seen.setdefault(frame.f_code)

    # Coroutines run in a thread that each call starts.
    threading.setprofile(note)
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
        threading.setprofile(None)  # type: ignore[arg-type]
    known = functions()
    return [known[code] for code in seen if code in known]


@contextmanager
def breaking(function: FunctionType) -> Iterator[list[list[str]]]:
    """Make a function raise wherever it is called; yields who called it."""
    calls.clear()
    code = function.__code__
    function.__code__ = _stand_in(function)
    try:
        yield calls
    finally:
        function.__code__ = code

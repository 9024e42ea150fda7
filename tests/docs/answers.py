"""Comparing the answer that a page shows with the one that came.

A page shows `…` for what varies or is left out, and nothing else may differ:

    "…", "0197…"            any text, any text that begins so
    "id": …                 any value
    {"id": "…", …}          further members, here and nowhere else
    ["a", …]                further elements
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

_ANY = "\ue000"
_REST = "\ue001"
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}:,]|…|[^\s"\[\]{}:,…]+')


def parsed(shown: str) -> Any:
    """JSON with ellipses as values. Raises ValueError for what is neither."""
    written: list[str] = []
    open_brackets: list[str] = []
    for token in _TOKEN.findall(shown):
        if token in "[{":
            open_brackets.append(token)
        elif token in "]}":
            open_brackets.pop()
        elif token == "…" and written[-1:] == [":"]:
            token = json.dumps(_ANY)
        elif token == "…":
            token = json.dumps(_REST) + (": 0" if open_brackets[-1:] == ["{"] else "")
        written.append(token)
    return json.loads("".join(written))


def differences(shown: Any, real: Any, where: str = "") -> Iterator[str]:
    """What is not as it is shown, one line each."""
    if shown == _ANY:
        return
    if isinstance(shown, dict) and isinstance(real, dict):
        yield from (f"{where}.{key} is not there" for key in shown.keys() - real.keys() - {_REST})
        if _REST not in shown:
            yield from (f"{where}.{key} is not shown" for key in real.keys() - shown.keys())
        for key in shown.keys() & real.keys():
            yield from differences(shown[key], real[key], f"{where}.{key}")
    elif isinstance(shown, list) and isinstance(real, list):
        wanted = [one for one in shown if one != _REST]
        if len(real) < len(wanted) or (len(real) > len(wanted) and wanted == shown):
            yield f"{where} has {len(real)} elements"
        for at, pair in enumerate(zip(wanted, real, strict=False)):
            yield from differences(*pair, f"{where}[{at}]")
    elif isinstance(shown, str) and isinstance(real, str):
        if not _fits(shown, real):
            yield f"{where} is {real!r}, not {shown!r}"
    elif (type(shown), shown) != (type(real), real):
        yield f"{where} is {real!r}, not {shown!r}"


def unlike(shown: str, real: str) -> list[str]:
    """What differs between two whole answers: with status line and headers, or only the body.

    Of headers only those that are shown are compared.
    """
    found: list[str] = []
    if shown.startswith("HTTP/"):
        head, _blank, shown = shown.partition("\n\n")
        real_head, _blank, real = real.replace("\r\n", "\n").partition("\n\n")
        real_lines = real_head.splitlines()
        for line in head.splitlines():
            if not any(_fits(line, other) for other in real_lines):
                found.append(f"no line {line!r} among {real_lines}")
    if not shown.strip() or not real.strip():
        return found if shown.strip() == real.strip() else [*found, f"shown {shown!r}: {real!r}"]
    return [*found, *differences(parsed(shown), json.loads(real))]


def status_shown(shown: str) -> int | None:
    """The status of an answer as its status line or its problem details say it."""
    match = re.match(r"HTTP/\S+ (\d{3})", shown) or re.search(r'"status": (\d{3})', shown)
    return int(match[1]) if match else None


def _fits(shown: str, real: str) -> bool:
    return re.fullmatch(".+".join(map(re.escape, shown.split("…"))), real, re.DOTALL) is not None

"""The hops named by `Forwarded` (RFC 7239) and `X-Forwarded-For`, nearest first.

Both lists grow on the right, so they are read from there: what the client made up
stands on the left and can never change how a proxy's own entry is read.
"""

from __future__ import annotations

import re

MAX_HOPS = 64
_MAX_ELEMENT = 1024
# Servers let headers of megabytes through; nothing further left can matter.
_MAX_TEXT = MAX_HOPS * (_MAX_ELEMENT + 1)

_ESCAPED = re.compile(r"\\.", re.DOTALL)
_PARAMETER = re.compile(
    r"\s*(?P<name>[A-Za-z0-9!#$%&'*+.^_`|~-]+)="
    r'(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<token>[^\s;,"]*))\s*(?:;|\Z)',
    re.DOTALL,
)


def list_hops(text: str) -> list[str]:
    """The elements of a comma-separated list, the last `MAX_HOPS` at most."""
    return [piece for piece in map(str.strip, _pieces(text)) if piece]


def forwarded_hops(text: str) -> list[str]:
    """The `for=` value of each element; `""` where an element is unreadable."""
    hops: list[str] = []
    pending = ""
    for piece in _pieces(text):
        # A comma inside quotes: put the pieces of that element together again.
        element = f"{piece},{pending}" if pending else piece
        if len(element) > _MAX_ELEMENT:
            return [*hops, ""]
        if _ESCAPED.sub("", element).count('"') % 2:
            pending = element
            continue
        pending = ""
        if element.strip():
            hops.append(_for_value(element.strip()))
    return [*hops, ""] if pending else hops


def _pieces(text: str) -> list[str]:
    pieces = text[-_MAX_TEXT:].rsplit(",", MAX_HOPS)
    if len(pieces) > MAX_HOPS or len(text) > _MAX_TEXT:
        # Not a whole element.
        del pieces[0]
    pieces.reverse()
    return pieces


def _for_value(element: str) -> str:
    value: str | None = None
    position = 0
    while position < len(element):
        if element[position] in "; \t":
            # Parameters may be empty (RFC 7239 §4).
            position += 1
            continue
        match = _PARAMETER.match(element, position)
        if match is None:
            return ""
        if match["name"].lower() == "for":
            if value is not None:
                return ""
            quoted = match["quoted"]
            value = match["token"] if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
        position = match.end()
    return value or ""

"""Whether to colour, and what: on a terminal, unless somebody says otherwise."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.termcolors import make_style

from sessions_hub.models import Status

from .tables import Paint

_HEADER: Callable[[str], str] = make_style(opts=("bold",))
_STATUS: Mapping[str, Callable[[str], str]] = {
    Status.ACTIVE.value: make_style(fg="green"),
    Status.EXPIRED.value: make_style(fg="yellow"),
    Status.REVOKED.value: make_style(fg="red"),
}


def session_paint(out: Any, options: Mapping[str, Any]) -> Paint | None:
    """How to colour a table of sessions that is printed to `out`; None for not at all.

    --no-color and --force-color decide; else NO_COLOR (https://no-color.org) or a terminal
    that cannot, and never where there is no terminal.
    """
    return _paint if _wants_colour(out, options) else None


def _wants_colour(out: Any, options: Mapping[str, Any]) -> bool:
    if options.get("no_color"):
        return False
    if options.get("force_color"):
        return True
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    isatty = getattr(out, "isatty", None)
    return bool(isatty is not None and isatty())


def _paint(header: str, text: str, shown: str) -> str:
    if not header:
        return _HEADER(shown)
    # "revoked (signed_out)": the first word is the status.
    style = _STATUS.get(text.partition(" ")[0]) if header == "status" else None
    return style(shown) if style is not None else shown

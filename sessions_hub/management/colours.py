"""Whether to colour, and what: on a terminal, unless somebody says otherwise."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.termcolors import make_style

from sessions_hub.models import Status

Paint = Callable[[str], str]


def wants_colour(out: Any, options: Mapping[str, Any]) -> bool:
    """Whether what is printed to `out` is coloured.

    --no-color and --force-color decide; else NO_COLOR (https://no-color.org) or a terminal
    that cannot, and never where there is no terminal.
    """
    if options.get("no_color"):
        return False
    if options.get("force_color"):
        return True
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    isatty = getattr(out, "isatty", None)
    return bool(isatty is not None and isatty())


HEADER: Paint = make_style(opts=("bold",))
STATUS: Mapping[str, Paint] = {
    Status.ACTIVE.value: make_style(fg="green"),
    Status.EXPIRED.value: make_style(fg="yellow"),
    Status.REVOKED.value: make_style(fg="red"),
}

"""What the pages are put into."""

from __future__ import annotations

from typing import Any

from sessions_hub.conf import conf


def in_base() -> dict[str, Any]:
    """The context that puts a page into the site's own base template."""
    return {"base_template": conf.SESSIONS_HUB_BASE_TEMPLATE}

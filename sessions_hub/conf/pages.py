"""Settings of the pages for users. The comments are their documentation."""

from __future__ import annotations

from .reading import read

DEFAULT_BASE = "sessions_hub/account/base.html"


class PageSettings:
    """Settings of the pages for users."""

    @property
    def SESSIONS_HUB_BASE_TEMPLATE(self) -> str:
        # The template the pages for users extend: the site's own, or one of a few lines
        # in front of it. It needs the blocks `title`, `head` and `content`.
        return read("SESSIONS_HUB_BASE_TEMPLATE", DEFAULT_BASE)

    @property
    def SESSIONS_HUB_ACCOUNT_API_KEYS(self) -> bool:
        # Whether users may make API keys on the pages. False: they can only see and
        # revoke those there are. The API has its own rules.
        return read("SESSIONS_HUB_ACCOUNT_API_KEYS", True)

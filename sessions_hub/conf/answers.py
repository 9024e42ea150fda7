"""Settings of what the HTTP API answers. The comments are their documentation."""

from __future__ import annotations

from .reading import read


class AnswerSettings:
    """Settings of what the HTTP API answers."""

    @property
    def SESSIONS_HUB_USER_SERIALIZER(self) -> str | None:
        # Dotted path of a function `user -> dict` whose dict stands for `user` in the
        # answers of the API. Where it fails, users are shown by id and name. None: so
        # they are always.
        return read("SESSIONS_HUB_USER_SERIALIZER", None)

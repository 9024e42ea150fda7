"""Text that is compared letter by letter on every database. Pure."""

from __future__ import annotations

from django.db.models import Q


def exactly(column: str, text: str) -> Q:
    """The rows whose column holds this very text.

    MariaDB's collations take "acme", "ACME" and "acme " for equal, and would make one of
    several tenants: its LIKE of bytes tells them apart.
    """
    return Q(**{column: text, f"{column}__endswith": text})

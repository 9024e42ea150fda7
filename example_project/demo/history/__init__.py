"""Eight weeks of sign-ins that never happened, for looking at the pages with numbers.

The people are called demo-user-001 and so on, and nobody can sign in as one of them. Their
addresses are the documentation's, and each session says in its metadata that it is made up.
"""

from __future__ import annotations

from .fill import SESSIONS, Filled, fill

__all__ = ["SESSIONS", "Filled", "fill"]

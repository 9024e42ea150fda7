"""What goes wrong in a demo."""

from __future__ import annotations


class DemoError(Exception):
    """Something did not come out as the demo promises; its text is for people."""

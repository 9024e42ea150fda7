"""Operating systems as people call them; columns keep the names of Matomo."""

from __future__ import annotations

# Only those that go by another name. No filter, code or rule compares these.
_SAID = {"Chrome OS": "ChromeOS", "Chromium OS": "ChromiumOS", "Mac": "macOS"}
# Their versions are builds ("16433.41.0"), which nobody knows theirs by.
_WITHOUT_VERSION = frozenset({"Chrome OS", "Chromium OS"})


def system_name(name: str) -> str:
    """What people call the system that is stored as `name`: "macOS" for "Mac"."""
    return _SAID.get(name, name)


def system_label(name: str, version: str) -> str:
    """The system with the version people know: "Windows 11", "macOS 26", "ChromeOS"."""
    if not name or name in _WITHOUT_VERSION:
        return system_name(name)
    while version.endswith(".0"):
        version = version.removesuffix(".0")
    return f"{system_name(name)} {version}".strip()

"""Facts as the columns can take them, whatever a backend filled in."""

from __future__ import annotations

from dataclasses import replace

from .facts import ClientFacts

# The columns' sizes.
SIZES = {
    "os_code": 16,
    "os_name": 64,
    "os_version": 32,
    "client_type": 32,
    "client_code": 16,
    "client_name": 64,
    "client_version": 32,
    "client_engine": 32,
    "client_engine_version": 32,
    "device_type": 32,
    "device_brand": 64,
    "device_model": 64,
}


def fit(facts: ClientFacts) -> ClientFacts:
    """`facts` with text in every column, cut to its size and printable."""
    cut: dict[str, str] = {}
    for name, size in SIZES.items():
        value = getattr(facts, name)
        if not isinstance(value, str):
            cut[name] = ""
        elif len(value) > size or not value.isprintable():
            printable = "".join(character for character in value if character.isprintable())
            cut[name] = printable[:size].rstrip()
    # A backend of somebody else's may fill in what it likes.
    is_bot = bool(facts.is_bot)
    return replace(facts, is_bot=is_bot, **cut) if cut or is_bot is not facts.is_bot else facts

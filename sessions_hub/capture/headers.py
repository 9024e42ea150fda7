"""Header text made safe to parse, store and show."""

from __future__ import annotations

MAX_LENGTH = 512


def clean(value: object, limit: int = MAX_LENGTH) -> str:
    """`value` as at most `limit` printable characters; `""` when it is no text.

    WSGI and ASGI hand header bytes over as latin-1 (PEP 3333); UTF-8 is restored,
    broken bytes become U+FFFD. White space becomes a space; NUL, control and
    format characters and lone surrogates are dropped. Never raises.
    """
    if not isinstance(value, str):
        if not isinstance(value, bytes | bytearray):
            return ""
        value = bytes(value[: 4 * limit]).decode("latin-1")
    # A character is at most 4 bytes: nothing that could be kept is lost, and a
    # header of megabytes costs no more than a short one.
    text = value[: 4 * limit]
    if not text.isascii():
        text = _restore_utf8(text)
    if not text.isprintable():
        text = "".join(_printable(character) for character in text)
    return text.strip()[:limit].rstrip()


def _restore_utf8(text: str) -> str:
    try:
        return text.encode("latin-1").decode("utf-8", "replace")
    except UnicodeEncodeError:
        # Characters above U+00FF: not made by a server, so decoded already.
        return text


def _printable(character: str) -> str:
    if character.isprintable():
        return character
    return " " if character.isspace() else ""

"""Header text made safe to parse, store and show."""

from __future__ import annotations

MAX_LENGTH = 512

# White space but the space itself.
_SPACES = (
    "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005"
    "\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)


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
        # Two passes in C: one in Python takes three times as long, on thirteen headers.
        for space in _SPACES:
            text = text.replace(space, " ")
        text = "".join(filter(str.isprintable, text))
    return text.strip()[:limit].rstrip()


def _restore_utf8(text: str) -> str:
    try:
        return text.encode("latin-1").decode("utf-8", "replace")
    except UnicodeEncodeError:
        # Characters above U+00FF: not made by a server, so decoded already.
        return text

"""Rows as people, programs and spreadsheets read them."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from textwrap import indent
from typing import Any, NamedTuple, Protocol
from unicodedata import east_asian_width, normalize

from django.db.models import Prefetch
from django.utils import timezone

from sessions_hub.models import AuthenticationMethod, Session, SessionQuerySet

SESSION_HEADERS = (
    "user",
    "type",
    "device",
    "OS",
    "client",
    "country",
    "method",
    "level",
    "last used",
    "status",
)
_GAP = "  "
_NARROWEST = 4
# What makes a spreadsheet compute a cell (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@")


# Header (empty in the header itself), text, and the text as it is laid out → that, coloured.
Paint = Callable[[str, str, str], str]


class Out(Protocol):
    """What is printed to: a command's `self.stdout`, `sys.stdout`, a StringIO."""

    def write(self, text: str, /) -> Any: ...


def with_proofs(sessions: SessionQuerySet) -> SessionQuerySet:
    """Sessions with what a row reads: two queries, however many rows."""
    proofs = AuthenticationMethod.objects.using(sessions.db).filter(revoked_at__isnull=True)
    proofs = proofs.order_by("completed_at", "pk")
    return sessions.select_related("user").prefetch_related(
        Prefetch("authentication_methods", queryset=proofs)
    )


class SessionRecord(NamedTuple):
    """A session as named texts; times in UTC, unknown ones empty."""

    id: str
    user: str
    session_type: str
    device: str
    os: str
    client: str
    address: str
    country_code: str
    method: str
    assurance_level: str
    issued_at: str
    last_used_at: str
    expires_at: str
    status: str
    ended_at: str
    end_reason: str


def session_record(session: Session, now: datetime) -> SessionRecord:
    """The record of a session as it is at `now`."""
    end = session.how_ended(now)
    proofs = dict.fromkeys(proof.method for proof in session.authentication_methods.all())
    return SessionRecord(
        id=str(session.pk),
        user=session.user.get_username() if session.user is not None else "",
        session_type=session.session_type,
        device=_device(session),
        os=_joined(session.os_name, session.os_version),
        client=_joined(session.client_name, session.client_version),
        address=session.ip or "",
        country_code=session.country_code,
        method="+".join(proofs),
        assurance_level=f"aal{session.assurance_level}",
        issued_at=_utc(session.issued_at),
        last_used_at=_utc(session.last_used_at),
        expires_at=_utc(session.expires_at),
        status=session.status(now).value,
        ended_at=_utc(end.at) if end is not None else "",
        end_reason=end.reason.value if end is not None else "",
    )


def session_rows(sessions: Iterable[Session], now: datetime) -> list[tuple[str, ...]]:
    """A row of texts per session, under SESSION_HEADERS; times are local.

    Takes any sessions; `with_proofs()` keeps the queries constant.
    """
    return [_row(session_record(session, now), session) for session in sessions]


def print_table(
    stdout: Out,
    headers: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    width: int | None = None,
    paint: Paint | None = None,
) -> None:
    """Aligned columns, cut to `width`; by default to a terminal's, and not at all elsewhere.

    `paint` colours a cell that is laid out, by its header and its text; None leaves all plain.
    """
    table = [[printable(cell) for cell in row] for row in (headers, *rows)]
    widths = [max(map(display_width, column)) for column in zip(*table, strict=True)]
    limit = width if width is not None else _terminal_width(stdout)
    if limit is not None:
        _shrink(widths, limit - len(_GAP) * (len(widths) - 1))
    for number, line in enumerate([table[0], ["-" * size for size in widths], *table[1:]]):
        cells = [_fit(cell, size) for cell, size in zip(line, widths, strict=True)]
        cells[-1] = cells[-1].rstrip()
        if paint is not None and number != 1:
            of = headers if number else [""] * len(headers)
            cells = [paint(*one) for one in zip(of, line, cells, strict=True)]
        stdout.write(_GAP.join(cells).rstrip() + "\n")


def print_json(stdout: Out, records: Iterable[Mapping[str, Any]]) -> None:
    """A JSON array of objects, in ASCII, each written as soon as it is there."""
    before = ""
    for record in records:
        stdout.write(f"{before},\n" if before else "[\n")
        before = indent(json.dumps(record, indent=2), "  ")
    stdout.write(f"{before}\n]\n" if before else "[]\n")


def print_csv(stdout: Out, headers: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """CSV with a header line that no spreadsheet computes with."""
    writer = csv.writer(stdout, lineterminator="\n")
    writer.writerow(headers)
    writer.writerows([harmless(cell) for cell in row] for row in rows)


def printable(text: str) -> str:
    """Text without what could drive a terminal or turn a line around."""
    return "".join(c if c.isprintable() else "�" for c in text)


def harmless(text: str) -> str:
    """Text that a spreadsheet takes as text."""
    clean = printable(text)
    # NFKC: the full-width signs compute as well.
    start = normalize("NFKC", clean[:50]).lstrip(" �'")
    return f"'{clean}" if start.startswith(_FORMULA) else clean


def display_width(text: str) -> int:
    """How many columns a terminal needs for the text."""
    return sum(2 if east_asian_width(c) in "WF" else 1 for c in text)


def _row(record: SessionRecord, session: Session) -> tuple[str, ...]:
    reason = f" ({record.end_reason})" if record.status == "revoked" and record.end_reason else ""
    return (
        record.user or "-",
        record.session_type,
        record.device or "-",
        session.os_label or "-",
        record.client or "-",
        record.country_code or "-",
        record.method or "-",
        record.assurance_level,
        timezone.localtime(session.last_used_at).strftime("%Y-%m-%d %H:%M"),
        record.status + reason,
    )


def _device(session: Session) -> str:
    # A brand alone ("Apple") tells less than what kind of device it is.
    if session.device_model:
        return _joined(session.device_brand, session.device_model)
    return _joined(session.device_brand if session.device_type else "", session.device_type)


def _joined(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"


def _terminal_width(stdout: Out) -> int | None:
    isatty = getattr(stdout, "isatty", None)
    return shutil.get_terminal_size().columns if isatty is not None and isatty() else None


def _shrink(widths: list[int], limit: int) -> None:
    """Take from the widest column until they fit."""
    while sum(widths) > limit and max(widths) > _NARROWEST:
        widths[widths.index(max(widths))] -= 1


def _fit(text: str, size: int) -> str:
    if (width := display_width(text)) <= size:
        return text + " " * (size - width)
    while display_width(text) > size - 1:
        text = text[:-1]
    return text + "…" + " " * (size - 1 - display_width(text))

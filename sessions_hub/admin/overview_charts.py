"""The charts of the overview: its numbers in words, drawn, and as rows of a table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sessions_hub.models import EndReason, Method
from sessions_hub.reporting import Breakdown, DayCount, Outcome, Overview
from sessions_hub.understanding.countries import country_name
from sessions_hub.understanding.families import device_kind

from . import show, svg, world_map

OUTCOMES = {
    Outcome.OPEN: gettext_lazy("Still open"),
    Outcome.SIGNED_OUT: gettext_lazy("Signed out"),
    Outcome.EXPIRED: gettext_lazy("Expired"),
    Outcome.ENDED: gettext_lazy("Ended otherwise"),
}
# The full-width ones too: some spreadsheets take them for the others.
_FORMULA = frozenset("=+-@\uff1d\uff0b\uff0d\uff20")
Words = Callable[[str], str]
_BARS = 10


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart. `rows` are the numbers drawn, as a table with `headers`."""

    name: str
    title: str
    headers: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    drawing: SafeString
    note: str = ""
    # Class and words of each part; none where there is one kind of part only.
    legend: tuple[tuple[str, str], ...] = ()
    # The first and the last day, and the largest number: of columns, which hold no text.
    ends: tuple[str, str] | None = None
    most: str = ""
    # What is shown beside the drawing.
    picture: SafeString | None = None

    @property
    def is_wide(self) -> bool:
        """Whether it takes the whole width of the page."""
        return self.ends is not None or self.picture is not None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(isinstance(cell, int) and cell for row in self.rows for cell in row)


def charts(numbers: Overview) -> list[Chart]:
    """All charts, in the order of the page."""
    sign_ins, looked = _("Sign-ins"), _looked(numbers.looked_back_to)
    from_address = _("Approximate: told by the address.")
    per_method = _("A sign-in counts once for each method it was proven with.")
    unusual = _(
        "Sign-ins from where their user had no session since 90 days before the first day, "
        "though elsewhere."
    )
    devices, compared = _looked(numbers.devices_back_to), _looked(numbers.compared_back_to)
    return [
        _days("sign-ins", _("Sign-ins per day"), numbers.sign_ins, looked, by_outcome=True),
        _days("new-devices", _("New devices per day"), numbers.new_devices, devices),
        _shares(
            "systems", _("Operating systems"), sign_ins, numbers.operating_systems, _text, looked
        ),
        _shares("clients", _("Clients"), sign_ins, numbers.clients, _text, looked),
        _shares(
            "devices", _("Device types"), sign_ins, _kinds(numbers.device_types), _kind, looked
        ),
        _countries(numbers.countries, sign_ins, f"{from_address} {looked}"),
        _shares(
            "methods", _("Methods"), sign_ins, numbers.methods, _method, f"{per_method} {looked}"
        ),
        _shares("levels", _("Assurance levels"), sign_ins, numbers.assurance_levels, _text, looked),
        _shares(
            "ends",
            _("Ends by reason"),
            _("Sessions"),
            numbers.ends,
            _reason,
            f"{_('Whenever they began.')} {_looked(numbers.ends_back_to)}",
        ),
        _shares(
            "unusual",
            _("Unusual countries"),
            sign_ins,
            numbers.unusual,
            _country,
            f"{unusual} {compared}",
        ),
    ]


def _days(
    name: str, title: str, days: Sequence[DayCount], note: str, *, by_outcome: bool = False
) -> Chart:
    total = sum(day.total for day in days)
    kinds = Outcome.ALL if by_outcome else ()
    parts = [
        tuple(day.counts.get(kind, 0) for kind in kinds) if by_outcome else (day.total,)
        for day in days
    ]
    shown = [date_format(day.day, "DATE_FORMAT") for day in days]
    desc = _("%(total)s from %(first)s to %(last)s.") % {
        "total": show.number_words(total),
        "first": shown[0],
        "last": shown[-1],
    }
    drawn = [svg.Column(words, part) for words, part in zip(shown, parts, strict=True)]
    outcomes = tuple(str(OUTCOMES[kind]) for kind in kinds)
    return Chart(
        name=name,
        title=title,
        headers=(_("Day"), *outcomes, _("Total")),
        rows=tuple(
            (day.day.isoformat(), *(part if by_outcome else ()), day.total)
            for day, part in zip(days, parts, strict=True)
        ),
        drawing=svg.columns(name, title, desc, drawn),
        note=note.strip(),
        legend=tuple((f"hub-key-{place}", words) for place, words in enumerate(outcomes, 1)),
        ends=(shown[0], shown[-1]),
        most=show.number_words(max(day.total for day in days)),
    )


def _shares(
    name: str, title: str, counted: str, found: Breakdown, words: Words, note: str = ""
) -> Chart:
    values = [
        (words(share.value) if share.value else _("Unknown"), share.count) for share in found.shares
    ]
    if found.others:
        values.append((_("Others"), found.others))
    total = sum(number for _words, number in values)
    desc = ", ".join(f"{word}: {show.number_words(number)}" for word, number in values)
    return Chart(
        name=name,
        title=title,
        headers=(title, counted, _("Share")),
        rows=tuple((word, number, f"{number / total:.1%}") for word, number in values),
        drawing=svg.bars(name, title, desc, values),
        note=note.strip(),
    )


def _countries(found: Breakdown, counted: str, note: str) -> Chart:
    """Bars of the largest, a map of all, and a table of all."""
    name, title = "countries", _("Countries")
    bars = _shares(name, title, counted, found.first(_BARS), _country)
    whole = _shares(name, title, counted, found, _country, note)
    values = [(share.value, _country(share.value), share.count) for share in found.shares]
    desc = _("%(total)s from %(countries)s countries.") % {
        "total": show.number_words(found.total),
        "countries": show.number_words(sum(bool(share.value) for share in found.shares)),
    }
    picture = world_map.world_map(name, _("World map"), desc, values)
    return replace(whole, drawing=bars.drawing, picture=picture, legend=world_map.legend())


def _kinds(found: Breakdown) -> Breakdown:
    """Device types in the kinds people tell apart."""
    return found.regrouped(device_kind)


def _kind(kind: str) -> str:
    return str(capfirst(show.device_kind_words(kind))) or _("Other")


def _method(value: str) -> str:
    return str(capfirst(dict(Method.choices).get(value, show.visible(value))))


def _reason(value: str) -> str:
    return str(capfirst(dict(EndReason.choices).get(value, show.visible(value))))


def _country(code: str) -> str:
    return country_name(code) or show.visible(code)


def _text(value: str) -> str:
    return show.visible(value)


def _looked(back_to: datetime | None) -> str:
    """How far a count got, where it did not look at everything."""
    if back_to is None:
        return ""
    return _("Not all of the days: looked back to %(moment)s.") % {
        "moment": show.moment_words(back_to)
    }


def csv_rows(chart: Chart) -> Iterable[tuple[Any, ...]]:
    """The chart's table, headers first, safe to open in a spreadsheet."""
    for row in (chart.headers, *chart.rows):
        yield tuple(cell if isinstance(cell, int) else inert(str(cell)) for cell in row)


def inert(text: str) -> str:
    """The text, with an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{text}" if not _FORMULA.isdisjoint(text.lstrip()[:1]) else text

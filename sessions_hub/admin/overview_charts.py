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
from django.utils.translation import gettext_lazy, ngettext, pgettext

from sessions_hub.conf import conf
from sessions_hub.models import EndReason, Method
from sessions_hub.reporting import Breakdown, DayCount, Fate, Overview
from sessions_hub.understanding.countries import country_name
from sessions_hub.understanding.families import device_kind
from sessions_hub.understanding.systems import system_name

from . import show, svg, world_map

FATES = {
    Fate.OPEN: gettext_lazy("Still open"),
    Fate.SIGNED_OUT: gettext_lazy("Signed out"),
    Fate.EXPIRED: gettext_lazy("Expired"),
    Fate.ENDED: gettext_lazy("Ended otherwise"),
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
    whenever = _("Whenever they began.")
    per_method = _("A sign-in counts once for each method it was proven with.")
    unusual = _(
        "A user's first sign-in from a country, after sessions in other countries. Earlier "
        "sessions count for 90 days before the first day."
    )
    devices, compared = _looked(numbers.devices_back_to), _looked(numbers.compared_back_to)
    return [
        _sign_ins(numbers),
        _fates(numbers.sign_ins, looked),
        _new_devices(numbers.new_devices, devices),
        _countries(numbers.countries, sign_ins, f"{from_address} {looked}"),
        _shares("systems", _("Operating systems"), sign_ins, _systems(numbers), _text, looked),
        _shares("clients", _("Clients"), sign_ins, numbers.clients, _text, looked),
        _shares(
            "devices", _("Device types"), sign_ins, _kinds(numbers.device_types), _kind, looked
        ),
        _shares(
            "methods", _("Methods"), sign_ins, numbers.methods, _method, f"{per_method} {looked}"
        ),
        _shares("levels", _("Assurance levels"), sign_ins, numbers.assurance_levels, _text, looked),
        _shares(
            "ends",
            _("Ends by reason"),
            pgettext("sessions_hub", "Sessions"),
            numbers.ends,
            _reason,
            f"{whenever} {_looked(numbers.ends_back_to)}",
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


def _sign_ins(numbers: Overview) -> Chart:
    """By outcome; those that succeeded alone where the others are not told."""
    days = numbers.sign_ins
    failed = numbers.failed
    kinds: list[tuple[int, str]] = [(1, _("Succeeded"))]
    parts: list[tuple[int, ...]] = [(day.total,) for day in days]
    if failed is not None:
        kinds.append((4, _("Failed")))
        parts = [(day.total, number) for day, number in zip(days, failed, strict=True)]
    note = f"{about_failed(numbers)} {_looked(numbers.looked_back_to)}"
    return _days("sign-ins", _("Sign-ins per day"), days, parts, kinds, note)


def about_failed(numbers: Overview) -> str:
    """Whose sign-ins that failed are counted, or why none are."""
    if numbers.failed is not None:
        return _("A sign-in that failed is counted without user or address.")
    if not conf.SESSIONS_HUB_COUNT_FAILED_SIGN_INS:
        return _("Sign-ins that failed are not counted on this site.")
    return _(
        "Those that failed are not shown: they are counted without user and tenant, for the "
        "whole site."
    )


def _fates(days: Sequence[DayCount], note: str) -> Chart:
    kinds = [(place, str(FATES[fate])) for place, fate in enumerate(Fate.ALL, 1)]
    parts = [tuple(day.counts.get(fate, 0) for fate in Fate.ALL) for day in days]
    return _days("fates", _("What became of the sign-ins"), days, parts, kinds, note)


def _new_devices(days: Sequence[DayCount], note: str) -> Chart:
    parts = [(day.total,) for day in days]
    return _days("new-devices", _("New devices per day"), days, parts, [], note)


def _days(
    name: str,
    title: str,
    days: Sequence[DayCount],
    parts: Sequence[tuple[int, ...]],
    kinds: Sequence[tuple[int, str]],
    note: str,
) -> Chart:
    """Columns of `parts`, each in the colour and words of its kind; no kinds for one part."""
    totals = [sum(part) for part in parts]
    shown = [date_format(day.day, "DATE_FORMAT") for day in days]
    desc = _("%(total)s from %(first)s to %(last)s.") % {
        "total": show.number_words(sum(totals)),
        "first": shown[0],
        "last": shown[-1],
    }
    if kinds:
        each = (sum(numbers) for numbers in zip(*parts, strict=True))
        sums = (
            f"{words}: {show.number_words(number)}"
            for (_colour, words), number in zip(kinds, each, strict=True)
        )
        desc = f"{desc} {', '.join(sums)}"
    drawn = [svg.Column(words, part) for words, part in zip(shown, parts, strict=True)]
    return Chart(
        name=name,
        title=title,
        headers=(_("Day"), *(words for _colour, words in kinds), _("Total")),
        rows=tuple(
            (day.day.isoformat(), *(part if kinds else ()), total)
            for day, part, total in zip(days, parts, totals, strict=True)
        ),
        drawing=svg.columns(name, title, desc, drawn, [colour for colour, _words in kinds] or [1]),
        note=note.strip(),
        legend=tuple((f"hub-key-{colour}", words) for colour, words in kinds),
        ends=(shown[0], shown[-1]),
        most=show.number_words(max(totals)),
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
    countries = sum(bool(share.value) for share in found.shares)
    desc = ngettext(
        "%(total)s from %(countries)s country.",
        "%(total)s from %(countries)s countries.",
        countries,
    ) % {"total": show.number_words(found.total), "countries": show.number_words(countries)}
    picture = world_map.world_map(name, _("World map"), desc, values)
    return replace(whole, drawing=bars.drawing, picture=picture, legend=world_map.legend())


def _systems(numbers: Overview) -> Breakdown:
    """Systems by the names people know, as the filter of the list has them."""
    return numbers.operating_systems.regrouped(system_name)


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
        "moment": show.moment_before_stop(back_to)
    }


def csv_rows(chart: Chart) -> Iterable[tuple[Any, ...]]:
    """The chart's table, headers first, safe to open in a spreadsheet."""
    for row in (chart.headers, *chart.rows):
        yield tuple(cell if isinstance(cell, int) else inert(str(cell)) for cell in row)


def inert(text: str) -> str:
    """The text, with an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{text}" if not _FORMULA.isdisjoint(text.lstrip()[:1]) else text

"""The world map: every country is on it, and what is drawn is what was counted."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from django.core.cache import cache
from django.db import connections, router
from django.test.utils import CaptureQueriesContext

from sessions_hub.admin.world_dots import COLUMNS, DOTS, MARKERS, ROWS
from sessions_hub.admin.world_map import legend, step, world_map
from sessions_hub.models import Session
from sessions_hub.understanding.countries import all_countries
from tests.world_map.grid import column_of, row_of

from .conftest import make_session

URL = "/admin/sessions_hub/session/overview/"
RUN = re.compile(r"M(\d+) (\d+)h(\d*)\.1")
SVG = "{http://www.w3.org/2000/svg}"


def cells(code):
    for column, row, length in RUN.findall(DOTS[code]):
        yield from ((int(column) + more, int(row)) for more in range(int(length or 0) + 1))


def drawn(values, title="World map"):
    """Title → element of each country of a drawing, which has to be well-formed."""
    root = ElementTree.fromstring(str(world_map("countries", title, "All", values)))
    countries = [one for kind in ("path", "circle") for one in root.iter(SVG + kind)]
    return {one.find(SVG + "title").text: one for one in countries if len(one)}


def test_each_country_has_dots_or_a_marker_and_nothing_else_does():
    assert not DOTS.keys() & MARKERS.keys()
    assert DOTS.keys() | MARKERS.keys() == all_countries().keys()


def test_no_dot_is_two_countries_s_and_none_is_off_the_map():
    found = [cell for code in DOTS for cell in cells(code)]
    assert len(found) == len(set(found)) > 2500
    assert all(0 <= column < COLUMNS and 0 <= row < ROWS for column, row in found)
    assert all(RUN.sub("", path) == "" for path in DOTS.values())
    assert all(-1 <= x <= COLUMNS and 0 <= y < ROWS for x, y in MARKERS.values())


@pytest.mark.parametrize(
    ("code", "longitude", "latitude"),
    [
        ("DE", 10.0, 51.0), ("US", -98.6, 39.8), ("US", -150.0, 65.0), ("BR", -53.1, -10.8),
        ("IN", 79.0, 22.0), ("AU", 134.5, -25.7), ("ZA", 24.0, -29.0), ("JP", 138.3, 36.3),
        ("IS", -18.7, 65.0), ("RU", 100.0, 60.0), ("RU", -178.7, 67.0), ("GL", -40.0, 72.0),
        ("NZ", 171.0, -43.0), ("GF", -53.2, 4.0), ("SJ", 17.0, 79.0), ("CL", -70.0, -27.0),
    ],
)  # fmt: skip
def test_dots_lie_where_their_country_does(code, longitude, latitude):
    assert (round(column_of(longitude)), round(row_of(latitude))) in set(cells(code))


@pytest.mark.parametrize(
    ("code", "longitude", "latitude"),
    [("SG", 103.85, 1.29), ("MT", 14.4, 35.9), ("XK", 20.9, 42.6), ("LU", 6.1, 49.8),
     ("TV", 179.2, -8.5), ("HK", 114.2, 22.3), ("GI", -5.35, 36.14)],
)  # fmt: skip
def test_markers_lie_where_their_country_does(code, longitude, latitude):
    column, row = MARKERS[code]
    assert column == pytest.approx(column_of(longitude), abs=0.3)
    assert row == pytest.approx(row_of(latitude), abs=0.3)


@pytest.mark.parametrize(
    ("number", "total", "expected"),
    [
        (0, 0, 0), (0, 10, 0), (-1, 10, 0), (1, 0, 0), (1, 10_000, 1), (99, 10_000, 1),
        (100, 10_000, 2), (499, 10_000, 2), (5, 100, 3), (10, 100, 4), (19, 100, 4),
        (20, 100, 5), (100, 100, 5),
    ],
)  # fmt: skip
def test_a_share_has_a_step(number, total, expected):
    assert step(number, total) == expected


def test_the_legend_names_every_step():
    words = ["under 1%", "1% to 5%", "5% to 10%", "10% to 20%", "20% and more"]
    assert legend() == tuple((f"hub-map-key-{n}", one) for n, one in enumerate(words, 1))


def test_countries_are_drawn_by_their_share_and_the_others_are_one_shape():
    found = drawn([("DE", "Germany", 75), ("SG", "Singapore", 24), ("FR", "France", 1)])
    assert found.keys() == {"Germany: 75 (75.0%)", "Singapore: 24 (24.0%)", "France: 1 (1.0%)"}
    germany, singapore, france = (
        found[name] for name in sorted(found, key=lambda one: "GSF".index(one[0]))
    )
    assert (germany.get("class"), germany.get("d")) == ("hub-map-5", DOTS["DE"])
    assert singapore.tag == f"{SVG}circle"
    assert (singapore.get("class"), singapore.get("cx")) == ("hub-map-5", str(MARKERS["SG"][0]))
    assert (france.get("class"), france.get("d")) == ("hub-map-2", DOTS["FR"])
    # Size tells as well as colour.
    assert float(germany.get("stroke-width")) > float(france.get("stroke-width"))
    text = str(world_map("countries", "World map", "All", [("DE", "Germany", 75)]))
    (land,) = re.findall(r'class="hub-map-0" [^>]* d="([^"]*)"', text)
    assert len(RUN.findall(land)) == sum(
        len(RUN.findall(path)) for code, path in DOTS.items() if code != "DE"
    )


@pytest.mark.parametrize("code", ["", "ZZ", "de", "<b>", "D", "\u202e", '"', "__", "A1"])
def test_what_is_no_country_counts_and_is_not_drawn(code):
    found = drawn([(code, "<b>&\"'", 3), ("DE", "Germany", 1)])
    assert found.keys() == {"Germany: 1 (25.0%)"}


def test_names_are_escaped():
    assert drawn([("DE", "<b>&\"'", 1)], title="<i>").keys() == {"<b>&\"': 1 (100.0%)"}


def test_all_countries_at_once_are_no_large_drawing():
    values = [(code, name, 1) for code, name in all_countries().items()]
    assert len(str(world_map("countries", "World map", "All", values)).encode()) < 60_000
    assert len(drawn(values)) == len(values)


@pytest.mark.django_db(databases="__all__")
@pytest.mark.urls("tests.admin.site")
class TestOnThePage:
    @pytest.fixture(autouse=True)
    def empty_cache(self):
        cache.clear()

    def test_titles_say_what_the_table_says(self, root, user):
        codes = ["DE", "DE", "SG", *sorted(DOTS)[:20], "ZZ", ""]
        for code in codes:
            make_session(user, country_code=code)
        text = root.get(URL).content.decode()
        section = text[text.index('aria-labelledby="hub-countries"') :]
        section = section[: section.index("</section>")]
        titles = re.findall(
            r"<title>([^<]+): (\d+) \((\d+\.\d%)\)</title></(?:path|circle)>", section
        )
        table = re.findall(
            r'<th scope="row">([^<]+)</th><td>(\d+)</td><td>(\d+\.\d%)</td>', section
        )
        assert len(titles) == 22
        # The table has what is no country as well.
        assert set(titles) < set(table)
        assert sum(int(number) for _name, number, _share in table) == len(codes) + 1
        assert {name for name, *_rest in table} >= {"ZZ", "Unknown"}

    def test_the_bars_are_those_of_the_largest(self, root, user):
        for code in sorted(DOTS)[:12]:
            make_session(user, country_code=code)
        text = root.get(URL).content.decode()
        bars = text[text.index('class="hub-chart hub-map"') :]
        bars = bars[bars.index("hub-bars") : bars.index("</section>")]
        assert len(re.findall('class="hub-chart-number"', bars)) == 11

    def test_it_costs_no_query_and_is_kept_with_the_other_numbers(self, root, user, monkeypatch):
        make_session(user, country_code="DE")

        def cost():
            cache.clear()
            with CaptureQueriesContext(connections[router.db_for_read(Session)]) as queries:
                assert root.get(URL).status_code == 200
            return len(queries)

        before = cost()
        with monkeypatch.context() as without:
            without.setattr("sessions_hub.admin.world_map.world_map", lambda *args: "map")
            assert cost() == before
        make_session(user, country_code="FR")
        assert "Germany: 1 (" in root.get(URL).content.decode()
        assert "France" not in root.get(URL).content.decode()

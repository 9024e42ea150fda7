"""Every page of the hub's admin, looked at: light, dark, wide, narrow and on paper."""

from __future__ import annotations

import django
import pytest

from .paths import ADMIN, LIST
from .steps import complaints, find, find_all, sign_in

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True, databases="__all__"),
    pytest.mark.urls("tests.browser.admin_site"),
]

# Markup of Django's admin, which the hub's pages extend and do not write.
DJANGO_S = (
    # The search: its label is a picture with words, which axe-core does not count as seen.
    "#searchbar",
    # A table of rows in a page: empty heads, and the box around it that scrolls on a phone.
    ".inline-group th.original",
    ".inline-group thead th:empty",
    ".inline-group .wrapper",
    # The two lists of groups and permissions on the page of a user.
    ".selector",
)
if django.VERSION < (6, 0):
    # Mended since: links told by their colour alone, a box that no key scrolls, times of a
    # user without labels.
    DJANGO_S += (
        ".breadcrumbs a",
        "#changelist-search a",
        ".inline-group",
        ".vDateField",
        ".vTimeField",
    )

_RIGHT_OF_TEXT = """
const range = document.createRange();
range.selectNodeContents(arguments[0]);
return range.getBoundingClientRect().right;
"""


@pytest.fixture
def paths(crowd) -> dict[str, str]:
    options = type(crowd.operator)._meta
    values = {
        "session": crowd.session.pk,
        "ended": crowd.ended.pk,
        "device": crowd.device.pk,
        "method": crowd.session.authentication_methods.order_by("completed_at").last().pk,
        "user": crowd.session.user_id,
        "user_page": f"{options.app_label}/{options.model_name}",
    }
    return {name: path.format(**values) for name, path in ADMIN.items()}


def test_the_overview_is_printed_whole_without_what_is_around_it(
    strict, chromium, camera, site, paths
):
    sign_in(chromium, site, "operator", LIST)
    chromium.get(site + paths["admin-overview"])
    for name in ("sign-ins", "countries"):
        find(chromium, f"[aria-labelledby=hub-{name}] summary").click()
    around = ("#header", "#nav-sidebar", ".breadcrumbs", ".hub-range", "#toggle-nav-sidebar")
    assert camera.print("admin-overview", hidden=around) == []
    tables = [one for one in find_all(chromium, ".hub-numbers table") if one.is_displayed()]
    assert len(tables) == 2


def test_reads_from_right_to_left_without_a_barrier(chromium, camera, site, paths, settings):
    settings.LANGUAGE_CODE = "fa"
    sign_in(chromium, site, "operator", LIST)
    wrong = []
    for name in ("admin-sessions", "admin-story", "admin-overview"):
        chromium.get(site + paths[name])
        assert find(chromium, "html").get_attribute("dir") == "rtl"
        wrong += camera.look(f"{name}-rtl", except_for=DJANGO_S)
    assert wrong == [], "\n".join(wrong)
    # Names are written in both directions: what stands in one line is kept apart.
    chromium.get(site + paths["admin-story"])
    parts = find_all(chromium, ".hub-story bdi")
    assert len([one for one in parts if one.text]) > 2
    # Bars as the headings above them: the words at the right, the number at the left.
    chromium.get(site + paths["admin-overview"])
    words, number = (
        find(chromium, f"[aria-labelledby=hub-systems] .hub-chart-{kind}").rect["x"]
        for kind in ("text", "number")
    )
    assert words > number
    # The flag is read first, before the country it is of: at the right.
    chromium.get(site + LIST)
    line = next(
        one for one in find_all(chromium, ".field-label .hub-below") if "ایتالیا" in one.text
    )
    flag = find(line, "bdi").rect
    assert flag["x"] + flag["width"] == pytest.approx(line.rect["x"] + line.rect["width"], abs=3)
    # A short name stands at the right of the room it has.
    name = find(chromium, "#result_list .hub-name")
    written = chromium.execute_script(_RIGHT_OF_TEXT, name)
    assert written == pytest.approx(name.rect["x"] + name.rect["width"], abs=3)


def test_no_page_has_a_barrier_or_an_error(strict, chromium, camera, site, paths):
    sign_in(chromium, site, "operator", LIST)
    wrong = []
    for name, path in paths.items():
        chromium.get(site + path)
        assert find(chromium, "h1").text, name
        wrong += camera.look(name, except_for=DJANGO_S)
        wrong += complaints(chromium)
    assert wrong == [], "\n".join(wrong)

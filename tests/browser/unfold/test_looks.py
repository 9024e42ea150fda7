"""The hub's pages on django-unfold's base: they fit, and what is ours has no barrier.

Without a policy of content: unfold's own pages need scripts in attributes.
"""

from __future__ import annotations

import pytest

from tests.browser.paths import ADMIN, LIST
from tests.browser.steps import complaints, find, sign_in

pytestmark = [
    pytest.mark.timeout(380),
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True, databases="__all__"),
    pytest.mark.urls("tests.browser.unfold.site"),
]

# What the hub's templates write; the rest of a page is unfold's.
OURS = (".hub-overview", ".hub-confirm", ".hub-story-card", ".hub-filter", ".hub-label")
# Of whole pages: unfold's have no main landmark.
OF_PAGES = ("landmark-one-main", "region")
# unfold puts the buttons above a list into no list; Django's admin has one.
UNFOLD_S = (".hub-tool",)


def test_every_page_fits_and_ours_has_no_barrier(chromium, camera, site, crowd):
    options = type(crowd.operator)._meta
    values = {
        "session": crowd.session.pk,
        "ended": crowd.ended.pk,
        "device": crowd.device.pk,
        "method": crowd.session.authentication_methods.first().pk,
        "user": crowd.session.user_id,
        "user_page": f"{options.app_label}/{options.model_name}",
    }
    sign_in(chromium, site, "operator", LIST)
    wrong = []
    for name, path in ADMIN.items():
        if name == "impersonate":
            continue
        chromium.get(site + path.format(**values))
        assert find(chromium, "body").text, name
        wrong += camera.look(f"unfold-{name}", only=OURS, except_for=UNFOLD_S, without=OF_PAGES)
        wrong += complaints(chromium)
    assert wrong == [], "\n".join(wrong)

"""Names meant to do harm are shown, and do none: on no page, in no table, in no mail."""

from __future__ import annotations

import csv
import io

import pytest

from sessions_hub.lifecycle.disown import make_token
from tests.hostile_texts import NAMES

from .hostile import harm
from .paths import ACCOUNT, ADMIN, LIST
from .steps import complaints, find, sign_in

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True, databases="__all__"),
    pytest.mark.urls("tests.browser.admin_site"),
    pytest.mark.usefixtures("strict"),
]

# Django writes names into its own title of a page, way back and words of a row as they are.
DJANGO_S = ".breadcrumbs, #content > h2, #content-start > h2, .inline-group td.original"
# Whatever turns the text around it is alone in a box that keeps that in, or spelled out.
TURNS = f"""
const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
const keeps = (box) => /isolate/.test(getComputedStyle(box).unicodeBidi);
while (walker.nextNode()) {{
  const node = walker.currentNode, parent = node.parentElement;
  if (!/[\u202e\u2066]/.test(node.data)) continue;
  // Not seen, but read out: no order there.
  if (parent.closest("option, .sessions-hub-hidden, {DJANGO_S}")) continue;
  let box = parent;
  while (box !== document.body && !keeps(box)) box = box.parentElement;
  if (box.textContent.trim() !== node.data.trim())
    found.push(parent.outerHTML.slice(0, 200));
}}
return found;
"""


@pytest.fixture(params=NAMES, ids=str)
def crowd(request, db):
    return harm(NAMES[request.param])


def test_every_page_shows_them_and_does_nothing_they_say(chromium, camera, site, crowd):
    options = type(crowd.operator)._meta
    values = {
        "session": crowd.session.pk,
        "ended": crowd.ended.pk,
        "device": crowd.device.pk,
        "method": crowd.session.authentication_methods.get().pk,
        "user": crowd.session.user_id,
        "user_page": f"{options.app_label}/{options.model_name}",
        "token": make_token(crowd.session.pk),
    }
    wrong = []
    for name, pages, to in (
        ("operator", ADMIN, LIST),
        (crowd.session.user.get_username(), ACCOUNT, "/account/sessions/"),
    ):
        chromium.delete_all_cookies()
        sign_in(chromium, site, name, to)
        for page, path in pages.items():
            chromium.get(site + path.format(**values))
            assert find(chromium, "h1").text, page
            wrong += camera.look(f"hostile-{page}", is_judged=False)
            if chromium.execute_script("return window.hurt"):
                wrong.append(f"{page}: a script ran")
            wrong += [f"{page}: turns: {one}" for one in chromium.execute_script(TURNS)]
            wrong += complaints(chromium)
    assert wrong == [], "\n".join(wrong)


def test_a_spreadsheet_takes_none_for_a_formula(client, crowd):
    client.force_login(crowd.operator)
    for name in ("systems", "clients", "devices", "methods", "ends", "countries"):
        answer = client.get(f"{LIST}overview/{name}.csv")
        cells = [cell for row in csv.reader(io.StringIO(answer.content.decode())) for cell in row]
        assert cells
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
        assert not [cell for cell in cells if "\u202e" in cell]

"""The pages' own markup: nothing inline, icons that exist, text beside every sign."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import sessions_hub
from sessions_hub.admin.show import device_icon
from sessions_hub.understanding.families import DEVICE_KINDS

from .conftest import end, make_device, make_session

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.urls("tests.admin.site")]

PACKAGE = Path(sessions_hub.__file__).parent
TEMPLATES = sorted((PACKAGE / "templates/sessions_hub/admin").glob("*.html"))
STATIC = PACKAGE / "static/sessions_hub"
URL = "/admin/sessions_hub/session/"
DEVICES = "/admin/sessions_hub/device/"


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_templates_hold_no_style_and_no_script(template):
    text = template.read_text()
    assert "style=" not in text
    assert not re.search(r"<(script|style)\b", text)
    assert not re.search(r"\son\w+=", text)


def test_what_the_columns_write_holds_none_either(root, user):
    end(make_session(user, name="Backup", session_type="api_key"))
    make_session(user)
    for url in (URL, *(f"{URL}{row.pk}/change/" for row in user.hub_sessions.all())):
        text = root.get(url).content.decode()
        ours = re.findall(r"<[^>]*hub-[^>]*>", text)
        assert ours
        assert not [tag for tag in ours if "style=" in tag or re.search(r"\son\w+=", tag)]


def test_every_kind_of_device_has_an_icon():
    css = (STATIC / "admin.css").read_text()
    for kind in (*DEVICE_KINDS, "other", "unknown"):
        assert f'.hub-icon-{kind} {{\n  --hub-icon: url("icons/{kind}.svg");' in css
        assert (STATIC / f"icons/{kind}.svg").read_text().startswith("<svg ")


@pytest.mark.parametrize(
    ("device_type", "icon"),
    [("smartphone", "phone"), ("desktop", "desktop"), ("camera", "other"), ("", "unknown")],
)
def test_an_icon_is_hidden_from_readers_of_text(device_type, icon):
    assert device_icon(device_type) == (
        f'<span class="hub-icon hub-icon-{icon}" aria-hidden="true"></span>'
    )


def test_the_first_column_says_device_and_country_in_words(root, user):
    make_session(user, device_type="smartphone", country_code="JP")
    text = root.get(URL, {"user": user.pk}).content.decode()
    cell = re.search(r'<th class="field-label">(.*?)</th>', text, re.DOTALL)[1]
    assert 'hub-icon-phone" aria-hidden="true"' in cell
    assert '<bdi aria-hidden="true">🇯🇵</bdi> Japan · phone' in cell


def test_the_type_of_a_device_is_told_in_the_language_of_the_reader(root, user, settings):
    settings.LANGUAGE_CODE = "de"
    device = make_device(user, device_type="smartphone")
    for url in (DEVICES, f"{DEVICES}{device.pk}/change/"):
        text = root.get(url).content.decode()
        assert "Telefon" in text
        assert "smartphone" not in text


def test_an_unknown_country_and_device_leave_no_gap(root, user):
    make_session(user, device_type="", country_code="", city="")
    text = root.get(URL, {"user": user.pk}).content.decode()
    cell = re.search(r'<th class="field-label">(.*?)</th>', text, re.DOTALL)[1]
    assert "·" not in cell
    assert "hub-below" not in cell

"""Bodies that Django itself refuses with a page: problems here, like all else."""

from __future__ import annotations

import pytest
from django.test import Client

from .conftest import URL
from .test_problems import problem
from .tokens.conftest import issue as issue
from .tokens.conftest import program as program

pytestmark = pytest.mark.django_db(databases="__all__")

FORM = "application/x-www-form-urlencoded"
MANY_FIELDS = "&".join(f"a{number}=1" for number in range(1001))
UNREADABLE = {
    "too many fields": (MANY_FIELDS, FORM),
    "too many bytes": (f"token={'a' * 3_000_000}", FORM),
    "another encoding": ("token=a", f"{FORM}; charset=latin-1"),
    "no boundary": ("token=a", "multipart/form-data"),
    "a broken boundary": ("token=a", "multipart/form-data; boundary=\u00e9"),
}
EACH = pytest.mark.parametrize(("body", "kind"), UNREADABLE.values(), ids=UNREADABLE)


@EACH
@pytest.mark.parametrize("path", [f"{URL}end-others/", URL, "/api/introspect/", "/api/revoke/"])
def test_no_csrf_token_is_found_in_what_cannot_be_read(path, body, kind, browser):
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = browser.cookies
    strict.cookies["csrftoken"] = "c" * 32
    assert problem(strict.post(path, body, content_type=kind)) == (403, "csrf_failed")


def revoke(program, body: str):
    """What a program with this form is answered."""
    secret = program("sessions:write").secret
    client = Client(headers={"authorization": f"Bearer {secret}"})
    return client.post("/api/revoke/", body, content_type=FORM)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (MANY_FIELDS, (400, "parse_error")),
        (f"token={'a' * 3_000_000}", (413, "too_large")),
    ],
    ids=["too many fields", "too large"],
)
def test_a_form_of_a_program_is_bounded(body, expected, program):
    assert problem(revoke(program, body)) == expected


@pytest.mark.parametrize("body", [f"token={'a' * 100_000}", "token=a" + "&b=1" * 999])
def test_what_is_within_the_bounds_is_read(body, program):
    assert revoke(program, body).status_code == 200


def test_json_that_is_too_large_for_django_is_answered_like_other(browser):
    body = f'{{"a": "{"a" * 3_000_000}"}}'
    response = browser.post(URL, body, content_type="application/json")
    assert problem(response) == (413, "too_large")

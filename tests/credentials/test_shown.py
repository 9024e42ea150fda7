"""What looks for secrets finds them."""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64encode

import pytest

from .shown import found_in

SECRET = "company-s3cr3t-access-1"


@pytest.mark.parametrize("before", ["", "x", "xy", "xyz", '{"token": "'])
@pytest.mark.parametrize("after", ["", "z", '"}', "zzz"])
@pytest.mark.parametrize(
    "written",
    [
        lambda text: text,
        lambda text: text.encode().hex(),
        lambda text: b64encode(text.encode()).decode(),
        lambda text: urlsafe_b64encode(text.encode()).rstrip(b"=").decode(),
    ],
)
def test_a_secret_is_found_however_it_is_written(before, after, written):
    assert found_in(f"… {written(before + SECRET + after)} …", [SECRET, "other-s3cr3t"]) == [SECRET]

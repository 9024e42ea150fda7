"""Versions sort as numbers do."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from sessions_hub.understanding.versions import longer, os_version_key, shorten, version_key

PATIENT = hypothesis_settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def test_newer_versions_have_greater_keys() -> None:
    versions = ["0", "0.0.1", "8.1", "9.99", "10", "10.9", "10.10", "10.15.7", "142.0.7444.60"]
    assert all(version_key(one) < version_key(two) for one, two in pairwise(versions))


def test_windows_of_every_age_sorts_by_age() -> None:
    names = ["95", "98", "ME", "2000", "XP", "Server 2003", "Vista", "7", "8", "8.1", "10", "11"]
    keys = [os_version_key("Windows", name) for name in names]
    assert keys == sorted(set(keys))
    assert os_version_key("Windows", "") == ""
    assert os_version_key("Mac", "10.9") == version_key("10.9")
    # A name of Windows alone.
    assert os_version_key("Debian", "98") == version_key("98")


@pytest.mark.parametrize("version", ["", "Vista", "XP", ".5", "-1", "v1"])
def test_what_has_no_number_has_no_key(version: str) -> None:
    assert version_key(version) == ""


@pytest.mark.parametrize(
    ("version", "same_as"),
    [("10", "10.0.0.0"), ("8.1-beta.7", "8.1"), ("1.2.3.4.5", "1.2.3.4"), ("9" * 500, "9999999")],
)
def test_a_key_looks_at_four_numbers(version: str, same_as: str) -> None:
    assert version_key(version) == version_key(same_as) != ""


@PATIENT
@given(st.lists(st.integers(0, 10**7 - 1), min_size=4, max_size=4), st.data())
def test_keys_sort_as_lists_of_numbers(first: list[int], data) -> None:
    second = data.draw(st.lists(st.integers(0, 10**7 - 1), min_size=4, max_size=4))
    one, two = (version_key(".".join(map(str, parts))) for parts in (first, second))
    assert (one < two) == (first < second)


@PATIENT
@given(st.text(max_size=100))
def test_a_key_always_fits_its_column(version: str) -> None:
    assert len(version_key(version)) <= 32


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        ("142.0.0.0", "142", "142.0.0.0"),
        ("142.0.0.0", "142.0.7444.60", "142.0.7444.60"),
        ("142", "", "142"),
        ("", "142", "142"),
        ("14.2", "14", "14.2"),
        ("142.1", "14", "14"),
    ],
)
def test_a_shorter_version_never_replaces_one_that_says_more(first, second, kept) -> None:
    assert longer(first, second) == kept


def test_a_version_is_cut_to_its_first_parts() -> None:
    assert [shorten(version) for version in ("126.0.64.5", "7", "")] == ["126.0", "7", ""]

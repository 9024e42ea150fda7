"""Records of any vendor, and of none, become places that fit their columns."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions_hub.models import Session
from sessions_hub.understanding import Place, locate
from sessions_hub.understanding.facts import Place as Facts
from sessions_hub.understanding.geoip_records import place_of

from .geoip_files import ADDRESS, BERLIN, TELEKOM, write

GEOIP2_NAMES = {"de": "Berlin (de)", "en": "Berlin", "zh-CN": "柏林"}
TEXTS = ("country_code", "region", "city", "time_zone", "autonomous_system")
SIZES = {name: Session._meta.get_field(name).max_length for name in TEXTS}

# Type of the database, a record as its vendor writes it, what it says.
SHAPES = [
    (
        "GeoLite2-City",
        {**BERLIN, "city": {"geoname_id": 2950159, "names": GEOIP2_NAMES}},
        Place(
            country_code="DE",
            region="Land Berlin",
            city="Berlin",
            latitude=52.5,
            longitude=13.25,
            time_zone="Europe/Berlin",
        ),
    ),
    (
        "GeoLite2-Country",
        {
            "continent": {"code": "EU", "names": {"en": "Europe"}},
            "country": {"iso_code": "GB", "names": {"en": "United Kingdom"}},
            "registered_country": {"iso_code": "US"},
        },
        Place(country_code="GB"),
    ),
    (
        "GeoIP2-Enterprise",
        {
            "country": {"confidence": 99, "iso_code": "US"},
            "city": {"confidence": 11, "names": {"en": "Milton"}},
            "traits": {**TELEKOM, "isp": "Another name", "user_type": "business"},
        },
        Place(country_code="US", city="Milton", autonomous_system="AS3320 Deutsche Telekom AG"),
    ),
    ("GeoLite2-ASN", TELEKOM, Place(autonomous_system="AS3320 Deutsche Telekom AG")),
    (
        "GeoIP2-ISP",
        {**TELEKOM, "isp": "Deutsche Telekom", "organization": "Somebody"},
        Place(autonomous_system="AS3320 Deutsche Telekom AG"),
    ),
    (
        "DBIP-City-Lite",
        {
            "city": {"names": {"en": "Lyon (Part-Dieu)"}},
            "continent": {"code": "EU", "geoname_id": 6255148, "names": {"en": "Europe"}},
            "country": {"geoname_id": 3017382, "is_in_european_union": True, "iso_code": "FR"},
            "location": {"latitude": 45.75, "longitude": 4.85},
            "subdivisions": [{"names": {"en": "Auvergne-Rhône-Alpes"}}],
        },
        Place(
            country_code="FR",
            region="Auvergne-Rhône-Alpes",
            city="Lyon (Part-Dieu)",
            latitude=45.75,
            longitude=4.85,
        ),
    ),
    (
        "DBIP-Country-Lite",
        {"country": {"iso_code": "BR", "names": {"en": "Brazil"}}},
        Place(country_code="BR"),
    ),
    (
        "DBIP-ASN-Lite (compat=GeoLite2-ASN)",
        {"autonomous_system_number": 36459, "autonomous_system_organization": "GitHub, Inc."},
        Place(autonomous_system="AS36459 GitHub, Inc."),
    ),
    (
        "DBIP-Location-ISP (compat=Enterprise)",
        {
            "country": {"iso_code": "DE"},
            "city": {"names": {"en": "Frankfurt am Main"}},
            "location": {"latitude": 50.125, "longitude": 8.5, "time_zone": "Europe/Berlin"},
            "traits": {**TELEKOM, "connection_type": "Corporate", "isp": "Another"},
        },
        Place(
            country_code="DE",
            city="Frankfurt am Main",
            latitude=50.125,
            longitude=8.5,
            time_zone="Europe/Berlin",
            autonomous_system="AS3320 Deutsche Telekom AG",
        ),
    ),
    (
        "ipinfo generic_bundle_lite.mmdb",
        {
            "as_domain": "cogentco.com",
            "as_name": "Cogent Communications",
            "asn": "AS174",
            "continent": "North America",
            "continent_code": "NA",
            "country": "Canada",
            "country_code": "CA",
        },
        Place(country_code="CA", autonomous_system="AS174 Cogent Communications"),
    ),
    (
        "ipinfo country_asn.mmdb",
        {
            "as_domain": "2iij.net",
            "as_name": "Internet Initiative Japan Inc.",
            "asn": "AS2497",
            "continent": "AS",
            "country": "JP",
            "country_name": "Japan",
        },
        Place(country_code="JP", autonomous_system="AS2497 Internet Initiative Japan Inc."),
    ),
    (
        "ipinfo standard_location.mmdb",
        {
            "city": "Mountain View",
            "country": "US",
            "lat": "37.38605",
            "lng": "-122.08385",
            "postal_code": "94035",
            "region": "California",
            "timezone": "America/Los_Angeles",
        },
        Place(
            country_code="US",
            region="California",
            city="Mountain View",
            latitude=37.38605,
            longitude=-122.08385,
            time_zone="America/Los_Angeles",
        ),
    ),
    (
        "ipinfo standard_asn.mmdb",
        {"asn": "AS15169", "domain": "google.com", "name": "Google LLC", "type": "hosting"},
        Place(autonomous_system="AS15169 Google LLC"),
    ),
    ("iptoasn-country-ipv4-ipv6", {"country_code": "AU"}, Place(country_code="AU")),
    (
        "dbip-city-mmdb of ip-location-db",
        {
            "city": "Brisbane",
            "country_code": "AU",
            "latitude": -27.5,
            "longitude": 153.0,
            "state1": "Queensland",
            "timezone": "Australia/Brisbane",
        },
        Place(
            country_code="AU",
            region="Queensland",
            city="Brisbane",
            latitude=-27.5,
            longitude=153.0,
            time_zone="Australia/Brisbane",
        ),
    ),
]


@pytest.mark.parametrize(("kind", "record", "place"), SHAPES, ids=[kind for kind, *_ in SHAPES])
def test_a_database_of_any_vendor_has_places(kind, record, place, tmp_path, settings) -> None:
    settings.SESSIONS_HUB_GEOIP_PATH = write(tmp_path / "file.mmdb", record, kind)
    assert locate(ADDRESS) == place


LONG = "x" * 500
# What a record holds, the column, what is kept of it.
VALUES = [
    ({"country": {"iso_code": "deu"}}, "country_code", ""),
    ({"country": {"iso_code": "de"}}, "country_code", "DE"),
    ({"country": {"iso_code": "D1"}}, "country_code", ""),
    ({"country": {"iso_code": "ДЕ"}}, "country_code", ""),
    ({"country": {"iso_code": b"DE"}}, "country_code", ""),
    ({"country": {"iso_code": "ZZ"}}, "country_code", ""),
    ({"country_code": "XX", "country": "DE"}, "country_code", ""),
    ({"country_code": 7, "country": "DE"}, "country_code", "DE"),
    ({"country": "Germany"}, "country_code", ""),
    ({"country": ["DE"]}, "country_code", ""),
    ({"registered_country": {"iso_code": "US"}}, "country_code", ""),
    ({"continent": {"code": "EU"}}, "country_code", ""),
    ({"city": {"names": {"de": "Wien"}}}, "city", "Wien"),
    ({"city": {"names": {"de": "Wien", "en": "Vienna"}}}, "city", "Vienna"),
    ({"city": {"names": {"en": 7, "de": "Wien"}}}, "city", "Wien"),
    ({"city": {"names": ["Wien"]}}, "city", ""),
    ({"city": {"geoname_id": 1, "note": "Wien"}}, "city", ""),
    ({"city": "\x00Wi\x1ben\u202e\n"}, "city", "Wien"),
    ({"city": "New\u2028York\tCity"}, "city", "New York City"),
    ({"city": LONG}, "city", "x" * 128),
    ({"city": "x" * 127 + " y"}, "city", "x" * 127),
    ({"city": "\ud800Wien"}, "city", "Wien"),
    ({"city": "  Wien "}, "city", "Wien"),
    ({"subdivisions": []}, "region", ""),
    ({"subdivisions": {"0": "x"}}, "region", ""),
    ({"subdivisions": [7]}, "region", ""),
    ({"subdivisions": [{"names": {"en": LONG}}]}, "region", "x" * 128),
    ({"location": {"time_zone": "Europe/Berlin"}}, "time_zone", "Europe/Berlin"),
    ({"timezone": "America/Argentina/Buenos_Aires"}, "time_zone", "America/Argentina/Buenos_Aires"),
    ({"timezone": "Etc/GMT+5"}, "time_zone", "Etc/GMT+5"),
    ({"timezone": "+02:00"}, "time_zone", ""),
    ({"timezone": "../etc/passwd"}, "time_zone", ""),
    ({"timezone": "x" * 64}, "time_zone", "x" * 64),
    ({"timezone": "x" * 65}, "time_zone", ""),
    ({"timezone": "Europe/Berlin\n"}, "time_zone", ""),
    ({"asn": "AS1"}, "autonomous_system", "AS1"),
    ({"asn": "as1"}, "autonomous_system", "AS1"),
    ({"asn": "1"}, "autonomous_system", "AS1"),
    ({"asn": 1, "as_name": ""}, "autonomous_system", "AS1"),
    ({"asn": "0", "as_name": "Not routed"}, "autonomous_system", ""),
    ({"asn": 2**32 - 2}, "autonomous_system", "AS4294967294"),
    ({"asn": 2**32 - 1}, "autonomous_system", ""),
    ({"asn": -1}, "autonomous_system", ""),
    ({"asn": True}, "autonomous_system", ""),
    ({"asn": 1.0}, "autonomous_system", ""),
    ({"asn": "AS²"}, "autonomous_system", ""),
    ({"asn": "AS1 x"}, "autonomous_system", ""),
    ({"as_name": "Without a number"}, "autonomous_system", ""),
    ({"autonomous_system_number": "junk", "asn": 5}, "autonomous_system", "AS5"),
    ({"asn": 5, "as_name": LONG}, "autonomous_system", "AS5 " + "x" * 124),
]


@pytest.mark.parametrize(("record", "column", "kept"), VALUES)
def test_a_value_is_kept_as_far_as_it_makes_sense(record, column, kept) -> None:
    assert getattr(place_of(record), column) == kept


@pytest.mark.parametrize(
    ("latitude", "longitude", "expected"),
    [
        (0, 0, (0.0, 0.0)),
        (90, -180, (90.0, -180.0)),
        ("-90", "+180.0", (-90.0, 180.0)),
        (90.01, 0, None),
        (0, -180.5, None),
        (math.nan, 0, None),
        (0, math.inf, None),
        (10**400, 0, None),
        ("nan", 0, None),
        ("1e1", 0, None),
        ("1_0", 0, None),
        (True, 0, None),
        (None, 13.25, None),
        (52.5, None, None),
        (52.5, [13.25], None),
    ],
)
def test_coordinates_are_degrees_and_come_in_pairs(latitude, longitude, expected) -> None:
    place = place_of({"location": {"latitude": latitude, "longitude": longitude}})
    found = None if place.latitude is None else (place.latitude, place.longitude)
    assert found == expected
    assert (place.latitude is None) is (place.longitude is None)


@pytest.mark.parametrize("record", [None, 7, "DE", b"DE", [], [BERLIN], {}, {"domain": "a.b"}])
def test_a_record_without_a_place_has_none(record) -> None:
    assert place_of(record) == Facts()


def keys(value: object) -> set[str]:
    """The keys in a record, however deep."""
    if isinstance(value, list):
        return set().union(*map(keys, value))
    return set(value).union(*map(keys, value.values())) if isinstance(value, dict) else set()


# Those of all shapes, so that junk stands where something is looked for.
KEYS = sorted(set().union(*(keys(record) for _, record, _ in SHAPES)))
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.binary(max_size=4)
    | st.text(st.characters(), max_size=6)
    | st.sampled_from(["de", "AS15169", "52.5", "Europe/Berlin", "\x00" * 600, "x " * 300])
)
JUNK = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=3), inner, max_size=6)
    ),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from(KEYS), JUNK) | JUNK)
def test_junk_never_fails_and_always_fits(record) -> None:
    place = place_of(record)
    for name, size in SIZES.items():
        text = getattr(place, name)
        assert isinstance(text, str)
        assert len(text) <= size
        assert text.isprintable()
        assert text == text.strip()
        text.encode()
    for degrees, limit in ((place.latitude, 90), (place.longitude, 180)):
        assert degrees is None or (isinstance(degrees, float) and abs(degrees) <= limit)
    assert not place.country_code or (
        len(place.country_code) == 2
        and place.country_code.isascii()
        and place.country_code.isupper()
    )

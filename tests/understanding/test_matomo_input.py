"""What device-detector gets to see of a request."""

from __future__ import annotations

import pytest

from sessions_hub.understanding.backends.matomo.input import (
    MAX_APP_ID_LENGTH,
    MAX_BREAKS,
    MAX_LENGTH,
    MAX_MODEL_LENGTH,
    cut_hints,
    passed_hints,
    seen_text,
)

from .matomo_agents import ANDROID, DEFAULT_HINTS, WEBKIT, WINDOWS


def test_texts_are_cut_before_they_are_parsed() -> None:
    assert len(seen_text("a" * 5000, {})) == MAX_LENGTH
    assert seen_text("a " * 300, {}).count(" ") == MAX_BREAKS
    assert seen_text(WINDOWS, {}) == WINDOWS
    assert len(seen_text(ANDROID + "a" * 5000, {"sec-ch-ua-model": "M" * 40})) == MAX_LENGTH
    assert seen_text(ANDROID + " a" * 300, {"sec-ch-ua-model": "a " * 20}).count(" ") < MAX_BREAKS


def test_hints_are_cut_before_they_are_parsed() -> None:
    assert cut_hints({"sec-ch-ua": "a" * 5000, "cookie": "c"}) == {"sec-ch-ua": "a" * MAX_LENGTH}
    cut = passed_hints({"x-requested-with": "a" * 500})
    assert cut == {"x-requested-with": "a" * MAX_APP_ID_LENGTH}
    assert "M" * MAX_MODEL_LENGTH in seen_text(ANDROID, {"sec-ch-ua-model": "M" * 500})
    assert "M" * (MAX_MODEL_LENGTH + 1) not in seen_text(ANDROID, {"sec-ch-ua-model": "M" * 500})


@pytest.mark.parametrize("name", [*DEFAULT_HINTS, "sec-ch-ua-model", "sec-ch-ua-full-version-list"])
def test_device_detector_is_not_given_hints_that_harm_it(name) -> None:
    assert passed_hints({name: '"x"', "x-requested-with": ""}) == {}


@pytest.mark.parametrize(
    ("system", "hints", "expected"),
    [
        ("Android 10; K", {"sec-ch-ua-model": '"Pixel 9"'}, "Android 10; Pixel 9"),
        (
            "Android 10; K",
            {"sec-ch-ua-model": '"Pixel 9"', "sec-ch-ua-platform-version": '"16.0.0"'},
            "Android 16.0.0; Pixel 9",
        ),
        ("Android 13", {"sec-ch-ua-model": "SM-G781V"}, "Android 13; SM-G781V"),
        ("Android 13; SM-G781V", {"sec-ch-ua-model": '"Pixel 9"'}, "Android 13; SM-G781V"),
        ("Android 10; K", {"sec-ch-ua-platform-version": '"16.0.0"'}, "Android 10; K"),
        ("Android 10; K", {"sec-ch-ua-model": '""'}, "Android 10; K"),
        ("Android 10; K", {"sec-ch-ua-model": '"<b>"'}, "Android 10; K"),
        ("Android 10; K", {"sec-ch-ua-model": '"\\1"'}, "Android 10; \\1"),
        ("Windows NT 10.0", {"sec-ch-ua-model": '"Pixel 9"'}, "Windows NT 10.0"),
    ],
)
def test_a_model_is_written_where_the_user_agent_was_reduced(system, hints, expected) -> None:
    seen = seen_text(f"Mozilla/5.0 (Linux; {system}) {WEBKIT}", hints)
    assert seen == f"Mozilla/5.0 (Linux; {expected}) {WEBKIT}"

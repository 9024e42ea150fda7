"""User agents for the tests of the Matomo backend, and whether its package is there."""

from __future__ import annotations

import importlib.util

import pytest

INSTALLED = importlib.util.find_spec("device_detector") is not None
needs_package = pytest.mark.skipif(
    not INSTALLED, reason="device-detector is not installed: the extra [matomo]"
)
WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
WINDOWS = f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/142.0.0.0 Safari/537.36"
ANDROID = f"Mozilla/5.0 (Linux; Android 10; K) {WEBKIT} Chrome/142.0.0.0 Mobile Safari/537.36"
WEBVIEW = (
    f"Mozilla/5.0 (Linux; Android 14; SM-S918B Build/UP1A; wv) {WEBKIT} "
    "Version/4.0 Chrome/142.0.7444.48 Mobile Safari/537.36"
)
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/26.1 Mobile/15E148 Safari/604.1"
)
# What Chrome sends to everyone.
DEFAULT_HINTS = {
    "sec-ch-ua": '"Chromium";v="142", "Google Chrome";v="142", "Not_A Brand";v="99"',
    "sec-ch-ua-mobile": "?1",
    "sec-ch-ua-platform": '"Android"',
}

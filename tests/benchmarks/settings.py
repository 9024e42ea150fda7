"""Settings of one worker: a module, as sites have, since Django reads those faster.

HUB_BENCH_SUITE, HUB_BENCH_VARIANT, HUB_BENCH_DATABASE, HUB_BENCH_NAME, HUB_BENCH_FOLDER:
set by interleave.py.
"""

from __future__ import annotations

import os

from tests.benchmarks import variants
from tests.benchmarks.fleet_sites import connections
from tests.benchmarks.sites import site

_DATABASE = variants.database(
    os.environ["HUB_BENCH_DATABASE"], os.environ["HUB_BENCH_NAME"], os.environ["HUB_BENCH_FOLDER"]
)
_VARIANT = site(os.environ["HUB_BENCH_VARIANT"], os.environ["HUB_BENCH_SUITE"])
if os.environ["HUB_BENCH_SUITE"] == "fleet":
    _DATABASE = connections(_DATABASE)
globals().update(variants.settings_of(_VARIANT, {"default": _DATABASE}))

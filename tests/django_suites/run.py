"""Runs suites of Django's own tests on a site with the hub. Called by .ci/django_suites.

    python -m tests.django_suites.run FOLDER LABEL …

FOLDER holds Django's tests, of the version that is installed.
"""

from __future__ import annotations

import os
import sys
import warnings
from tempfile import TemporaryDirectory
from typing import Any


def main(folder: str, *labels: str) -> int:
    """The number of failures, as an exit status."""
    sys.path.insert(0, folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.django_suites.settings"
    with TemporaryDirectory(prefix="hub_django_") as temporary:
        os.environ["TMPDIR"] = temporary
        os.chdir(folder)
        import runtests

        from tests.django_suites.installed import install

        install(runtests)
        # Fixtures of theirs hold times without a zone, which USE_TZ makes a warning, and
        # runtests makes every such warning an error.
        warnings.filterwarnings("ignore", "DateTimeField .* received a naive datetime")
        options: dict[str, Any] = dict.fromkeys(
            ("interactive", "failfast", "keepdb", "reverse", "debug_sql", "pdb", "timing"), False
        )
        options |= dict.fromkeys(
            ("tags", "exclude_tags", "test_name_patterns", "start_at", "start_after")
        )
        failures = runtests.django_tests(
            verbosity=1,
            test_labels=list(labels),
            parallel=1,
            buffer=False,
            shuffle=False,
            **options,
        )
    return int(bool(failures))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

"""Add up the JUnit files of a folder. The last line is the closing line of the gate."""

from __future__ import annotations

import sys
from pathlib import Path
from xml.etree import ElementTree


def main(folder: Path) -> int:
    """Print one line per run and the sum; 1 when a test failed or none ran."""
    all_passed = all_failed = 0
    for path in sorted(folder.glob("*.xml")):
        suites = ElementTree.parse(path).getroot().iter("testsuite")  # noqa: S314 - written by us
        total = failed = skipped = 0
        for suite in suites:
            total += int(suite.get("tests", 0))
            failed += int(suite.get("failures", 0)) + int(suite.get("errors", 0))
            skipped += int(suite.get("skipped", 0))
        passed = total - failed - skipped
        print(f"{path.stem:<36} {passed:>6} passed {failed:>5} failed {skipped:>5} skipped")
        all_passed += passed
        all_failed += failed
    print(f"{all_passed} passed, {all_failed} failed")
    return 0 if all_passed and not all_failed else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))

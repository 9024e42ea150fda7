"""Change the security rules one expression at a time, and see whether the tests notice.

    python .ci/mutation.py [MODULE ...]

Each module is mutated by mutmut and judged by its own fast tests alone, in a copy
of the tree. A mutant no test kills has to be named in tests/mutation_survivors.txt
with the reason why it behaves like the original. Fails when a module has another
survivor, when fewer than 95 of 100 of its mutants are killed or more than five
survive, and when an entry of the list no longer fits a survivor.

mutmut leaves alone what is outside functions, and functions with a decorator. Caches
are taken off in the copy; the tables at the top of a module have tests of their own.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
LIST = ROOT / "tests" / "mutation_survivors.txt"
LOWEST_SHARE = 0.95
MOST_SURVIVORS = 5

# Module → the tests that judge it: those of the rule, not of its users.
MODULES = {
    "sessions_hub/lifecycle/policy.py": [
        "tests/lifecycle_rules/test_policy.py",
        "tests/lifecycle_rules/test_limits.py",
    ],
    "sessions_hub/lifecycle/assurance.py": ["tests/lifecycle_rules/test_assurance.py"],
    "sessions_hub/models/validity.py": ["tests/models/test_validity.py"],
    "sessions_hub/capture/address.py": [
        "tests/capture/test_address.py",
        "tests/capture/test_client_address.py",
    ],
}

# What mutmut says of a mutant by the exit code of its tests. A worker that hangs (36,
# 24, -24, 152, 255) is noticed as well: the gate would hang, too.
SURVIVED = {0: "survived", 5: "no tests", 33: "no tests"}
KILLED = {1, 3, 24, 36, 152, 255, -24, -9, -11}

CACHE = re.compile(r"^@lru_cache\b.*\n", re.MULTILINE)


class Mutant(NamedTuple):
    """One changed line, as the list of survivors writes it."""

    module: str
    removed: str
    added: str


def main(wanted: list[str]) -> int:
    """Print one line per module; 1 when one of them is not tested well enough."""
    if unknown := sorted(set(wanted) - MODULES.keys()):
        sys.exit(f"Not among the modules: {', '.join(unknown)}")
    excused = read_list(LIST.read_text())
    failed = False
    for module in wanted or MODULES:
        with tempfile.TemporaryDirectory(prefix="hub-mutation-") as folder:
            failed |= not judge(module, Path(folder), excused)
    return int(failed)


def judge(module: str, folder: Path, excused: dict[Mutant, str]) -> bool:
    """Mutate one module and report; whether its tests are good enough."""
    copy_tree(module, folder)
    codes = run_mutmut(folder, module)
    killed, survivors = [], {}
    for name, code in codes.items():
        if code in KILLED:
            killed.append(name)
        elif code in SURVIVED:
            survivors[name] = code
        else:
            sys.exit(f"{name}: mutmut could not judge it (exit code {code}).")
    if not codes:
        sys.exit(f"{module}: no mutants.")
    diffs = {name: diff_of(folder, module, name) for name in survivors}
    new = {name: diff for name, diff in diffs.items() if diff not in excused}
    stale = [one for one in excused if one.module == module and one not in diffs.values()]
    share = len(killed) / len(codes)
    print(
        f"{module}: {len(codes)} mutants, {len(killed)} killed ({share:.1%}), "
        f"{len(survivors)} survived, {len(survivors) - len(new)} of them known to be equivalent",
        flush=True,
    )
    for name, diff in new.items():
        print(f"  {SURVIVED[survivors[name]]}: {name}\n    - {diff.removed}\n    + {diff.added}")
    for one in stale:
        print(
            f"  no longer a survivor, take it off the list:\n    - {one.removed}\n    + {one.added}"
        )
    return not (new or stale) and share >= LOWEST_SHARE and len(survivors) <= MOST_SURVIVORS


def copy_tree(module: str, folder: Path) -> None:
    """Copy what the tests need, and configure mutmut for one module."""
    ignore = shutil.ignore_patterns("__pycache__", "*.pyc", "*.sqlite3*")
    for name in ("sessions_hub", "tests"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignore)
    shutil.copy(ROOT / "pyproject.toml", folder)
    source = folder / module
    source.write_text(CACHE.sub("", source.read_text()))
    settings = {
        "source_paths": ["sessions_hub"],
        "only_mutate": [module],
        "pytest_add_cli_args_test_selection": MODULES[module],
        # The same answer every time: neither order nor examples are random.
        "pytest_add_cli_args": ["-p", "no:randomly", "--hypothesis-seed=0"],
        # Workers start from a process in which no test has run yet.
        "process_isolation": "forkserver",
        "use_git_change_detection": False,
        # Two passes of hypothesis may differ tenfold on a busy machine.
        "timeout_constant": 20.0,
    }
    lines = [f"{key} = {json.dumps(value)}" for key, value in settings.items()]
    with (folder / "pyproject.toml").open("a") as file:
        file.write("\n[tool.mutmut]\n" + "\n".join(lines) + "\n")


def run_mutmut(folder: Path, module: str) -> dict[str, int | None]:
    """Each mutant's exit code."""
    # One worker: SQLite's test database is one file.
    command = [sys.executable, "-m", "mutmut", "run", "--max-children", "1"]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "HUB_TEST_DATABASE": "sqlite"}
    ran = subprocess.run(  # noqa: S603 - our own words
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    results = folder / "mutants" / f"{module}.meta"
    if ran.returncode or not results.exists():
        sys.exit(f"mutmut failed for {module}:\n{ran.stdout[-5000:]}\n{ran.stderr[-5000:]}")
    return json.loads(results.read_text())["exit_code_by_key"]


def diff_of(folder: Path, module: str, name: str) -> Mutant:
    """What a mutant changed, by the code mutmut has written."""
    shown = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-m", "mutmut", "show", name],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    removed = [line[1:].strip() for line in shown if re.match(r"-(?!--)", line)]
    added = [line[1:].strip() for line in shown if re.match(r"\+(?!\+\+)", line)]
    return Mutant(module, " ".join(removed), " ".join(added))


def read_list(text: str) -> dict[Mutant, str]:
    """The excused mutants: blocks of the module, `- before`, `+ after` and the reason."""
    excused = {}
    for block in re.split(r"\n\s*\n", text):
        lines = [line for line in block.splitlines() if line and not line.startswith("#")]
        if not lines:
            continue
        module, before, after, *why = lines
        if not (before.startswith("- ") and after.startswith("+ ") and why):
            sys.exit(f"{LIST.name}: not a module, “- before”, “+ after” and a reason:\n{block}")
        excused[Mutant(module, before[2:], after[2:])] = " ".join(why)
    return excused


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

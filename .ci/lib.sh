# What .ci/run and .ci/full share. Sourced, never run.
#
# Everything is made in one folder under /tmp: virtual environments, servers,
# caches, results. The clone is only read.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
WORK=
UV=
LANE=
GROUP_PIDS=()
SERVER_PIDS=()

# -- Beginning and end -----------------------------------------------------------

begin() {
  # Under /tmp by name: the path of a PostgreSQL socket may have 107 characters,
  # and TMPDIR may lie where another user cannot enter.
  WORK=$(mktemp -d /tmp/hub-ci.XXXXXX)
  chmod 711 "$WORK"
  mkdir "$WORK/results"
  mkdir -m 1777 "$WORK/tmp"
  export TMPDIR="$WORK/tmp"
  trap clean_up EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP

  # The answer must not depend on the shell this is started from.
  unset DJANGO_SETTINGS_MODULE PYTHONDONTWRITEBYTECODE PYTHONPATH PYTHONWARNINGS
  unset PYTEST_ADDOPTS VIRTUAL_ENV HUB_TEST_DATABASE HUB_TEST_SERVICES HUB_TEST_SPLIT
  unset HUB_TEST_USER_MODEL HUB_TEST_RACE_ROUNDS
  export PYTHONPYCACHEPREFIX="$WORK/pycache" RUFF_CACHE_DIR="$WORK/ruff"
  export HYPOTHESIS_STORAGE_DIRECTORY="$WORK/hypothesis"
  export UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
  cd "$ROOT"
}

clean_up() {
  local status=$? pid
  trap - EXIT
  trap '' INT TERM HUP
  for pid in "${GROUP_PIDS[@]}"; do
    kill -TERM -- "-$pid" 2>/dev/null || true
  done
  for pid in "${SERVER_PIDS[@]}"; do
    # SIGINT is PostgreSQL's fast shutdown; SIGTERM would wait for its clients.
    if [[ $pid == pg:* ]]; then kill -INT "${pid#*:}"; else kill -TERM "${pid#*:}"; fi 2>/dev/null || true
  done
  for pid in "${SERVER_PIDS[@]}"; do
    pid=${pid#*:}
    for _ in {1..100}; do
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.1
    done
    kill -KILL "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  if [[ ${HUB_CI_KEEP:-} == 1 ]]; then
    echo "Kept: $WORK"
  else
    rm -rf "$WORK"
  fi
  exit "$status"
}

finish() {
  local status=0
  heading "Result"
  if [[ -s $WORK/failed ]]; then
    status=1
    cat "$WORK/failed"
  else
    echo "Every step passed."
  fi
  printf 'Time: %d min %d s\n' $(( SECONDS / 60 )) $(( SECONDS % 60 ))
  "$PYTHON_311" "$ROOT/.ci/sum_results.py" "$WORK/results" || status=1
  exit "$status"
}

heading() {
  printf '\n=== %s\n' "$1"
}

die() {
  echo "$*" >&2
  exit 1
}

# A step may fail; the others still run, and the end names it. Outside a lane it runs in
# its own process group, so that an interrupted gate leaves nothing behind, and in the
# background, where `set -e` holds inside it.
step() {
  local name=$1 status=0 start=$SECONDS
  shift
  if [[ -n $LANE ]]; then
    echo "[$LANE] begins: $name"
    ( set -euo pipefail; "$@" ) </dev/null >"$WORK/$LANE.log" 2>&1 &
    wait $! || status=$?
  else
    heading "$name"
    set -m
    ( set -euo pipefail; "$@" ) </dev/null &
    GROUP_PIDS=($!)
    set +m
    wait $! || status=$?
    GROUP_PIDS=()
  fi
  (( status == 0 )) || echo "FAILED: $name (exit status $status)" >>"$WORK/failed"
  # In one piece: the other lane is at work too.
  (
    flock 9
    if [[ -n $LANE ]]; then
      heading "$name"
      cat "$WORK/$LANE.log"
    fi
    if (( status )); then
      printf -- '--- FAILED after %d s: %s\n' $(( SECONDS - start )) "$name"
    else
      printf -- '--- ok, %d s\n' $(( SECONDS - start ))
    fi
  ) 9>"$WORK/output.lock"
}

# lanes FUNCTION...: each function's steps one after the other, the functions side by side.
# A lane has databases of its own names and a Redis database of its own number.
lanes() {
  local lane pid number=0
  set -m
  for lane in "$@"; do
    number=$(( number + 1 ))
    (
      set +m
      LANE=$lane
      export HUB_TEST_NAME=hub_$lane
      HUB_TEST_REDIS_URL=$(redis_database "$number")
      "$lane"
    ) </dev/null &
    GROUP_PIDS+=($!)
  done
  set +m
  for pid in "${GROUP_PIDS[@]}"; do
    wait "$pid" || echo "FAILED: a lane came to an early end (exit status $?)" >>"$WORK/failed"
  done
  GROUP_PIDS=()
}

# The URL of one numbered database of the server that HUB_TEST_REDIS_URL names.
redis_database() {
  if [[ $HUB_TEST_REDIS_URL == unix://* ]]; then
    echo "${HUB_TEST_REDIS_URL%%\?*}?db=$1"
  else
    echo "${HUB_TEST_REDIS_URL%/}" | sed -E "s#^(rediss?://[^/]+).*#\1/$1#"
  fi
}

# Without what a setup makes, nothing below can run: its failure ends the gate.
setup() {
  local name=$1 start=$SECONDS
  shift
  heading "$name"
  "$@" </dev/null
  printf -- '--- ok, %d s\n' $(( SECONDS - start ))
}

# -- Pythons and environments ------------------------------------------------------

# A pyenv shim may be on PATH and still refuse to run, so each candidate is tried.
find_python() {
  local version=$1 candidate
  for candidate in \
    "$(command -v "python$version" || true)" \
    "${PYENV_ROOT:-$HOME/.pyenv}"/versions/"$version".*/bin/"python$version" \
    "$HOME"/.local/share/uv/python/cpython-"$version".*/bin/"python$version" \
    /opt/hostedtoolcache/Python/"$version".*/x64/bin/"python$version" \
    /usr/local/bin/"python$version" \
    /usr/bin/"python$version"
  do
    if [[ -x $candidate ]] && "$candidate" -c 'import ensurepip, ssl, venv' 2>/dev/null; then
      # Not the shim: what it points at depends on the folder one stands in.
      "$candidate" -c 'import sys; print(sys.executable)'
      return
    fi
  done
  echo "No usable Python $version found (on PATH, in pyenv, in uv's folder)." >&2
  echo "Install one with: uv python install $version, or: pyenv install $version" >&2
  return 1
}

find_pythons() {
  PYTHON_311=$(find_python 3.11)
  PYTHON_313=$(find_python 3.13)
  printf '%s\n' "$PYTHON_311" "$PYTHON_313"
}

install_uv() {
  local index
  "$PYTHON_311" -m venv "$WORK/uv"
  "$WORK/uv/bin/python" -m pip install -qq --disable-pip-version-check uv
  UV=$WORK/uv/bin/uv
  "$UV" --version
  # uv does not read pip's configuration; where that names a mirror, use it too.
  index=${PIP_INDEX_URL:-$("$WORK/uv/bin/python" -m pip config get global.index-url 2>/dev/null || true)}
  if [[ -n $index && -z ${UV_DEFAULT_INDEX:-} ]]; then
    export UV_DEFAULT_INDEX=$index
  fi
  # The versions of uv.lock, without its Django: that is what the matrix varies.
  "$UV" export --quiet --frozen --all-extras --no-emit-project --no-hashes --no-annotate \
    --no-header --output-file "$WORK/locked.txt" >/dev/null
  grep -v '^django==' "$WORK/locked.txt" >"$WORK/constraints.txt"
}

# make_venv NAME PYTHON DJANGO EXTRAS
make_venv() {
  "$UV" venv --quiet --python "$2" "$WORK/$1"
  "$UV" pip install --quiet --python "$WORK/$1" --constraints "$WORK/constraints.txt" \
    --editable ".[$4]" "django~=$3.0"
  "$UV" pip check --quiet --python "$WORK/$1"
  "$WORK/$1/bin/python" -c 'import sys, django; print("Python", sys.version.split()[0], "Django", django.__version__)'
}

# -- Servers -------------------------------------------------------------------------

install_packages() {
  local become=()
  command -v apt-get >/dev/null || die "Missing: $*. Install it and try again."
  if (( EUID )); then become=(sudo -n); fi
  # RUNLEVEL=1 keeps Debian from starting the servers: ours are the only ones wanted.
  "${become[@]}" apt-get update -qq
  "${become[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
    apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# Servers refuse to run as root. As anybody else, they run as that user.
# setpriv replaces itself by the server, so that the pid is the server's own.
as_user() {
  local user=$1
  shift
  if (( EUID )); then
    exec "$@"
  else
    exec setpriv --reuid="$user" --regid="$(id -gn "$user")" --init-groups "$@"
  fi
}

# wait_for NAME PID LOG COMMAND...: until the command succeeds, at most 60 s.
wait_for() {
  local name=$1 pid=$2 log=$3
  shift 3
  for _ in {1..300}; do
    if "$@" >/dev/null 2>&1; then
      echo "$name runs, pid $pid"
      return
    fi
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.2
  done
  cat "$log" >&2
  die "$name did not start."
}

private_folder() {
  mkdir -m 700 "$WORK/$1"
  (( EUID )) || chown "$2" "$WORK/$1"
}

postgres_folder() {
  # The newest of Debian's, else the one on PATH.
  local found
  found=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
  if [[ -x $found/initdb ]]; then
    echo "$found"
  elif command -v initdb >/dev/null; then
    dirname "$(command -v initdb)"
  fi
}

start_postgres() {
  local folder=$WORK/postgres binaries pid
  if [[ -n ${HUB_TEST_PG_DSN:-} ]]; then
    echo "The one HUB_TEST_PG_DSN names."
    return
  fi
  binaries=$(postgres_folder)
  if [[ -z $binaries ]]; then
    install_packages postgresql
    binaries=$(postgres_folder)
  fi
  [[ -n $binaries ]] || die "No initdb, even after installing postgresql."
  "$binaries/postgres" --version
  private_folder postgres postgres
  ( cd "$folder" && as_user postgres "$binaries/initdb" --pgdata="$folder/data" --username=postgres \
    --auth=trust --encoding=UTF8 --no-locale --no-sync >"$WORK/initdb.log" 2>&1 ) \
    || { cat "$WORK/initdb.log" >&2; die "initdb failed."; }
  # Only a socket, no port. Nothing here has to survive a power cut.
  ( cd "$folder" && as_user postgres "$binaries/postgres" -D "$folder/data" -k "$folder" \
    -c listen_addresses= -c fsync=off -c full_page_writes=off -c autovacuum=off -c max_connections=100 \
    >"$WORK/postgres.log" 2>&1 ) &
  pid=$!
  SERVER_PIDS+=("pg:$pid")
  # The folder is private to the server's user; the socket has to be reached.
  chmod 711 "$folder"
  wait_for PostgreSQL "$pid" "$WORK/postgres.log" "$binaries/pg_isready" --host="$folder" --username=postgres
  export HUB_TEST_PG_DSN="postgresql://postgres@/?host=$folder"
}

start_redis() {
  local folder=$WORK/redis pid
  if [[ -n ${HUB_TEST_REDIS_URL:-} ]]; then
    echo "The one HUB_TEST_REDIS_URL names."
    return
  fi
  command -v redis-server >/dev/null || install_packages redis-server
  mkdir "$folder"
  redis-server --version
  ( cd "$folder" && exec redis-server --port 0 --unixsocket "$folder/redis.sock" --save '' \
    --appendonly no --daemonize no --dir "$folder" >"$WORK/redis.log" 2>&1 ) &
  pid=$!
  SERVER_PIDS+=("redis:$pid")
  wait_for Redis "$pid" "$WORK/redis.log" redis-cli -s "$folder/redis.sock" ping
  export HUB_TEST_REDIS_URL="unix://$folder/redis.sock"
}

start_mariadb() {
  local folder=$WORK/mariadb pid
  if [[ -n ${HUB_TEST_MARIADB_SOCKET:-} ]]; then
    echo "The one behind HUB_TEST_MARIADB_SOCKET."
    return
  fi
  command -v mariadbd >/dev/null || [[ -x /usr/sbin/mariadbd ]] || install_packages mariadb-server
  # mysqlclient is compiled against the client library.
  if ! command -v pkg-config >/dev/null || ! command -v gcc >/dev/null \
    || ! pkg-config --exists libmariadb
  then
    install_packages gcc libc6-dev libmariadb-dev pkg-config
  fi
  PATH=$PATH:/usr/sbin
  mariadbd --version
  private_folder mariadb mysql
  ( cd "$folder" && as_user mysql mariadb-install-db --no-defaults --datadir="$folder/data" \
    --auth-root-authentication-method=normal --skip-test-db >"$WORK/mariadb-install.log" 2>&1 ) \
    || { cat "$WORK/mariadb-install.log" >&2; die "mariadb-install-db failed."; }
  ( cd "$folder" && as_user mysql mariadbd --no-defaults --datadir="$folder/data" \
    --socket="$folder/m.sock" --pid-file="$folder/m.pid" --skip-networking \
    --innodb-flush-log-at-trx-commit=0 --character-set-server=utf8mb4 \
    >"$WORK/mariadb.log" 2>&1 ) &
  pid=$!
  SERVER_PIDS+=("mariadb:$pid")
  chmod 711 "$folder"
  wait_for MariaDB "$pid" "$WORK/mariadb.log" \
    mariadb-admin --no-defaults --socket="$folder/m.sock" --user=root ping
  export HUB_TEST_MARIADB_SOCKET="$folder/m.sock"
}

# -- Steps ---------------------------------------------------------------------------

# tests NAME VENV [VARIABLE=value...] [-- pytest's arguments]
tests() {
  local name=$1 venv=$2 variables=()
  shift 2
  while (( $# )) && [[ $1 != -- ]]; do
    variables+=("$1")
    shift
  done
  (( $# == 0 )) || shift
  env PYTEST_ADDOPTS="-p no:cacheprovider --junitxml=$WORK/results/$name.xml" "${variables[@]}" \
    "$WORK/$venv/bin/python" -m pytest -q "$@"
}

# The command of the README, letter by letter, with the pip that comes with Python.
readme_commands() {
  "$PYTHON_311" -m venv "$WORK/readme"
  (
    export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_QUIET=2
    unset HUB_TEST_PG_DSN HUB_TEST_REDIS_URL HUB_TEST_MARIADB_SOCKET
    PATH="$WORK/readme/bin:$PATH"
    pip install -e '.[test]'
    export PYTEST_ADDOPTS="-p no:cacheprovider --junitxml=$WORK/results/sqlite-py311-django52.xml"
    python -m pytest
  )
}

types() {
  "$WORK/py311/bin/mypy" --cache-dir "$WORK/mypy"
}

imports() {
  "$WORK/py311/bin/lint-imports" --no-cache
}

lock_is_current() {
  "$UV" lock --check --default-index https://pypi.org/simple
}

# docs/openapi.yaml is what the code says, on every Python and Django, and OpenAPI 3.1.
openapi_is_current() {
  local venv=$1
  "$WORK/$venv/bin/python" manage.py spectacular --settings tests.openapi.site \
    --validate --fail-on-warn --file "$WORK/openapi-$venv.yaml"
  diff -u docs/openapi.yaml "$WORK/openapi-$venv.yaml"
  "$WORK/$venv/bin/openapi-spec-validator" --schema 3.1 docs/openapi.yaml
}

migrations_are_complete() {
  local venv=$1 user
  "$WORK/$venv/bin/python" manage.py makemigrations --check --dry-run
  # With another user model the same migrations have to fit.
  for user in auth.User users.UuidUser users.StringUser; do
    HUB_TEST_USER_MODEL=$user "$WORK/$venv/bin/python" manage.py makemigrations --check --dry-run \
      --settings tests.settings sessions_hub sessions_hub_engine
  done
}

deployment_check() {
  HUB_EXAMPLE_DEPLOY=1 "$WORK/$1/bin/python" manage.py check --deploy --fail-level WARNING
}

build_wheel() {
  # The wheel is built from the source distribution, so that one is tried as well.
  # All files get the time of the commit; without Git, that of the ZIP format's first day.
  SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null || echo 315532800)
  export SOURCE_DATE_EPOCH
  echo "$SOURCE_DATE_EPOCH" >"$WORK/epoch"
  "$UV" build --quiet --python "$PYTHON_311" --out-dir "$WORK/dist"
  ls "$WORK/dist"
  "$WORK/py311/bin/check-wheel-contents" --toplevel sessions_hub "$WORK"/dist/*.whl
  "$PYTHON_311" - "$ROOT" "$WORK"/dist/*.whl <<'PYTHON'
import pathlib, sys, zipfile

root, wheel = map(pathlib.Path, sys.argv[1:])
packed = set(zipfile.ZipFile(wheel).namelist())
wanted = {
    path.relative_to(root).as_posix()
    for path in (root / "sessions_hub").rglob("*")
    if path.is_file() and "__pycache__" not in path.parts
}
if missing := sorted(wanted - packed):
    sys.exit("Not in the wheel: " + ", ".join(missing))
print(len(wanted), "files of the package, all in the wheel")
PYTHON
}

# The same files give the same bytes, whenever, wherever and by whomever they are packed.
build_again() {
  local first second
  (
    umask 077
    SOURCE_DATE_EPOCH=$(cat "$WORK/epoch")
    export SOURCE_DATE_EPOCH TZ=Asia/Kathmandu LC_ALL=C
    mkdir "$WORK/again"
    tar --extract --gzip --touch --file "$WORK"/dist/*.tar.gz --directory "$WORK/again" --strip-components 1
    "$UV" build --quiet --python "$PYTHON_313" --out-dir "$WORK/dist-again" "$WORK/again"
  )
  for first in "$WORK"/dist/*.tar.gz "$WORK"/dist/*.whl; do
    second=$WORK/dist-again/$(basename "$first")
    cmp "$first" "$second"
    sha256sum "$second"
  done
}

# docs/ as a book. A broken link, a page in no table of contents, a docstring that is no
# reStructuredText: all are warnings, and a warning is an error.
build_book() {
  "$WORK/$1/bin/sphinx-build" --quiet --fail-on-warning --keep-going --fresh-env \
    --doctree-dir "$WORK/doctrees" docs "$WORK/book"
  ls "$WORK/book" | grep --count '[.]html$'
}

# In an empty environment, outside the clone: only the wheel and what it asks for.
use_wheel() {
  local folder=$WORK/site python=$WORK/wheel/bin/python
  "$UV" venv --quiet --python "$1" "$WORK/wheel"
  "$UV" pip install --quiet --python "$WORK/wheel" "$WORK"/dist/*.whl
  mkdir "$folder"
  cd "$folder"
  cat >site_settings.py <<'PYTHON'
SECRET_KEY = "only-for-this-check-0123456789-abcdefghijklmnopqrstuvwxyz"
ROOT_URLCONF = "site_urls"
USE_TZ = True
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "site.sqlite3"}}
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "sessions_hub",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "sessions_hub.middleware.SessionsHubMiddleware",
]
PYTHON
  echo 'urlpatterns = []' >site_urls.py
  export DJANGO_SETTINGS_MODULE=site_settings PYTHONPATH=$folder
  "$python" -m django check --fail-level WARNING
  "$python" -m django migrate --verbosity 0
  "$python" -m django migrate --verbosity 0 sessions_hub zero
  "$python" -m django migrate --verbosity 0
  "$python" -c 'import sessions_hub; print("Used from", sessions_hub.__file__)'
  [[ $("$python" -c 'import sessions_hub; print(sessions_hub.__file__)') == "$WORK"/wheel/* ]]
}

# -- The gate --------------------------------------------------------------------------

prepare() {
  setup "Pythons" find_pythons
  setup "uv" install_uv
  setup "Environment: Python 3.11, Django 5.2" make_venv py311 "$PYTHON_311" 5.2 dev
  setup "Environment: Python 3.13, Django 6.1" make_venv py313 "$PYTHON_313" 6.1 dev
  setup "PostgreSQL" start_postgres
  setup "Redis" start_redis
  setup "curl" find_curl
}

# For the examples of the documentation.
find_curl() {
  command -v curl >/dev/null || install_packages curl
  curl --version | head -n 1
}

WARNINGS=(-W error::DeprecationWarning -W error::PendingDeprecationWarning)

# The example project brings its own SQLite file: it, and the examples of the documentation,
# are tested once per Python.
NO_EXAMPLE=(--ignore=tests/example --ignore=tests/docs)
# What writes rows, or joins them with users.
TWO_DATABASES=(
  tests/account tests/api tests/engine tests/lifecycle tests/management tests/models
  --ignore=tests/lifecycle/test_allauth.py
)
# Of those the gate runs what is quick; .ci/full runs them all.
TWO_DATABASES_QUICK=(
  tests/account tests/admin tests/api tests/management tests/models --ignore=tests/api/routes
)
# What meets no database, or only looks at one, is left out: once per Python is enough.
DATABASE_ONLY=(
  "${NO_EXAMPLE[@]}" --ignore=tests/understanding --ignore=tests/capture --ignore=tests/openapi
)

# These of the files' lane are tested in the other one: so both take as long.
OTHER_LANE=(tests/api tests/openapi)

rules() {
  step "ruff check" "$WORK/py311/bin/ruff" check .
  step "ruff format" "$WORK/py311/bin/ruff" format --check .
  step "mypy" types
  step "lint-imports" imports
  step "uv.lock fits pyproject.toml" lock_is_current
  step "makemigrations --check, Django 5.2" migrations_are_complete py311
  step "makemigrations --check, Django 6.1" migrations_are_complete py313
  step "docs/openapi.yaml, Python 3.11, Django 5.2" openapi_is_current py311
  step "docs/openapi.yaml, Python 3.13, Django 6.1" openapi_is_current py313
  step "check --deploy on the example project" deployment_check py313
  step "wheel" build_wheel
  step "wheel and source, packed again: the same bytes" build_again
  step "wheel in an empty environment" use_wheel "$PYTHON_313"
  step "the book" build_book py313
}

# Two lanes for two cores, split by the server they work on: what stops, locks or fills a
# database never meets the other lane.
files() {
  rules
  step "README's commands: SQLite, Python 3.11, Django 5.2" readme_commands
  step "tests: SQLite, Python 3.13, Django 6.1, no deprecated calls" \
    tests sqlite-py313-django61 py313 HUB_TEST_SERVICES=required -- "${WARNINGS[@]}" \
    "${OTHER_LANE[@]/#/--ignore=}"
}

servers() {
  step "tests: SQLite, Python 3.13, Django 6.1, the API, no deprecated calls" \
    tests sqlite-api-py313-django61 py313 HUB_TEST_SERVICES=required -- "${WARNINGS[@]}" \
    "${OTHER_LANE[@]}"
  step "tests: PostgreSQL, Python 3.11, Django 5.2" \
    tests postgresql-py311-django52 py311 HUB_TEST_DATABASE=postgresql \
    HUB_TEST_SERVICES=required -- "${DATABASE_ONLY[@]}" --ignore=tests/api/routes
  step "tests: PostgreSQL, two databases, Python 3.13, Django 6.1" \
    tests postgresql-split-py313-django61 py313 HUB_TEST_DATABASE=postgresql HUB_TEST_SPLIT=1 \
    HUB_TEST_SERVICES=required -- "${TWO_DATABASES_QUICK[@]}"
  step "50 generated calls of every operation: SQLite, Python 3.13, Django 6.1" \
    generated calls-sqlite-py313 py313 50
}

# generated NAME VENV CALLS [VARIABLE=value...]: every operation of docs/openapi.yaml, that often.
generated() {
  local name=$1 venv=$2 calls=$3
  shift 3
  tests "$name" "$venv" "HUB_TEST_CALLS=$calls" HUB_TEST_SERVICES=required "$@" \
    -- -m generated tests/openapi
}

gate() {
  lanes files servers
}

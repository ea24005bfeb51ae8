"""Scripts of workflows: which commands run, whose failure is lost, and what they do."""

from __future__ import annotations

import time

import pytest

from poc2prod.evidence import needed, shell

TEST = {"pytest"}


def heard(script: str, under: str = "") -> tuple[bool, bool]:
    """Whether pytest runs, and whether each of its failures is the script's."""
    found = [one for one in shell.commands(script, under) if TEST & set(one.words[:1])]
    return bool(found), bool(found) and not any(one.lost for one in found)


@pytest.mark.parametrize(
    "script",
    [
        "pytest",
        "pytest; true",
        "pytest\ntrue",
        "pytest && echo good",
        "cd app && pytest\nls",
        "pytest || exit 1\nls",
        "pytest || { echo bad; exit 1; }\nls",
        "pytest || code=$?\nls\nexit $code",
        'set +e\npytest\ncode=$?\nls\nexit "$code"',
        "set +e\npytest\nexit $?",
        "set +e\nls\npytest",
        "set -o pipefail\npytest | tee log",
        "set -euo pipefail\npytest |& tee log",
        "pytest | tee log\nexit ${PIPESTATUS[0]}",
        "yes | pytest",
        "pytest > log 2>&1\nls",
        "if [ -d tests ]; then pytest; fi",
        "if ! pytest; then exit 1; fi\nls",
        "for one in a b; do pytest $one; done\nls",
        "case $x in\n  a) pytest ;;\nesac\nls",
        "(cd app; pytest)\nls",
        "pytest \\\n  -q\nls",
        "[[ -d a && -d b ]] && pytest",
    ],
)
def test_failures_that_end_the_script(script: str) -> None:
    """As bash -e has it."""
    assert heard(script) == (True, True)


@pytest.mark.parametrize(
    "script",
    [
        "pytest || true",
        "pytest || /bin/true",
        "pytest || :",
        "pytest || exit 0",
        "pytest | tee log",
        "pytest |& tee log",
        "set +e\npytest\nls",
        "set +o errexit\npytest\nls",
        "pytest && ls\nls",
        "pytest &\nls",
        "! pytest",
        "(cd app; pytest) || true",
        "{ pytest; ls; } && ls",
        "if pytest; then ls; fi",
        "until pytest; do ls; done",
        "pytest || code=$?\nls",
        "set +e\npytest\ncode=$?\nls",
    ],
)
def test_failures_that_are_lost(script: str) -> None:
    """They run, and the script ends well."""
    assert heard(script) == (True, False)


@pytest.mark.parametrize(
    "script",
    [
        "# pytest",
        "echo pytest",
        "echo 'ls; pytest'",
        "cat <<EOF\npytest\nEOF",
        "exit 0\npytest",
        "if false; then pytest; fi",
        "true || pytest",
        "false && pytest",
        "tests() { pytest; }\nls",
        "function tests { pytest; }\nls",
        "echo ${{ a && 'b' || ';pytest' }}",
        "x=$(pytest)",
        "ls > pytest",
    ],
)
def test_what_does_not_run(script: str) -> None:
    """Words, comments, here-documents, branches that are never taken."""
    assert heard(script) == (False, False)


@pytest.mark.parametrize(
    ("under", "script", "said"),
    [
        ("bash", "pytest | tee log", (True, True)),
        ("sh", "pytest | tee log", (True, False)),
        ("bash {0}", "pytest\nls", (True, False)),
        ("bash -e {0}", "pytest\nls", (True, True)),
        ("bash -eo pipefail {0}", "pytest | tee log", (True, True)),
        ("pwsh", "pytest\nls", (True, False)),
        ("pwsh", "ls\npytest", (True, True)),
        ("python", "pytest", (False, False)),
        ("${{ matrix.shell }}", "pytest", (False, False)),
    ],
)
def test_how_each_shell_is_started(under: str, script: str, said: tuple[bool, bool]) -> None:
    """By GitHub: `bash` counts failures in pipes, the default does not."""
    assert heard(script, under) == said


@pytest.mark.parametrize(
    ("line", "does"),
    [
        ("pytest -q", ["tests"]),
        ("python3.12 -X dev -m pytest", ["tests"]),
        (".venv/bin/python -m app observe", ["lint", "tests"]),
        ("FOO=1 uv run --with x pytest", ["tests"]),
        ("coverage run --source src -m pytest", ["tests"]),
        ("timeout 600 pytest", ["tests"]),
        ("sudo -E env A=1 pytest", ["tests"]),
        ("docker compose run --rm app pytest", ["tests"]),
        ("make -C app lint test", ["lint", "tests"]),
        ("uvx ruff check .", ["lint"]),
        ("python -m app sample", ["pipeline"]),
        ("python -m app image -- --dry-run", ["image"]),
        ("docker buildx build .", ["image"]),
        ("uvx poc2prod@1.2 gate poc", ["gate"]),
        ("pip install pytest", []),
        ("uv pip install pytest", []),
        ("docker run image pip install pytest", []),
        ("pytest --version", []),
        ("pytest --collect-only", []),
        ("cat pytest.ini", []),
        ("make -n test", []),
        ("make test-data", []),
        ("ruff check --exit-zero", []),
        ("ruff format", []),
        ("poc2prod show gate", []),
        ("python tool.py -m app test", []),
        ("python -m", []),
        ("uv", []),
    ],
)
def test_what_a_command_does(line: str, does: list[str]) -> None:
    """By the word it begins with, whatever starts it; asking for its version does nothing."""
    assert needed.by(line.split()) == does


@pytest.mark.parametrize(
    "text",
    ["'", '"', "`", "$(", "(", "{ ", "if ", "<<a\n", "${{", "a|", "a&&", "a;", "\\\n", "f() ", "x=$?\n", ")"],
)
def test_hostile_scripts_take_no_time(text: str) -> None:
    """Nothing hangs or falls, however often it stands there."""
    start = time.perf_counter()
    shell.commands(text * (250_000 // len(text)))
    assert time.perf_counter() - start < 5

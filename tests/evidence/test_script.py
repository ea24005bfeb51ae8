"""Scripts of workflows: which commands run, whose failure is lost, what cannot be told, and what they do."""

from __future__ import annotations

import time

import pytest

from poc2prod.evidence import script, workflow


def judged(text: str, shell: str = "") -> str:
    """Whether pytest's failure in a script is `heard`, `lost` or `untold`; `absent` where it does not run."""
    runs = [one for one in script.commands(text, shell) if one.words[:1] == ["pytest"]]
    return "absent" if not runs else "untold" if runs[0].unread else "lost" if runs[0].lost else "heard"


@pytest.mark.parametrize(
    "text",
    [
        "pytest",
        "pytest; true",
        "pytest\ntrue",
        "pytest && echo good",
        "cd app && pytest\nls",
        "pytest || exit 1\nls",
        "pytest ||\n  exit 1",
        "set +e\nls\npytest",
        "set -o pipefail\npytest | tee log",
        "set -euo pipefail\npytest |& tee log",
        "yes | pytest",
        "pytest > log 2>&1\nls",
        "pytest &> log # a comment || true\nls",
        "pytest \\\n  -q\nls",
        "[ -d tests ] && pytest",
        "pytest -k '(a or b)' -m \"not slow\"\nls",
        "pytest ${{ matrix.fast == 'a' && '-x' || '' }}\nls",
        "cat <<EOF > file\nif broken; (\nEOF\npytest\nls",
        'read -r -a options <<< "$OPTIONS"\npytest "${options[@]}"',
    ],
)
def test_failures_that_end_the_script(text: str) -> None:
    """As bash -e has it."""
    assert judged(text) == "heard"


@pytest.mark.parametrize(
    "text",
    [
        "pytest || true",
        "pytest || /bin/true",
        "pytest || :",
        "pytest || exit 0",
        "pytest || echo 'never mind'",
        "pytest | tee log",
        "pytest |& tee log",
        "set +e\npytest\nls",
        "set +o errexit\npytest\nls",
        "set +e\npytest\nexit 0",
        "pytest && ls\nls",
        "pytest || code=$?\nls",
        "pytest &\nls",
    ],
)
def test_failures_that_are_lost(text: str) -> None:
    """They run, and the script ends well."""
    assert judged(text) == "lost"


@pytest.mark.parametrize(
    "text",
    [
        "pytest || code=$?\nls\nexit $code",
        "set +e\npytest\ncode=$?\nls\nexit $code",
        "pytest || { echo bad; exit 1; }",
        "pytest | tee log\nexit ${PIPESTATUS[0]}",
        "if [ -d tests ]; then pytest; fi",
        "for one in a b; do pytest; done",
        "(cd app; pytest)",
        "! pytest",
        "version=$(cat version)\npytest",
        "echo `date`\npytest",
        "pytest\npython -c 'print(\n1)'",
    ],
)
def test_scripts_that_are_not_read_exactly(text: str) -> None:
    """The command is seen; that its failure counts is not said."""
    assert judged(text) == "untold"


@pytest.mark.parametrize(
    "text",
    [
        "# pytest",
        "echo pytest",
        "echo 'ls; pytest'",
        "cat <<EOF\npytest\nEOF",
        "exit 0\npytest",
        "ls > pytest",
    ],
)
def test_what_does_not_run(text: str) -> None:
    """Words, comments, here-documents, what stands behind the end."""
    assert judged(text) == "absent"


@pytest.mark.parametrize(
    ("shell", "text", "result"),
    [
        ("bash", "pytest | tee log", "heard"),
        ("sh", "pytest | tee log", "lost"),
        ("bash {0}", "pytest\nls", "lost"),
        ("bash -e {0}", "pytest\nls", "heard"),
        ("bash --noprofile -eo pipefail {0}", "pytest | tee log", "heard"),
        ("pwsh", "pytest\nls", "untold"),
        ("${{ matrix.shell }}", "pytest", "untold"),
        ("python", "pytest", "absent"),
    ],
)
def test_how_each_shell_is_started(shell: str, text: str, result: str) -> None:
    """By GitHub: `bash` counts failures in pipes, the default does not."""
    assert judged(text, shell) == result


@pytest.mark.parametrize(
    ("line", "does"),
    [
        ("pytest -q", ["tests"]),
        ("python3.12 -X dev -m pytest", ["tests"]),
        (".venv/bin/python -m app observe", ["lint", "tests"]),
        ("FOO=1 uv run --with x pytest", ["tests"]),
        ("uv run --frozen python -m app sample", ["pipeline"]),
        ("coverage run --source src -m pytest", ["tests"]),
        ("timeout 600 pytest", ["tests"]),
        ("sudo -E env A=1 pytest", ["tests"]),
        ("docker compose run --rm app pytest", ["tests"]),
        ("nox -s tests", ["tests"]),
        ("hatch test -a", ["tests"]),
        ("make -C app lint test", ["lint", "tests"]),
        ("uvx ruff check .", ["lint"]),
        ("pre-commit run --all-files", ["lint"]),
        ("python -m app sample", ["pipeline"]),
        ("python -m app image -- --dry-run", ["image"]),
        ("docker buildx build .", ["image"]),
        ("uvx poc2prod@1.2 gate poc", ["gate"]),
        ("pip install pytest", []),
        ("uv pip install pytest", []),
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
    assert workflow.does(line.split()) == does


@pytest.mark.parametrize(
    "text",
    ["'", '"', "`", "$(", "(", "{ ", "if ", "<<a\n", "${{", "a|", "a&&", "a;", "\\\n", "f() ", "x=$?\n", ")"],
)
def test_hostile_scripts_take_no_time(text: str) -> None:
    """Nothing hangs or falls, however often it stands there."""
    start = time.perf_counter()
    for one in script.commands(text * (250_000 // len(text))):
        workflow.does(one.words)
    assert time.perf_counter() - start < 5

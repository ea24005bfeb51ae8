"""The source hash: what it is of, and what changes it."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from poc2prod_kit.run import hashing
from poc2prod_kit.serving import source as kit

from poc2prod.evidence.dockerfile import keeps_out

Change = Callable[[Path], object]
PARAMS = "seed = 1\n[split]\nat = 2020-01-01\n[roadmap]\nmemory_mb = 5\n[rollout_plan]\nalpha = 0.05\n"
LINKS = pytest.mark.skipif(os.name == "nt", reason="links need a right there")


def write(root: Path, name: str, content: bytes | str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A small project with what people's machines do to files."""
    made: dict[str, bytes | str] = {
        "src/x/a.py": "a = 1\r\nb = 2\r\n",
        "src/x/größe.py": "\ufeffa = 1\n",
        "src/x/logo.bin": b"\0\r\n\0",
        "tests/rows.json": '{"b": 1.0, "a": [1e-7, "é"]}',
        "tests/broken.json": '{"a": 1,\r\n',
        "tests/twice.json": '{"a": 1, "a": 2}',
        "tests/null.json": "null",
        "tests/broken.toml": "= 1\n",
        "tests/sample.csv.gz": gzip.compress(b"a\n1\n", mtime=1),
        "tests/cut.csv.gz": gzip.compress(b"a\n1\n")[:-3],
        "params.toml": "\ufeff" + PARAMS,
        "schema.toml": "[[column]]\nname = 'a'\n",
        "pyproject.toml": "[project]\n",
        "requirements.lock": "a==1\n",
        "requirements-api.lock": "a==1\n",
        "Dockerfile": "FROM x\n",
        ".dockerignore": "*\n",
        "compose.yaml": "services: {}\n",
        ".github/workflows/ci.yml": "on: push\n",
    }
    for name, content in (made | OUTSIDE).items():
        write(tmp_path / "p", name, content)
    return tmp_path / "p"


OUTSIDE: dict[str, bytes | str] = {
    "src/x/__pycache__/a.pyc": b"1",
    "src/x.egg-info/PKG": "1",
    "src/x/b.pyc": b"1",
    "src/x/.mypy_cache/a.json": "{}",
    "tests/.pytest_cache/v": "1",
    "data/raw/a.csv": "1",
    "docs/a.md": "1",
    "README.md": "1",
    "reports/a.json": "{}",
    "records/a.json": "{}",
    ".github/dependabot.yml": "1",
    "models/model.skops": b"1",
}


def test_links_pipes_and_odd_names_do_not_stop_it(root: Path) -> None:
    """Each link counts; what is no file, hidden or a cache does not, and a pipe is not waited for."""
    if os.name != "nt":
        (root / "src/x/linked.py").symlink_to("a.py")
        (root / "src/x/out.py").symlink_to("/etc/hostname")
        (root / "src/x/nowhere.py").symlink_to("gone.py")
        (root / "src/x/loop.py").symlink_to("loop.py")
        (root / "tests/folder").symlink_to("../data")
        os.mkfifo(root / "src/x/pipe.py")
        write(root, "src/x/back\\slash.py", "a = 1\n")
        write(root, "src/x/.hidden.py", "a = 1\n")
    assert len(kit.files(root)) == (25 if os.name != "nt" else 19)


def test_what_is_hashed_and_how(root: Path) -> None:
    """Text with LF, parsed TOML and JSON, unpacked gzip, the rest by its bytes; nothing but the source."""

    def sha(content: bytes) -> str:
        return hashlib.sha256(content).hexdigest()

    def said(value: object) -> str:
        return sha(json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode())

    assert kit.files(root) == {
        ".dockerignore": sha(b"*\n"),
        ".github/workflows/ci.yml": sha(b"on: push\n"),
        "Dockerfile": sha(b"FROM x\n"),
        "compose.yaml": sha(b"services: {}\n"),
        "params.toml": said({"seed": 1, "split": {"at": "2020-01-01"}}),
        "pyproject.toml": said({"project": {}}),
        "requirements-api.lock": sha(b"a==1\n"),
        "requirements.lock": sha(b"a==1\n"),
        "schema.toml": said({"column": [{"name": "a"}]}),
        "src/x/a.py": hashing.of_code(b"a = 1\nb = 2\n"),
        "src/x/größe.py": hashing.of_code(b"a = 1\n"),
        "src/x/logo.bin": sha(b"\0\r\n\0"),
        "tests/broken.json": sha(b'{"a": 1,\n'),
        "tests/broken.toml": sha(b"= 1\n"),
        "tests/cut.csv.gz": sha((root / "tests/cut.csv.gz").read_bytes()),
        "tests/null.json": sha(b"null"),
        "tests/rows.json": said({"a": [1e-7, "é"], "b": 1.0}),
        "tests/sample.csv.gz": sha(b"a\n1\n"),
        "tests/twice.json": sha(b'{"a": 1, "a": 2}'),
    }


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda root: write(root, "src/x/a.py", "a = 1\nb = 2\n"), id="newlines"),
        pytest.param(lambda root: write(root, "src/x/a.py", "# why\na = (1)\nb=2\n"), id="comment"),
        pytest.param(
            lambda root: write(root, "params.toml", PARAMS.replace("_mb = 5", "_mb = 6")), id="plan"
        ),
        pytest.param(lambda root: write(root, "params.toml", "# why\n" + PARAMS), id="remark"),
        pytest.param(
            lambda root: write(root, "tests/rows.json", '{"a":[1e-07,"\\u00e9"],"b":1.0}'), id="json"
        ),
        pytest.param(
            lambda root: write(root, "tests/sample.csv.gz", gzip.compress(b"a\n1\n", 1, mtime=9)), id="gzip"
        ),
        pytest.param(lambda root: write(root, "src/x/__pycache__/c.pyc", b"2"), id="cache"),
        pytest.param(lambda root: write(root, "reports/b.json", "{}"), id="report"),
    ],
)
def test_what_says_the_same_hashes_the_same(root: Path, change: Change) -> None:
    """Another checkout, a plan, a remark, a cache and a report change nothing."""
    before = kit.source_hash(root)
    change(root)
    assert kit.source_hash(root) == before


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda root: write(root, "src/x/a.py", "a = 2\nb = 2\n"), id="code"),
        pytest.param(lambda root: write(root, "src/x/new.py", ""), id="new file"),
        pytest.param(lambda root: (root / "Dockerfile").unlink(), id="gone"),
        pytest.param(lambda root: (root / "src/x/a.py").rename(root / "src/x/c.py"), id="renamed"),
        pytest.param(
            lambda root: write(root, "params.toml", PARAMS.replace("seed = 1", "seed = 2")), id="choice"
        ),
        pytest.param(lambda root: write(root, ".github/workflows/two.yml", "on: push\n"), id="workflow"),
        pytest.param(lambda root: write(root, "src/x/.ruff.toml", "exclude = ['*']\n"), id="hidden settings"),
        *(pytest.param(lambda root, name=name: write(root, name, "#\n"), id=name) for name in kit.SETTINGS),
    ],
)
def test_what_says_something_else_hashes_otherwise(root: Path, change: Change) -> None:
    """Code, choices, names, workflows, and what tools and builds read beside their usual settings."""
    before = kit.source_hash(root)
    change(root)
    assert kit.source_hash(root) != before


def test_all_that_is_hashed_enters_the_build_of_an_image() -> None:
    """So that the hash there is the hash here."""
    template = Path(__file__).parents[2] / "{{cookiecutter.__slug}}"
    text = (template / "{{cookiecutter.__full}}{{cookiecutter.__dot}}dockerignore").read_text("utf-8")
    locks = ("requirements.lock", "requirements-api.lock")
    names = (*kit.FILES, *kit.SETTINGS, *locks, "src/x/a.py", "src/x/.ruff.toml", "tests/a.json")
    assert [name for name in names if keeps_out(text, name)] == []


def test_decomposed_names_are_the_same_names(tmp_path: Path) -> None:
    """As some file systems give them."""
    write(tmp_path / "one", unicodedata.normalize("NFC", "src/x/größe.py"), "a = 1\n")
    write(tmp_path / "two", unicodedata.normalize("NFD", "src/x/größe.py"), "a = 1\n")
    assert kit.source_hash(tmp_path / "one") == kit.source_hash(tmp_path / "two")


@LINKS
def test_a_link_out_of_the_project_is_not_followed(root: Path, tmp_path: Path) -> None:
    """What it leads to may change; the link itself counts."""
    write(tmp_path, "elsewhere/a.py", "a = 1\n")
    (root / "src/x/out").symlink_to(tmp_path / "elsewhere")
    (root / "src/x/out.py").symlink_to(tmp_path / "elsewhere/a.py")
    before = kit.files(root)
    write(tmp_path, "elsewhere/a.py", "a = 2\n")
    assert kit.files(root) == before
    assert {"src/x/out", "src/x/out.py"} <= set(before)


@LINKS
def test_a_link_says_the_same_where_its_target_is_not(root: Path, tmp_path: Path) -> None:
    """As in an image, which holds the source alone; settings that are a link count as what they say."""
    (root / "tests/rows.csv").symlink_to("../data/raw/a.csv")
    (root / "tox.ini").symlink_to("data/raw/a.csv")
    before = kit.files(root)
    write(root, "data/raw/a.csv", "2")
    after = kit.files(root)
    assert {name for name in after if after[name] != before[name]} == {"tox.ini"}
    (root / "data/raw/a.csv").unlink()
    assert kit.files(root)["tests/rows.csv"] == before["tests/rows.csv"]


@pytest.mark.parametrize("name", ["src/x/large.bin", "tests/bomb.csv.gz"])
def test_a_file_too_large_for_source_is_named_and_not_read(
    root: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether by itself or once unpacked."""
    monkeypatch.setattr(kit, "LIMIT", 1000)
    write(root, name, gzip.compress(bytes(2000)) if name.endswith("gz") else bytes(2000))
    with pytest.raises(kit.SourceError, match=name):
        kit.files(root)


def test_it_runs_as_a_script_with_the_standard_library_alone(root: Path) -> None:
    """As a stage of an image's build does."""
    command = [sys.executable, "-S", "-m", kit.__name__, str(root)]
    library = Path(kit.__file__).parents[2]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": str(library)}
    )
    assert done.stdout == kit.source_hash(root) + "\n"

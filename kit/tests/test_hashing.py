"""One hash for each kind of input, the same on every machine."""

from __future__ import annotations

import ast
import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from bakes import ROOT, SUPPORTED, interpreters
from poc2prod_kit.run import hashing
from poc2prod_kit.run.errors import ProjectError


def test_text_is_hashed_with_newlines_as_lf(tmp_path: Path) -> None:
    """A checkout on Windows has the same hash."""
    unix, windows = tmp_path / "a.md", tmp_path / "b.md"
    unix.write_bytes(b"one\ntwo\n")
    windows.write_bytes(b"one\r\ntwo\r\n")
    assert hashing.of_file(unix) == hashing.of_file(windows) == hashlib.sha256(b"one\ntwo\n").hexdigest()


def test_data_are_hashed_after_decompression(tmp_path: Path) -> None:
    """Packed again with another time or level, a table is the same; a csv keeps its bytes."""
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"a\r\n1\r\n", mtime=1))
    assert hashing.of_file(path) == hashlib.sha256(b"a\r\n1\r\n").hexdigest()


def test_toml_is_hashed_by_what_it_says(tmp_path: Path) -> None:
    """Comments and order change nothing; a value does."""
    one, same, other = (tmp_path / f"{name}.toml" for name in ("one", "same", "other"))
    one.write_text("a = 1 # note\nb = 2\n", encoding="utf-8")
    same.write_text("b = 2\na = 1\n", encoding="utf-8")
    other.write_text("b = 2\na = 1.5\n", encoding="utf-8")
    assert hashing.of_file(one) == hashing.of_file(same) != hashing.of_file(other)


def test_a_cut_off_file_is_named(tmp_path: Path) -> None:
    """A gzip file that a killed copy left behind is an error for people, not a traceback."""
    path = tmp_path / "split.csv.gz"
    path.write_bytes(gzip.compress(b"id,part\n" * 1000)[:-10])
    with pytest.raises(ProjectError, match=r"^split\.csv\.gz is damaged"):
        hashing.of_file(path)


def test_a_hash_is_computed_once_until_the_file_changes(tmp_path: Path) -> None:
    """The second question reads nothing; a changed file is read again."""
    path, asked = tmp_path / "a.csv", []

    def compute(file: Path) -> str:
        asked.append(file.name)
        return file.read_text(encoding="utf-8")

    path.write_text("one", encoding="utf-8")
    first = [hashing.once(compute, path) for _ in range(3)]
    path.write_text("three", encoding="utf-8")
    assert [*first, hashing.once(compute, path)] == ["one", "one", "one", "three"]
    assert asked == ["a.csv", "a.csv"]


def test_local_modules_are_followed(tmp_path: Path) -> None:
    """Imports of the package count, direct or not, relative or not; other libraries do not."""
    package = tmp_path / "shop"
    (package / "kit" / "tools").mkdir(parents=True)
    files = {
        "split.py": "import json\nfrom . import data\nfrom .kit import plots\n",
        "data.py": "import shop.kit.files\nfrom shop.kit.tools import saw\n",
        "kit/plots.py": "from .. import rules\n",
        "kit/files.py": "",
        "kit/tools/__init__.py": "",
        "kit/tools/saw.py": "",
        "rules.py": "",
        "features.py": "",
    }
    for name, text in files.items():
        (package / name).write_text(text, encoding="utf-8")
    found = hashing.local_modules(package / "split.py", package)
    assert {path.relative_to(package).as_posix() for path in found} == set(files) - {"features.py"}


MODULES = sorted(
    path for folder in ("kit/src", "{{cookiecutter.__slug}}/src") for path in (ROOT / folder).rglob("*.py")
)
# What Pythons parse into different trees, or formatters write otherwise
AWKWARD = rb'''
"""A page
    indented
"""
import os
x, width = 1.50, 0XFF
print(f"{x:>{width}} {x!r:{x}{width}}" f"{x=}" "two" f'three')
del (x, width)
class A():
    'doc\ttab '
    async def f(self, *, a: int = 1_000, **k: "str") -> None:
        u"doc"
        with (open("\xe4\u00e4\U0001fae8") as a, open(b"\x00"),):
            return (await a)[1, 2:3]
match os.sep:
    case -1 | {"a": 1, **rest} | [*_]: pass
print(0x1FFFFFFFFFFFFFFFFFFFFFFFF, 1e400, -0.0, 1j, ..., None, True)
'''


@pytest.mark.parametrize(
    ("one", "same"),
    [
        ("x = 1\n", "# why\nx = (1)  # because\n\n\n"),
        ("x = 1\ny = 2\n", "\ufeffx = 1\r\ny = 2\r\n"),
        ("s = 'a' \"b\"\n", 's = "ab"\n'),
        ('def f():\n  "doc\\n  more"\n', 'def f():\n    """doc\\n        more\n    """\n'),
        ("del (a, b)\n", "del a, b\n"),
        ("f(a,)\n", "f(\n    a,\n)\n"),
        ("x = 0XAB + 1_0\n", "x = 0xab + 10\n"),
    ],
)
def test_formatting_is_not_code(one: str, same: str) -> None:
    """Comments, newlines, quotes, parentheses, the indentation of docstrings, the writing of numbers."""
    assert hashing.of_code(one.encode()) == hashing.of_code(same.encode())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x = 1\n", "x = 2\n"),
        ("x = 1\n", "x = 1.0\n"),
        ("x = 1\n", "x = True\n"),
        ("x = 'a'\n", "x = b'a'\n"),
        ("x = 'a'\n", "x = a\n"),
        ("x = 'a  b'\n", "x = 'a b'\n"),
        ("x = f'{a}b'\n", "x = f'{a}' + 'b'\n"),
        ("x = f'{a}b'\n", "x = f'b{a}'\n"),
        ("x = a, b\n", "x = a\nb\n"),
        ("x = a - (b - c)\n", "x = a - b - c\n"),
        ("if a:\n  b\nelse:\n  c\n", "if a:\n  b\nc\n"),
        ("def f(a, b): pass\n", "def f(a, *, b): pass\n"),
        ('"""One."""\n', '"""Two."""\n'),
        ("import a\nimport b\n", "import b\nimport a\n"),
        ("x = (\n", "x = [\n"),
    ],
)
def test_other_code_has_another_hash(one: str, other: str) -> None:
    """Values, types, names, order, structure, docstrings; and what cannot be parsed, by its lines."""
    assert hashing.of_code(one.encode()) != hashing.of_code(other.encode())


@pytest.mark.parametrize("source", [b"(" * 5000, b"x = " + b"-" * 3000 + b"1", b"\0", b"\xff = 1", b""])
def test_no_content_stops_it(source: bytes) -> None:
    """Deep nesting, zero bytes, other encodings, emptiness."""
    assert len(hashing.of_code(source)) == 64


def test_a_long_chain_is_hashed_by_its_tree() -> None:
    """Depth is no limit of ours."""
    chain = " + ".join(["x"] * 900)
    assert hashing.of_code(f"y = {chain}".encode()) == hashing.of_code(f"y = ({chain})  # why".encode())


def commented(source: str) -> str:
    """The source with a comment above each statement of the module, and one at the end."""
    lines = source.split("\n")
    for node in reversed(ast.parse(source).body):
        first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", []))])
        lines.insert(first - 1, "# why")
    return "\n".join([*lines, "# end"])


@pytest.mark.parametrize("length", [60, 88])
def test_formatting_and_comments_change_no_module_of_ours(length: int, tmp_path: Path) -> None:
    """Each module of the library, the template and the command, formatted by ruff to other lengths."""
    copies = [tmp_path / f"{number}.py" for number in range(len(MODULES) + 1)]
    sources = [*(path.read_bytes() for path in MODULES), AWKWARD]
    for copy, source in zip(copies, sources, strict=True):
        copy.write_text(commented(source.decode()), encoding="utf-8")
    ruff = Path(sys.executable).with_name("ruff" + (".exe" if os.name == "nt" else ""))
    program = str(ruff) if ruff.exists() else shutil.which("ruff")
    if not program:
        pytest.skip("ruff is not installed here")
    subprocess.run([program, "format", "-q", "--isolated", f"--line-length={length}", tmp_path], check=True)
    assert any(copy.read_bytes() != source for copy, source in zip(copies, sources, strict=True))
    changed = [
        copy.name
        for copy, source in zip(copies, sources, strict=True)
        if hashing.of_code(copy.read_bytes()) != hashing.of_code(source)
    ]
    assert (len(copies) > 100, changed) == (True, [])


@pytest.mark.parametrize("version", SUPPORTED, ids=lambda version: f"{version[0]}.{version[1]}")
def test_every_python_gives_the_same_hash(version: tuple[int, int], tmp_path: Path) -> None:
    """Each module of ours, and code that Pythons parse differently."""
    program = interpreters().get(version)
    if not program:
        pytest.skip(f"Python {version[0]}.{version[1]} is not installed here")
    awkward = tmp_path / "awkward.py"
    awkward.write_bytes(AWKWARD)
    paths = [awkward, *MODULES]
    code = (
        "import json, pathlib, sys\nfrom poc2prod_kit.run import hashing\n"
        "names = json.load(sys.stdin)\n"
        "print(json.dumps([hashing.of_code(pathlib.Path(name).read_bytes()) for name in names]))"
    )
    done = subprocess.run(
        [program, "-W", "error", "-c", code],
        input=json.dumps([str(path) for path in paths]),
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "kit" / "src")},
    )
    assert json.loads(done.stdout) == [hashing.of_code(path.read_bytes()) for path in paths]

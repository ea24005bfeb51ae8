"""The library's wheel in vendor/: packed the same everywhere, installed whatever an index offers."""

from __future__ import annotations

import base64
import hashlib
import http.server
import io
import os
import re
import shutil
import subprocess
import sys
import threading
import tomllib
import zipfile
from collections.abc import Callable, Iterator
from email import message_from_string
from functools import partial
from importlib import metadata
from pathlib import Path

import pytest
from bakes import clean_environment
from conftest import ROOT, Command, tree

from poc2prod import __version__, template

WHEEL = f"poc2prod_kit-{__version__}+vendored-py3-none-any.whl"
INFO = f"poc2prod_kit-{__version__}+vendored.dist-info"
HOSTILE = "raise SystemExit('hostile')\n"
# As much of the package editables as hatchling needs
EDITABLES = """
class EditableProject:
    def __init__(self, name, folder):
        self.name, self.folders = name, []
    def add_to_path(self, folder):
        self.folders.append(folder)
    def files(self):
        yield f"{self.name}.pth", "\\n".join(self.folders)
    def dependencies(self):
        return []
"""


@pytest.fixture
def project(poc2prod: Command) -> Path:
    """A generated project."""
    assert poc2prod("new", "made", "--no-input", "--no-git", "--set", "package=made").code == 0
    return Path("made").absolute()


def test_the_library_has_the_version_of_the_command() -> None:
    """One version for the command, its template and the library."""
    text = (ROOT / "kit" / "pyproject.toml").read_text(encoding="utf-8")
    assert tomllib.loads(text)["project"]["version"] == __version__


def test_the_wheel_is_valid(project: Path) -> None:
    """Names and hashes in RECORD are those of the files; nothing is compressed, dated or missing."""
    archive = zipfile.ZipFile(project / "vendor" / WHEEL)
    record = archive.read(f"{INFO}/RECORD").decode().splitlines()
    assert record == [
        f"{name},sha256={digest(archive.read(name))},{len(archive.read(name))}"
        if not name.endswith("/RECORD")
        else f"{name},,"
        for name in archive.namelist()
    ]
    assert {(one.compress_type, one.date_time) for one in archive.infolist()} == {
        (zipfile.ZIP_STORED, (1980, 1, 1, 0, 0, 0))
    }
    source = ROOT / "kit" / "src"
    ours = {path: content for path, content in tree(source).items() if "__pycache__" not in path}
    assert {n: archive.read(n) for n in archive.namelist() if not n.startswith(INFO)} == ours


def digest(content: bytes) -> str:
    """The hash of a file as RECORD has it."""
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def test_the_metadata_says_what_pyproject_says(project: Path) -> None:
    """Version, Python and every requirement of every extra, markers kept."""
    text = zipfile.ZipFile(project / "vendor" / WHEEL).read(f"{INFO}/METADATA").decode()
    said = message_from_string(text)
    kit = tomllib.loads((ROOT / "kit" / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (said["Name"], said["Version"]) == ("poc2prod-kit", f"{__version__}+vendored")
    assert (said["Requires-Python"], kit["dependencies"]) == (kit["requires-python"], [])
    assert said.get_all("Provides-Extra") == list(kit["optional-dependencies"])
    required = said.get_all("Requires-Dist", [])
    assert len(required) == sum(map(len, kit["optional-dependencies"].values()))
    assert 'numpy>=1.26 ; extra == "pipeline"' in required
    marker = "(sys_platform != 'win32' and implementation_name == 'cpython') and extra == \"serving\""
    assert f"uvloop>=0.21 ; {marker}" in required


def test_the_same_sources_give_the_same_wheel_whatever_the_checkout(project: Path, tmp_path: Path) -> None:
    """Newlines of Windows, caches and other modes and dates in a copy of the sources change no byte."""
    copy = tmp_path / "copy"
    shutil.copytree(ROOT / "kit", copy / "kit", ignore=shutil.ignore_patterns("__pycache__", "tests"))
    shutil.copy(ROOT / "poc2prod_vendor.py", copy)
    for path in (copy / "kit").rglob("*.py"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
        path.chmod(0o600)
        os.utime(path, (1, 1))
    (copy / "kit/src/poc2prod_kit/__pycache__").mkdir()
    (copy / "kit/src/poc2prod_kit/__pycache__/x.pyc").write_bytes(b"x")
    subprocess.run([sys.executable, str(copy / "poc2prod_vendor.py"), str(tmp_path / "out")], check=True)
    assert tree(tmp_path / "out") == {WHEEL: (project / "vendor" / WHEEL).read_bytes()}


def test_each_lock_holds_the_hash_of_the_wheel(project: Path) -> None:
    """The path and the hash, in every lock and nowhere another."""
    sha256 = hashlib.sha256((project / "vendor" / WHEEL).read_bytes()).hexdigest()
    for lock in project.glob("*.lock"):
        assert kit_entry(lock) == f"vendor/{WHEEL} \\\n    --hash=sha256:{sha256}\n"


def kit_entry(lock: Path) -> str:
    """The library's entry of a lock."""
    found = re.findall(r"^vendor/.+ \\\n +--hash.+\n", lock.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(found) == 1
    return str(found[0])


def test_no_committed_file_knows_the_hash() -> None:
    """A change of the library changes no lock of the template."""
    for lock in (ROOT / template.FOLDER).glob("*.lock"):
        assert kit_entry(lock) == "vendor/{{ kit_filename() }} \\\n    --hash=sha256:{{ kit_sha256() }}\n"


def made_wheel(name: str, version: str, files: dict[str, str]) -> bytes:
    """A wheel of these files."""
    info = f"{name.replace('-', '_')}-{version}.dist-info"
    about = {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": "",
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for path, text in {**files, **about}.items():
            archive.writestr(path, text)
    return made.getvalue()


def installed_wheel(name: str) -> tuple[str, bytes]:
    """A wheel again of a distribution that is installed here, and its file name."""
    found = metadata.distribution(name)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for path in found.files or ():
            if ".." not in path.parts and path.suffix != ".pyc" and Path(str(path.locate())).is_file():
                archive.writestr(path.as_posix(), Path(str(path.locate())).read_bytes())
    return f"{name.replace('-', '_')}-{found.version}-py3-none-any.whl", made.getvalue()


class Index(http.server.BaseHTTPRequestHandler):
    """A simple index: a hostile poc2prod-kit, what builds a project, and of all else an empty package."""

    def __init__(self, files: dict[str, bytes], *rest: object) -> None:
        self.files = files
        super().__init__(*rest)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        """A page of links, or a file."""
        parts = self.path.strip("/").split("/")
        if parts[0] == "files":
            self._send(self.files[parts[1].replace("%2B", "+").replace("%2b", "+")], "application/zip")
            return
        plain = parts[-1].replace("-", "_")
        names = [name for name in self.files if name.startswith(f"{plain}-")]
        if not names:
            names = [f"{plain}-99.0-py3-none-any.whl"]
            self.files[names[0]] = made_wheel(parts[-1], "99.0", {})
        links = "".join(f'<a href="/files/{name.replace("+", "%2B")}">{name}</a>\n' for name in names)
        self._send(f"<!DOCTYPE html><html><body>{links}</body></html>".encode(), "text/html")

    def _send(self, content: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content)

    do_HEAD = do_GET  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def index() -> Iterator[str]:
    """The address of a hostile index, which serves a higher, the same and the same local version."""
    versions = ("99.0", __version__, f"{__version__}+vendored")
    files = {
        f"poc2prod_kit-{version}-py3-none-any.whl": made_wheel(
            "poc2prod-kit", version, {"poc2prod_kit/__init__.py": HOSTILE}
        )
        for version in versions
    }
    files |= dict(map(installed_wheel, ("hatchling", "packaging", "pathspec", "pluggy", "trove-classifiers")))
    files["editables-0.5-py3-none-any.whl"] = made_wheel(
        "editables", "0.5", {"editables/__init__.py": EDITABLES}
    )
    files["protobuf-6.0-py3-none-any.whl"] = made_wheel("protobuf", "6.0", {})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Index, files))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/simple/"
    server.shutdown()
    thread.join()
    server.server_close()


Installer = Callable[..., None]


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    """An empty environment with pip; its folder."""
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True)
    return tmp_path / "venv"


def python(environment: Path) -> Path:
    """Its interpreter."""
    return environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


@pytest.fixture
def install(project: Path, environment: Path, index: str, tmp_path: Path) -> Installer:
    """Run pip or uv in the project, with no index but the hostile one."""
    quiet = {
        name: value for name, value in clean_environment().items() if not name.startswith(("PIP_", "UV_"))
    }
    settings = {
        **quiet,
        **{
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_INDEX_URL": index,
            "PIP_NO_CACHE_DIR": "1",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        },
        **{"UV_DEFAULT_INDEX": index, "UV_NO_CONFIG": "1", "UV_CACHE_DIR": str(tmp_path / "uv")},
        **{"VIRTUAL_ENV": str(environment), "UV_PROJECT_ENVIRONMENT": str(environment)},
    }

    def call(*command: str) -> None:
        done = subprocess.run(command, cwd=project, env=settings, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"

    return call


def installed(environment: Path) -> tuple[str, bool]:
    """The version of poc2prod-kit that is installed, and whether it is the hostile one."""
    site = next(environment.glob("[Ll]ib*/**/site-packages"))
    version = next(site.glob("poc2prod_kit-*.dist-info")).name.removesuffix(".dist-info").partition("-")[2]
    return version, (site / "poc2prod_kit" / "__init__.py").read_text(encoding="utf-8") == HOSTILE


OURS = (f"{__version__}+vendored", False)


def pip(environment: Path) -> tuple[str, ...]:
    """The beginning of every call of pip."""
    return str(python(environment)), "-m", "pip", "install", "--quiet"


def only_the_kit(project: Path) -> str:
    """A lock of the library's entry alone, as the index has not the real packages."""
    entry = kit_entry(project / "requirements.lock")
    (project / "kit.lock").write_text(entry, encoding="utf-8")
    return "kit.lock"


@pytest.mark.slow
def test_the_index_is_hostile(environment: Path, install: Installer, project: Path) -> None:
    """Asked by name, even with vendor/ to find links in, pip takes the copy of the index."""
    install(*pip(environment), "--find-links", "vendor", f"poc2prod-kit=={__version__}+vendored")
    assert installed(environment) == (OURS[0], True)


@pytest.mark.slow
def test_pip_installs_the_wheel_of_the_lock(environment: Path, install: Installer, project: Path) -> None:
    """From the lock, then the project without its dependencies, then with them."""
    install(*pip(environment), "--require-hashes", "-r", only_the_kit(project))
    assert installed(environment) == OURS
    install(*pip(environment), "--no-deps", "--editable", ".")
    install(*pip(environment), "--editable", ".", f"vendor/{WHEEL}")
    assert installed(environment) == OURS


@pytest.mark.slow
def test_pip_installs_the_wheel_without_a_lock(environment: Path, install: Installer) -> None:
    """`pip install --editable . vendor/…whl` into an empty environment: the file wins."""
    install(*pip(environment), "--editable", ".", f"vendor/{WHEEL}")
    assert installed(environment) == OURS


@pytest.mark.slow
def test_another_file_of_that_name_is_refused(environment: Path, project: Path, install: Installer) -> None:
    """A wheel that is not the one of the lock is not installed."""
    lock = only_the_kit(project)
    (project / "vendor" / WHEEL).write_bytes(made_wheel("poc2prod-kit", OURS[0], {}))
    with pytest.raises(AssertionError, match=r"(?i)hash"):
        install(*pip(environment), "--require-hashes", "-r", lock)


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("uv"), reason="uv is not installed")
@pytest.mark.parametrize("way", ["lock", "editable", "sync"])
def test_uv_installs_the_wheel(way: str, environment: Path, install: Installer, project: Path) -> None:
    """From the lock, without one, and by `uv sync`."""
    commands = {
        "lock": ("uv", "pip", "install", "--require-hashes", "-r", only_the_kit(project)),
        "editable": ("uv", "pip", "install", "--editable", ".", f"vendor/{WHEEL}"),
        "sync": ("uv", "sync", "--python", str(python(environment))),
    }
    install(*commands[way])
    assert installed(environment) == OURS


@pytest.mark.slow
def test_the_library_can_be_unpacked_and_changed(
    environment: Path, install: Installer, project: Path
) -> None:
    """The README's recipe: the source in vendor/poc2prod_kit/, and installed from there."""
    folder = project / "vendor" / "poc2prod_kit"
    with zipfile.ZipFile(project / "vendor" / WHEEL) as archive:
        archive.extractall(folder)
    (folder / INFO / "pyproject.toml").rename(folder / "pyproject.toml")
    shutil.rmtree(folder / INFO)
    (project / "vendor" / WHEEL).unlink()
    (folder / "poc2prod_kit" / "ours.py").write_text("CHANGED = True\n", encoding="utf-8")
    install(*pip(environment), "--editable", ".", "--editable", "vendor/poc2prod_kit")
    code = (
        "import poc2prod_kit.ours, importlib.metadata as m;"
        "print(m.version('poc2prod-kit'), poc2prod_kit.__file__)"
    )
    said = subprocess.run(
        [str(python(environment)), "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert said.split() == [OURS[0], str(folder / "poc2prod_kit" / "__init__.py")]

"""Pack the library poc2prod-kit into the wheel that every generated project carries in vendor/.

Cookiecutter loads this file as a Jinja extension, from wherever the template is: a checkout, a zip, an
installed package. The same sources give the same bytes on every machine, so the hash can stand in the locks.

    python poc2prod_vendor.py FOLDER      writes the wheel there, for a project that was made with hooks off
"""

from __future__ import annotations

import base64
import hashlib
import io
import sys
import tomllib
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment
from jinja2.ext import Extension

KIT = Path(__file__).resolve().parent / "kit"
# PyPI takes no local versions. A private index could serve one, so it is always installed by path.
LOCAL = "+vendored"


@cache
def project() -> dict[str, Any]:
    """[project] of kit/pyproject.toml, its version made local."""
    metadata: dict[str, Any] = tomllib.loads(_pyproject().decode())["project"]
    return metadata


def filename() -> str:
    """The name of the wheel's file."""
    return f"{_stem()}-py3-none-any.whl"


@cache
def wheel() -> bytes:
    """The wheel: sources, metadata, and a RECORD of their hashes. Stored, since compressors differ."""
    info = f"{_stem()}.dist-info"
    files = {path.relative_to(KIT / "src").as_posix(): _text(path) for path in _sources()}
    files |= {
        f"{info}/METADATA": _metadata().encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: poc2prod\nRoot-Is-Purelib: true\n"
        b"Tag: py3-none-any\n",
        f"{info}/licenses/LICENSE": _text(KIT / "LICENSE"),
        # for a team that unpacks the wheel to change the library
        f"{info}/pyproject.toml": _pyproject(),
    }
    lines = [f"{name},sha256={_record_hash(content)},{len(content)}" for name, content in files.items()]
    files[f"{info}/RECORD"] = "\n".join([*lines, f"{info}/RECORD,,", ""]).encode()
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.create_system, entry.external_attr = 3, 0o100644 << 16
            archive.writestr(entry, content)
    return made.getvalue()


def sha256() -> str:
    """The wheel's hash, as it stands in the locks."""
    return hashlib.sha256(wheel()).hexdigest()


class Vendor(Extension):
    """What the template may ask for: `kit_wheel` (base64), `kit_filename` and `kit_sha256`, functions all."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        environment.globals |= {
            "kit_filename": filename,
            "kit_sha256": sha256,
            "kit_wheel": lambda: base64.b64encode(wheel()).decode(),
        }


def _sources() -> list[Path]:
    paths = (path for path in (KIT / "src").rglob("*") if path.is_file())
    return sorted((path for path in paths if "__pycache__" not in path.parts), key=Path.as_posix)


def _text(path: Path) -> bytes:
    """A file with newlines as LF, whatever git made of them in this checkout."""
    return path.read_bytes().replace(b"\r\n", b"\n")


def _pyproject() -> bytes:
    text = _text(KIT / "pyproject.toml").decode()
    version = tomllib.loads(text)["project"]["version"]
    return text.replace(f'version = "{version}"', f'version = "{version}{LOCAL}"', 1).encode()


def _stem() -> str:
    return f"{project()['name'].replace('-', '_')}-{project()['version']}"


def _metadata() -> str:
    metadata = project()
    lines = [
        "Metadata-Version: 2.1",
        *(f"{field.title()}: {metadata[field]}" for field in ("name", "version")),
        f"Summary: {metadata['description']}",
        f"License: {metadata['license']}",
        f"Requires-Python: {metadata['requires-python']}",
        *(f"Requires-Dist: {line}" for line in metadata["dependencies"]),
    ]
    for extra, requirements in metadata["optional-dependencies"].items():
        lines.append(f"Provides-Extra: {extra}")
        for line in requirements:
            name, _, marker = line.partition(";")
            condition = f"({marker.strip()}) and " if marker else ""
            lines.append(f'Requires-Dist: {name.strip()} ; {condition}extra == "{extra}"')
    return "\n".join([*lines, ""])


def _record_hash(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


if __name__ == "__main__":
    Path(sys.argv[1]).mkdir(parents=True, exist_ok=True)
    (Path(sys.argv[1]) / filename()).write_bytes(wheel())

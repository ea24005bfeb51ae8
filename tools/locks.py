"""Pin what generated projects need, with hashes: the lock files of the template, for each scope.

    python tools/locks.py              pins that fit stay as they are
    python tools/locks.py --upgrade    the newest versions that fit

A project is generated for each scope and its own locks are made; what depends on answers becomes Jinja again.
Needs uv. Nothing of the machine it runs on gets into the files: no index, no path. Then run the tests: they
install from these files.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TEMPLATE = ROOT / "{{cookiecutter.__slug}}"
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "kit" / "src"), str(ROOT)]

# The full scope first: it pins all that the other needs, which takes its versions.
FILES = {
    "full": {
        "requirements.lock": "requirements.lock",
        "requirements-dev.lock": "{{cookiecutter.__full}}requirements-dev.lock",
        "requirements-api.lock": "{{cookiecutter.__full}}requirements-api.lock",
    },
    "poc": {"requirements-dev.lock": "{{cookiecutter.__poc}}requirements-dev.lock"},
}
ENTRY = re.compile(r"^(?P<what>\S+)[^\n]*(?: \\\n +--hash=\S+)+\n", re.MULTILINE)
KIT = "vendor/{{ kit_filename() }} \\\n    --hash=sha256:{{ kit_sha256() }}\n"


def templated(lock: str) -> str:
    """A project's lock as the template has it: the wheel and the reader of parquet depend on answers."""

    def entry(found: re.Match[str]) -> str:
        if found["what"].endswith(".whl"):
            return KIT
        if found["what"].startswith("pyarrow=="):
            return "{% if cookiecutter._parquet %}" + found[0] + "{% endif %}"
        return found[0]

    return ENTRY.sub(entry, lock)


def main(options: list[str]) -> None:
    """Write all lock files of the template."""
    from poc2prod_kit.serving import locks

    from poc2prod.generate import generate

    for scope, files in FILES.items():
        with tempfile.TemporaryDirectory() as folder:
            given = {"package": "project", "project_name": "Project", "scope": scope, "demo": "none"}
            project = generate({**given, "_parquet": "true"}, Path(folder), Path(folder))
            if scope == "full":
                locks.write(project, options)
                full = (project / "requirements-dev.lock").read_text(encoding="utf-8")
            else:
                (project / "requirements-dev.lock").write_text(full, encoding="utf-8")
                locks.write(project)
            for name, ours in files.items():
                text = (project / name).read_text(encoding="utf-8")
                (TEMPLATE / ours).write_text(templated(text), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(sys.argv[1:])

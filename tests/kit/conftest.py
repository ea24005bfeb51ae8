"""Make the template's package importable as `project`, without baking it: its modules hold no Jinja."""

from __future__ import annotations

import importlib.util
import sys
import tempfile
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "{{cookiecutter.__slug}}" / "src" / "{{cookiecutter.package}}"


def _alias(name: str, file: Path, folder: Path | None = None) -> None:
    locations = [str(folder)] if folder else None
    spec = importlib.util.spec_from_file_location(name, file, submodule_search_locations=locations)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)


sys.pycache_prefix = str(Path(tempfile.gettempdir()) / "poc2prod-tests-pycache")
_alias("project", PACKAGE / "__init__.py", PACKAGE)
_alias("project.rules", PACKAGE / "{{cookiecutter.__own}}rules.py")
SERVICE = PACKAGE / "kit" / "{{cookiecutter.__full}}service"
_alias("project.kit", PACKAGE / "kit" / "__init__.py", PACKAGE / "kit")
_alias("project.kit.service", SERVICE / "__init__.py", SERVICE)
for _name in ("contract", "api"):
    if (PACKAGE / f"{{{{cookiecutter.__full}}}}{_name}.py").is_file():
        _alias(f"project.{_name}", PACKAGE / f"{{{{cookiecutter.__full}}}}{_name}.py")

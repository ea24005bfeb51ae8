"""What a step is given: the project's files and choices, with a record of all that was read."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import pandas as pd

from poc2prod_kit.run import hashing, params, results_versions
from poc2prod_kit.run.code import Code, handed_in
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.params import MISSING
from poc2prod_kit.run.paths import find_root as find_root
from poc2prod_kit.tables import cleaning, table
from poc2prod_kit.tables import schema as schemas

RAW = "data/raw/"
# Modules that a project hands in: a step that uses one has it as an input, whether it imports it or not.
HANDED_IN = {"features": "features.py", "rules": "rules.py", "estimators": "models.py"}


class Project:
    """A project on disk. Every file and choice asked for is recorded as an input of the running step."""

    def __init__(self, root: Path | None = None, code: Code | None = None) -> None:
        self.root = (root or find_root()).resolve()
        self.code = cast(Code, _Recorded(code or handed_in(), self._use))
        self.asked: set[str] = set()
        self._read: set[str] = set()
        self._table: tuple[pd.DataFrame, set[str]] | None = None
        self._raw: dict[str, hashing.Signature] = {}
        self._code = {self._own(file): hashing.of_file(file) for file in self.code.folder.rglob("*.py")}

    @cached_property
    def params(self) -> dict[str, Any]:
        """params.toml, parsed. Steps ask through `param`, so that what they read is known."""
        path = self.root / "params.toml"
        try:
            return tomllib.loads(path.read_text(encoding="utf-8-sig"))
        except RecursionError:
            raise ProjectError("params.toml is nested too deeply to be read: write it flat.") from None
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise ProjectError(f"params.toml cannot be read: {error}. Mend the line it names.") from error

    def param(self, key: str, default: Any = MISSING, *, among: Sequence[Any] = ()) -> Any:
        """The value at a dotted key such as `split.strategy`; without a default it must be there.

        A value must be of its default's type (1 is fine where the default is 1.0; `None` allows any) and,
        where `among` is given, one of those. Raises ProjectError naming key, value and what is allowed.
        """
        self._read.add(f"params.toml#{key}")
        self.asked.add(key)
        value = params.lookup(self.params, key)
        if value is not MISSING:
            return params.checked(key, value, default, among)
        if default is MISSING:
            raise params.absent(self.params, key)
        return default

    @property
    def schema(self) -> schemas.Schema:
        """The columns, from schema.toml, with the rules of cleaning.toml where there is one."""
        self._read.add("schema.toml")
        if (self.root / cleaning.FILE).is_file():
            self._read.add(cleaning.FILE)
        return self._schema

    @cached_property
    def _schema(self) -> schemas.Schema:
        return schemas.load(self.root / "schema.toml")

    def path(self, name: str) -> Path:
        """The file of that name (with slashes, from the root), recorded as an input."""
        self._read.add(name)
        path = self.root / name
        if name.startswith(RAW) and path.is_file():
            self._raw.setdefault(name, hashing.signature(path))
        return path

    def table(self) -> pd.DataFrame:
        """All rows, typed by schema.toml, indexed by row id. Read once; do not change it in place."""
        if self._table is None:
            with self.recording() as read:
                frame = table.read(self)
            self._table = (frame, read)
        self._read |= self._table[1]
        return self._table[0]

    @property
    def size(self) -> tuple[int, int] | None:
        """Rows and columns of the table, once it has been read."""
        return self._table[0].shape if self._table else None

    @contextmanager
    def recording(self) -> Iterator[set[str]]:
        """Collect the names of all inputs read inside the block, in blocks within it too."""
        outer, self._read = self._read, set()
        try:
            yield self._read
        finally:
            outer |= self._read
            self._read = outer

    def hash(self, name: str) -> str:
        """The hash of an input by its name, as it is now; a file that is not there is named."""
        if name.startswith("params.toml#"):
            value = params.lookup(self.params, name.partition("#")[2])
            return hashing.of_value(None if value is MISSING else value)
        if name.startswith(f"{results_versions.LIBRARY}#"):
            return str(results_versions.all_steps()[name.partition("#")[2]])
        own = f"src/{self.code.folder.name}/"
        path = self.code.folder / name.removeprefix(own) if name.startswith(own) else self.root / name
        if not path.is_file():
            raise ProjectError(f"{name} is not there.")
        if path.suffix == ".skops":
            from poc2prod_kit.models import model_file

            return hashing.once(model_file.content_id, path)
        if path.suffix == ".csv" and not name.startswith("data/"):
            return hashing.of_lines(path.read_bytes())
        return hashing.once(hashing.of_file, path)

    def hash_as_read(self, name: str) -> str:
        """The hash of what this run has read: code as at its start; raw data must not have changed since."""
        if name in self._raw and hashing.signature(self.root / name) != self._raw[name]:
            raise ProjectError(
                f"{name} changed while the step was running, so its result is not written. Run it again."
            )
        return self._code.get(name) or self.hash(name)

    def modules(self, step: str) -> set[str]:
        """The names of the step's module, of every module of the project that it imports, and of the version
        of this library's results for that step.
        """
        return self._imported(f"{step}.py") | {f"{results_versions.LIBRARY}#{step}"}

    def _use(self, name: str) -> None:
        if (self.code.folder / name).is_file():
            self._read |= self._imported(name)

    def _imported(self, name: str) -> set[str]:
        folder = self.code.folder
        return {self._own(module) for module in hashing.local_modules(folder / name, folder)}

    def _own(self, module: Path) -> str:
        return f"src/{self.code.folder.name}/{module.relative_to(self.code.folder).as_posix()}"


class _Recorded:
    """What a project hands in; `use` is told of each module that is asked for."""

    def __init__(self, code: Code, use: Callable[[str], None]) -> None:
        self._code, self._use = code, use

    def __getattr__(self, name: str) -> Any:
        if name in HANDED_IN:
            self._use(HANDED_IN[name])
        return getattr(self._code, name)

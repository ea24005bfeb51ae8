"""Facts: a project as it lies on disk, read lazily and once, never judged, its code never imported.

Whatever is read is recorded by its name of the evidence contract, so that a check's inputs are known
without a list.
A file that is not there is None; one that cannot be used is an Unreadable value that says why.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, TypeVar

from poc2prod_kit.run import hashing, results_versions

from . import __version__, forms, vendored
from .contents import listed, lookup, not_a_report
from .files import Damaged, Root, Unreadable, failure
from .forms import Form

T = TypeVar("T")
MARKS = ("poc2prod.toml", ".poc2prod", "params.toml")
TEXT = (".md", ".txt", ".cfg", ".yml", ".yaml", ".ini", ".lock", "Dockerfile", ".dockerignore")
# What a project may keep out of git: the model always, files with rows where [data] committed is not true.
MODELS = ("models/",)
ROWS = (*MODELS, "data/raw/", "data/split.csv.gz", "data/predictions/", "docs/errors.csv")
UNREADABLE = "unreadable"
LISTING = "*.json"
# The input that records are bound to: the hash that the library's serving/source.py gives
SOURCE = "source"
CACHE = ".poc2prod/cache/hashes.json"


class Now(NamedTuple):
    """An input's hash as it is now (None: absent; "unreadable") and whether it was recomputed or attested."""

    hash: str | None
    basis: str


def find_root(start: str) -> str:
    """The nearest folder upwards that is marked as a project, else `start` itself."""
    for mark in MARKS:
        folder = os.path.abspath(start)
        while True:
            if os.path.exists(os.path.join(folder, mark)):
                return folder
            if os.path.dirname(folder) == folder:
                break
            folder = os.path.dirname(folder)
    return os.path.abspath(start)


def is_project(folder: str) -> bool:
    """Whether anything marks the folder as a project."""
    return any(os.path.exists(os.path.join(folder, mark)) for mark in MARKS)


class Facts:
    """What a project's files say. `remember`: trust the hashes of large files kept by the last check
    (status does). `full`: screen the rows again though the last check did. `made`: records to keep, by file.
    """

    def __init__(self, root: str, *, remember: bool = False, full: bool = False) -> None:
        self.files = Root(str(root))
        self.root = self.files.path
        self._cached: dict[str, Any] = {}
        self._read: set[str] = set()
        self._kept = self._remembered() if remember else {}
        self.hashed: dict[str, list[Any]] = {}
        self.full, self.made = full, dict[str, Any]()
        self._settings = self._toml("poc2prod.toml")
        moved = self.settings.get("paths")
        if isinstance(moved, dict):
            pairs = {
                str(k).strip("/"): str(v).strip("/") for k, v in moved.items() if isinstance(v, str) and v
            }
            self.files.moved = pairs

    @contextmanager
    def recording(self) -> Iterator[set[str]]:
        """Collect the names of all inputs read inside the block."""
        outer, self._read = self._read, set()
        try:
            yield self._read
        finally:
            outer |= self._read
            self._read = outer

    def shared(self, key: str, compute: Callable[[], T]) -> T:
        """What `compute` gives, computed once for all checks; each that asks records all that it read."""
        name = f"shared\0{key}"
        if name not in self._cached:
            with self.recording() as read:
                value = compute()
            self._cached[name] = (value, read)
        kept: tuple[T, set[str]] = self._cached[name]
        self._read |= kept[1]
        return kept[0]

    def aside(self, compute: Callable[[], T]) -> T:
        """What `compute` gives, no input of the check that asks: for what only saves it a second reading."""
        read, self._read = self._read, set()
        try:
            return compute()
        finally:
            self._read = read

    # What files say

    @property
    def settings(self) -> dict[str, Any]:
        """poc2prod.toml; empty where it is missing or unreadable (`damage` says so)."""
        return self._settings if isinstance(self._settings, dict) else {}

    @property
    def damage(self) -> list[Unreadable]:
        """The settings files that are there and cannot be read."""
        return [
            result for result in (self._settings, self.toml("params.toml")) if isinstance(result, Unreadable)
        ]

    def param(self, key: str, default: Any = None) -> Any:
        """The value at a dotted key of params.toml; the default where it, or the file, is missing or
        unreadable.
        """
        self._read.add(f"params.toml#{key}")
        return lookup(self.toml("params.toml"), key, default)

    def toml(self, name: str) -> dict[str, Any] | Unreadable | None:
        """A TOML file's tables. Asked for params.toml or poc2prod.toml, nothing is recorded: use `param`
        and `setting`.
        """
        if name not in ("params.toml", "poc2prod.toml"):
            self._read.add(name)
        return self._toml(name)

    def json(self, name: str) -> Any:
        """A JSON file's value."""
        self._read.add(name)
        return self._json(name)

    def text(self, name: str) -> str | Unreadable | None:
        """A text file's content with newlines as LF."""
        self._read.add(name)
        result: str | Unreadable | None = self._once(("text", name), lambda: self.files.text(name))
        return result

    def rows(self, name: str) -> Iterator[bytes]:
        """The bytes of a table, unpacked, in blocks. OSError or Damaged where it cannot be read: see
        `readable`.
        """
        self._read.add(name)
        return self.files.unpacked(name)

    def exists(self, name: str) -> bool:
        """Whether a regular file of that name is there now; that is an input too."""
        self._read.add(name)
        return self.files.state(name) is not None

    def listing(self, folder: str, start: str = "") -> list[str]:
        """The names of a folder's JSON files that begin with `start`; one that comes or goes changes this
        input.
        """
        self._read.add(f"{folder}/{start}{LISTING}")
        names = self.files.names(folder)
        return [
            name
            for name in names
            if name.endswith(".json") and name.startswith(start) and not name.startswith(".")
        ]

    def source(self) -> str | Unreadable:
        """The source hash, which records are bound to; files unchanged since the check are not read."""
        self._read.add(SOURCE)
        result: str | Unreadable = self._once((SOURCE, ""), self._source)
        return result

    def report(self, step: str) -> dict[str, Any] | Unreadable | None:
        """reports/<step>.json, if it is a report of that step in a schema this version knows."""
        name = f"reports/{step}.json"
        content = self.json(name)
        if content is None or isinstance(content, Unreadable):
            return content
        wrong = not_a_report(content, step)
        return Unreadable(name, wrong) if wrong else dict(content)

    def results(self, step: str) -> dict[str, Any]:
        """The results of a step's report; empty where there is no readable report."""
        content = self.report(step)
        return content["results"] if isinstance(content, dict) else {}

    def form(self, step: str) -> Form | Unreadable | None:
        """docs/<step>.md. Records nothing by itself: ask for answers, or record the page with `text`."""
        name = f"docs/{step}.md"
        result: Form | Unreadable | None = self._once(("form", name), lambda: self._form(name))
        return result

    def answer(self, step: str, question: str) -> str:
        """The normalised answer to a question; empty where there is none."""
        self._read.add(f"docs/{step}.md#{question}")
        form = self.form(step)
        return form.answer(question) if isinstance(form, Form) else ""

    def value(self, name: str) -> Any:
        """What an input's name stands for: an answer, a choice, a result; None where it is absent."""
        self._read.add(name)
        file, _, key = name.partition("#")
        if file.startswith("docs/") and key:
            form = self.form(file.removeprefix("docs/").removesuffix(".md"))
            return (form.answer(key) or None) if isinstance(form, Form) else None
        if file == "poc2prod.toml":
            return lookup(self.settings, key, None)
        content = self._json(file) if file.endswith(".json") else self._toml(file)
        if not key:
            return content
        return lookup(content, key, None)

    def asked(self, step: str) -> list[str]:
        """The questions that the template's page of a step asks and that must be answered."""
        form = forms.parse(self._template(f"docs/{step}.md"))
        return [name for name, question in form.questions.items() if not question.optional]

    @property
    def package(self) -> str:
        """The name of the project's package under src/, for the commands we suggest; else `<package>`."""
        result = self._once(("package", ""), self._package)
        return str(result)

    # Hashes

    def now(self, name: str) -> Now:
        """An input's hash as it is on disk; of rows or a model that are absent, the hash that the project
        recorded.
        """
        self._read.add(name)
        result: Now = self._once(("now", name), lambda: self._now(name))
        return result

    def holds(self, name: str, recorded: str) -> bool:
        """Whether an input is what a report says it was (a report may have hashed JSON as text)."""
        if self.now(name).hash == recorded:
            return True
        content = self.files.content(name) if name.endswith(".json") else None
        return isinstance(content, bytes) and hashing.of_lines(content) == recorded

    def _now(self, name: str) -> Now:
        result = self._hash(name)
        if result is None and name.startswith(self._elsewhere()):
            told = self._attested(name)
            return Now(told, "attested" if told else "recomputed")
        return Now(UNREADABLE if isinstance(result, Unreadable) else result, "recomputed")

    def _elsewhere(self) -> tuple[str, ...]:
        """What may be absent because the project keeps it out of git."""
        return MODELS if lookup(self.toml("params.toml"), "data.committed", None) is True else ROWS

    def reason(self, name: str) -> str:
        """Why an input cannot be read, in words; empty where it can."""
        result = self._hash(name)
        return result.reason if isinstance(result, Unreadable) else ""

    def _hash(self, name: str) -> str | Unreadable | None:
        if name.endswith(LISTING):
            folder, _, start = name.removesuffix(LISTING).rpartition("/")
            return hashing.of_value(self.listing(folder, start))
        if name == SOURCE:
            return self.source()
        file, mark, key = name.partition("#")
        if file in ("params.toml", "poc2prod.toml") and mark:
            content = self._settings if file == "poc2prod.toml" else self._toml(file)
            return (
                content if isinstance(content, Unreadable) else hashing.of_value(lookup(content, key, None))
            )
        result: str | Unreadable | None = self._once(("hash", name), lambda: self._hash_known(name))
        return result

    def _hash_known(self, name: str) -> str | Unreadable | None:
        """The hash that was kept, while the file keeps its times, size and inode; else computed."""
        file, mark, key = name.partition("#")
        library = file == results_versions.LIBRARY
        if library:
            file = self._once(("library", ""), lambda: vendored.place(self.files))
        state = self._once(("state", file), lambda: self.files.state(file))
        kept = self._kept.get(name)
        if state and isinstance(kept, list) and kept[:-1] == list(state) and isinstance(kept[-1], str):
            return kept[-1]
        if library:
            made = self._results_version(file, key)
        else:
            made = self._hash_part(file, key) if mark else self._hash_file(name)
        if state and isinstance(made, str):
            self.hashed[name] = [*state, made]
        return made

    def _results_version(self, file: str, step: str) -> str | Unreadable | None:
        numbers = self._once(("results versions", ""), lambda: vendored.read(self.files, file))
        if isinstance(numbers, dict):
            return str(numbers[step]) if step in numbers else None
        result: Unreadable | None = numbers
        return result

    def _source(self) -> str | Unreadable:
        from poc2prod_kit.serving import source

        def keep(name: str, state: source.State, compute: Callable[[], str]) -> str:
            name = f"{SOURCE}:{name}"
            kept = self._kept.get(name)
            made = kept[-1] if isinstance(kept, list) and kept[:-1] == list(state) else compute()
            self.hashed[name] = [*state, made]
            return str(made)

        try:
            return source.source_hash(self.root, keep)
        except source.SourceError as error:
            return Unreadable(SOURCE, f"cannot be hashed: {error}")

    def _hash_part(self, file: str, key: str) -> str | Unreadable | None:
        if not file.startswith("docs/"):
            content = self._json(file)
            return (
                content if isinstance(content, Unreadable) else hashing.of_value(lookup(content, key, None))
            )
        form = self.form(file.removeprefix("docs/").removesuffix(".md"))
        if not isinstance(form, Form):
            return form
        return hashing.of_value(form.answer(key) or None) if key in form.questions else None

    def _hash_file(self, name: str) -> str | Unreadable | None:
        if name.endswith(".toml"):
            tables = self._toml(name)
            return hashing.of_value(tables) if isinstance(tables, dict) else tables
        if name.endswith(".json"):
            value = self._json(name)
            return value if value is None or isinstance(value, Unreadable) else hashing.of_json(value)
        if name.endswith(".py"):
            content = self.files.content(name)
            return hashing.of_code(content) if isinstance(content, bytes) else content
        if name.endswith(TEXT) or (name.endswith(".csv") and not name.startswith("data/")):
            content = self.files.content(name)
            return hashing.of_lines(content) if isinstance(content, bytes) else content
        return self._hash_large(name)

    def _hash_large(self, name: str) -> str | Unreadable | None:
        try:
            if name.endswith(".skops"):
                from . import fitted

                return fitted.content_hash(self.files, name)
            return hashing.of_blocks(self.files.unpacked(name))
        except (OSError, Damaged) as error:
            return failure(name, error)

    def _attested(self, name: str) -> str | None:
        """The hash that the manifest, else the step that makes it, else all that read it agree on."""
        manifest = self._json("data/manifest.json")
        for entry in listed(manifest, "files"):
            if isinstance(entry, dict) and entry.get("name") == name:
                return str(entry.get("sha256"))
        for part in ("outputs", "inputs"):
            names = {report[part][name] for report in self.reports() if name in report[part]}
            if len(names) == 1:
                return str(names.pop())
        return None

    def reports(self) -> list[dict[str, Any]]:
        """All readable reports; no inputs of the check that asks."""
        names = [name for name in self.files.names("reports") if name.endswith(".json")]
        items = [(name[:-5], self._json(f"reports/{name}")) for name in names]
        return [
            content
            for step, content in items
            if isinstance(content, dict) and not not_a_report(content, step)
        ]

    # Around the project

    def merging(self) -> bool:
        """Whether git has a merge under way that is not resolved."""
        folder = self.root
        while True:
            git = os.path.join(folder, ".git")
            if os.path.isdir(git):
                return os.path.exists(os.path.join(git, "MERGE_HEAD"))
            if os.path.isfile(git):
                with open(git, encoding="utf-8", errors="replace") as file:
                    place = file.read(4096).removeprefix("gitdir:").strip()
                return os.path.exists(os.path.join(folder, place, "MERGE_HEAD"))
            if os.path.dirname(folder) == folder:
                return False
            folder = os.path.dirname(folder)

    # Reading once

    def _once(self, key: tuple[str, str], read: Any) -> Any:
        name = "\0".join(key)
        if name not in self._cached:
            self._cached[name] = read()
        return self._cached[name]

    def _toml(self, name: str) -> dict[str, Any] | Unreadable | None:
        results: dict[str, Any] | Unreadable | None = self._once(
            ("toml", name), lambda: self.files.toml(name)
        )
        return results

    def _json(self, name: str) -> Any:
        return self._once(("json", name), lambda: self.files.json(name))

    def _form(self, name: str) -> Form | Unreadable | None:
        text = self.files.text(name)
        if not isinstance(text, str):
            return text
        form = forms.parse(text, self._template(name))
        return Unreadable(name, form.problem) if form.problem else form

    def _template(self, name: str) -> str:
        result: str = self._once(("template", name), lambda: _template(name))
        return result

    def _package(self) -> str:
        names = self.files.names("src")
        return next((name for name in names if self.files.state(f"src/{name}/__main__.py")), "<package>")

    def _remembered(self) -> dict[str, Any]:
        content = self.files.json(CACHE)
        return (
            content["hashes"] if isinstance(content, dict) and content.get("version") == __version__ else {}
        )


def _template(name: str) -> str:
    """The page as the template generates it; empty where there is none."""
    from . import template
    from .errors import Poc2prodError

    try:
        folder = Root(os.path.join(template.place(), template.FOLDER))
    except Poc2prodError:
        return ""
    path, _, last = name.rpartition("/")
    for start in ("", "{{cookiecutter.__own}}", "{{cookiecutter.__full}}"):
        result = folder.text(f"{path}/{start}{last}")
        if isinstance(result, str):
            return result
    return ""

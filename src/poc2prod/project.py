"""Facts: a project as it lies on disk, read lazily and once, never judged, its code never imported.

Whatever is read is recorded by its name of the evidence contract, so that a check's inputs are known
without a list.
A file that is not there is None; one that cannot be used is an Unreadable value that says why.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, cached_property, partial
from typing import Any, NamedTuple, TypeVar

from poc2prod_kit.run import hashing, results_versions

from . import __version__, forms, template, vendored
from .files import Damaged, Root, State, Unreadable, failure
from .forms import Form

T = TypeVar("T")
H = TypeVar("H", str, str | Unreadable | None)
MARKS = ("poc2prod.toml", ".poc2prod", "params.toml")
PARAMS, SETTINGS = "params.toml", "poc2prod.toml"
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
    marked = (folder for mark in MARKS for folder in _upwards(start) if _holds(folder, mark))
    return next(marked, os.path.abspath(start))


def is_project(folder: str) -> bool:
    """Whether anything marks the folder as a project."""
    return any(_holds(folder, mark) for mark in MARKS)


def lookup(tables: Any, key: str, default: Any = None) -> Any:
    """The value at a dotted key of parsed tables, or the default."""
    value = tables
    for name in key.split("."):
        if not isinstance(value, dict) or name not in value:
            return default
        value = value[name]
    return value


class Facts:
    """What a project's files say. `remember`: trust the hashes of large files kept by the last check
    (status does). `full`: screen the rows again though the last check did. `made`: records to keep, by file.
    """

    def __init__(self, root: str, *, remember: bool = False, full: bool = False) -> None:
        self.files = Root(str(root))
        self.root = self.files.path
        self.hashed: dict[str, list[Any]] = {}
        self.full, self.made = full, dict[str, Any]()
        self._read: set[str] = set()
        self._computed: dict[str, tuple[Any, set[str]]] = {}
        # Each file is read and parsed once, each input hashed once.
        self._toml, self._json = cache(self.files.toml), cache(self.files.json)
        self._text, self._page = cache(self.files.text), cache(self._parsed_page)
        self._hash, self._vendored = cache(self._uncached_hash), cache(vendored.read)
        kept = self.files.json(CACHE) if remember else None
        if not isinstance(kept, dict) or kept.get("version") != __version__:
            kept = {"hashes": {}}
        self._kept: dict[str, Any] = kept["hashes"]
        moved = self.settings.get("paths")
        if isinstance(moved, dict):
            self.files.moved = {
                str(k).strip("/"): str(v).strip("/") for k, v in moved.items() if isinstance(v, str) and v
            }

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
        if key not in self._computed:
            with self.recording() as read:
                value = compute()
            self._computed[key] = (value, read)
        result: T = self._computed[key][0]
        self._read |= self._computed[key][1]
        return result

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
        tables = self._toml(SETTINGS)
        return tables if isinstance(tables, dict) else {}

    @property
    def damage(self) -> list[Unreadable]:
        """The settings files that are there and cannot be read."""
        return [item for item in map(self._toml, (SETTINGS, PARAMS)) if isinstance(item, Unreadable)]

    def param(self, key: str, default: Any = None) -> Any:
        """The value at a dotted key of params.toml; the default where it, or the file, is missing or
        unreadable.
        """
        self._read.add(f"{PARAMS}#{key}")
        return lookup(self._toml(PARAMS), key, default)

    def toml(self, name: str) -> dict[str, Any] | Unreadable | None:
        """A TOML file's tables. Asked for params.toml or poc2prod.toml, nothing is recorded: use `param`
        and `settings`.
        """
        self._read |= {name} - {PARAMS, SETTINGS}
        return self._toml(name)

    def json(self, name: str) -> Any:
        """A JSON file's value."""
        self._read.add(name)
        return self._json(name)

    def text(self, name: str) -> str | Unreadable | None:
        """A text file's content with newlines as LF."""
        self._read.add(name)
        return self._text(name)

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
        return self._source

    def report(self, step: str) -> dict[str, Any] | Unreadable | None:
        """reports/<step>.json, if it is a report of that step in a schema this version knows."""
        name = f"reports/{step}.json"
        content = self.json(name)
        if content is None or isinstance(content, Unreadable):
            return content
        wrong = _not_a_report(content, step)
        return Unreadable(name, wrong) if wrong else dict(content)

    def results(self, step: str) -> dict[str, Any]:
        """The results of a step's report; empty where there is no readable report."""
        content = self.report(step)
        return content["results"] if isinstance(content, dict) else {}

    def form(self, step: str) -> Form | Unreadable | None:
        """docs/<step>.md. Records nothing by itself: ask for answers, or record the page with `text`."""
        return self._page(f"docs/{step}.md")

    def answer(self, step: str, question: str) -> str:
        """The normalised answer to a question; empty where there is none."""
        self._read.add(f"docs/{step}.md#{question}")
        form = self.form(step)
        return form.answer(question) if isinstance(form, Form) else ""

    def asked(self, step: str) -> list[str]:
        """The questions that the template's page of a step asks and that must be answered."""
        questions = forms.parse(template_page(f"docs/{step}.md")).questions
        return [name for name, question in questions.items() if not question.optional]

    @cached_property
    def package(self) -> str:
        """The name of the project's package under src/, for the commands we suggest; else `<package>`."""
        names = self.files.names("src")
        return next((name for name in names if self.files.state(f"src/{name}/__main__.py")), "<package>")

    # Hashes

    def now(self, name: str) -> Now:
        """An input's hash as it is on disk; of rows or a model that are absent, the hash that the project
        recorded.
        """
        self._read.add(name)
        made = self._hash(name)
        if made is None and name.startswith(self._elsewhere()):
            recorded = self._attested(name)
            return Now(recorded, "attested" if recorded else "recomputed")
        return Now(UNREADABLE if isinstance(made, Unreadable) else made, "recomputed")

    def holds(self, name: str, recorded: str) -> bool:
        """Whether an input is what a report says it was (a report may have hashed JSON as text)."""
        if self.now(name).hash == recorded:
            return True
        content = self.files.content(name) if name.endswith(".json") else None
        return isinstance(content, bytes) and hashing.of_lines(content) == recorded

    def reason(self, name: str) -> str:
        """Why an input cannot be read, in words; empty where it can."""
        made = self._hash(name)
        return made.reason if isinstance(made, Unreadable) else ""

    def _elsewhere(self) -> tuple[str, ...]:
        """What may be absent because the project keeps it out of git."""
        return MODELS if lookup(self._toml(PARAMS), "data.committed") is True else ROWS

    def _uncached_hash(self, name: str) -> str | Unreadable | None:
        file, mark, key = name.partition("#")
        if name.endswith(LISTING):
            folder, _, start = name.removesuffix(LISTING).rpartition("/")
            return hashing.of_value(self.listing(folder, start))
        if name == SOURCE:
            return self.source()
        if mark and file in (PARAMS, SETTINGS):
            return _hash_of_part(self._toml(file), key)
        if file == results_versions.LIBRARY:
            file = vendored.place(self.files)
            compute = partial(self._results_version, file, key)
        else:
            compute = partial(self._hash_part, file, key) if mark else partial(self._hash_file, file)
        state = self.files.state(file)
        return self._keep(name, state, compute) if state else compute()

    def _keep(self, name: str, state: State, compute: Callable[[], H]) -> str | H:
        """The hash that the last check kept, while the file keeps its times, size and inode; else computed."""
        kept = self._kept.get(name)
        if isinstance(kept, list) and kept[:-1] == list(state) and isinstance(kept[-1], str):
            return kept[-1]
        made = compute()
        if isinstance(made, str):
            self.hashed[name] = [*state, made]
        return made

    def _results_version(self, file: str, step: str) -> str | Unreadable | None:
        numbers = self._vendored(self.files, file)
        if isinstance(numbers, dict):
            return str(numbers[step]) if step in numbers else None
        return numbers

    @cached_property
    def _source(self) -> str | Unreadable:
        from poc2prod_kit.serving import source

        def keep(name: str, state: source.State, compute: Callable[[], str]) -> str:
            return self._keep(f"{SOURCE}:{name}", State(*state), compute)

        try:
            return source.source_hash(self.root, keep)
        except source.SourceError as error:
            return Unreadable(SOURCE, f"cannot be hashed: {error}")

    def _hash_part(self, file: str, key: str) -> str | Unreadable | None:
        if not file.startswith("docs/"):
            return _hash_of_part(self._json(file), key)
        form = self._page(file)
        if not isinstance(form, Form):
            return form
        return hashing.of_value(form.answer(key) or None) if key in form.questions else None

    def _hash_file(self, name: str) -> str | Unreadable | None:
        if name.endswith((".toml", ".json")):
            value = self._toml(name) if name.endswith(".toml") else self._json(name)
            return value if value is None or isinstance(value, Unreadable) else hashing.of_json(value)
        lines = name.endswith(TEXT) or (name.endswith(".csv") and not name.startswith("data/"))
        if lines or name.endswith(".py"):
            content = self.files.content(name)
            hash_of = hashing.of_lines if lines else hashing.of_code
            return hash_of(content) if isinstance(content, bytes) else content
        try:
            if name.endswith(".skops"):
                from .fitted import content_hash

                return content_hash(self.files, name)
            return hashing.of_blocks(self.files.unpacked(name))
        except (OSError, Damaged) as error:
            return failure(name, error)

    def _attested(self, name: str) -> str | None:
        """The hash that the manifest, else the step that makes it, else all that read it agree on."""
        files = lookup(self._json("data/manifest.json"), "files")
        for entry in files if isinstance(files, list) else []:
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
        items = ((name.removesuffix(".json"), self._json(f"reports/{name}")) for name in names)
        return [content for step, content in items if not _not_a_report(content, step)]

    def merging(self) -> bool:
        """Whether git has a merge under way that is not resolved."""
        for folder in _upwards(self.root):
            git = os.path.join(folder, ".git")
            if os.path.isdir(git):
                return _holds(git, "MERGE_HEAD")
            if os.path.isfile(git):  # of a worktree, whose folder lies elsewhere
                with open(git, encoding="utf-8", errors="replace") as file:
                    place = file.read(4096).removeprefix("gitdir:").strip()
                return _holds(os.path.join(folder, place), "MERGE_HEAD")
        return False

    def _parsed_page(self, name: str) -> Form | Unreadable | None:
        text = self._text(name)
        if not isinstance(text, str):
            return text
        form = forms.parse(text, template_page(name))
        return Unreadable(name, form.problem) if form.problem else form


@cache
def template_page(name: str) -> str:
    """A page as the template has it; empty where there is none."""
    folder = Root(os.path.join(template.place(), template.FOLDER))
    path, _, last = name.rpartition("/")
    texts = (folder.text(f"{path}/{start}{last}") for start in template.VARIANTS)
    return next((text for text in texts if isinstance(text, str)), "")


def _upwards(folder: str) -> Iterator[str]:
    """The folder, and all above it."""
    folder, below = os.path.abspath(folder), ""
    while folder != below:
        yield folder
        folder, below = os.path.dirname(folder), folder


def _holds(folder: str, name: str) -> bool:
    return os.path.exists(os.path.join(folder, name))


def _hash_of_part(content: Any, key: str) -> str | Unreadable:
    """The hash of the value at a key of a parsed file; that of null where there is none."""
    return content if isinstance(content, Unreadable) else hashing.of_value(lookup(content, key))


def _not_a_report(content: Any, step: str) -> str:
    """Why a parsed file is no report of this step; empty if it is one."""
    if not isinstance(content, dict) or not content:
        return "holds no report"
    if content.get("schema") != 1 or isinstance(content.get("schema"), bool):
        return f"has schema {content.get('schema')!r}; this version reads 1"
    if content.get("step") != step:
        return f"is the report of the step {content.get('step')!r}"
    for part in ("inputs", "outputs"):
        value = content.get(part)
        if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
            return f"has no table of {part}"
    if not isinstance(content.get("results"), dict) or not content["results"]:
        return "has no results"
    return ""

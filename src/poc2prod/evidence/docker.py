"""II.6: the same thing on every machine, pinned, small, without rights or secrets that it does not need."""

import posixpath
import re
from collections.abc import Iterable, Iterator
from typing import Any

from ..files import Unreadable
from ..project import Facts
from ..records import Record
from . import dockerfile, observed, script, yamlfile
from .dockerfile import Dockerfile, Instruction
from .finding import CLAIMED, Finding, Unproven, failed, outcome_of, passed, unknown

# The file beside the Dockerfile is the one that BuildKit takes, where both are there.
FILE, IGNORE, RATHER = "Dockerfile", ".dockerignore", "Dockerfile.dockerignore"
# A full tag says all three numbers of a version: 3.13 and bookworm move, 3.13.5-slim-bookworm stays.
FULL_TAG = r"[\w][\w.-]*\d+\.\d+\.\d+[\w.-]*|v?\d+\.\d+\.\d+[\w.-]*"
ROOT = r"root|0+"
SECRET_NAME = (
    r"(?i)(^|_)(pass(word|wd|phrase)?|secrets?|tokens?|api_?keys?|private_?key|credentials?"
    r"|access_?key(_id)?)(_|$)"
)
SECRET_VALUE = (
    r"AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{20,}|glpat-[\w-]{20}|xox[abpr]-[\w-]{10,}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY|://[^/\s:@]+:[^/\s:@$]+@|sk-[A-Za-z0-9_-]{20,}|pypi-[\w-]{30,}"
)
SECRET_FILE = (
    r"(?i)(^|/)(\.env(\..*)?|.*\.(pem|key|p12|pfx|jks)|id_(rsa|dsa|ecdsa|ed25519)|\.netrc|\.pypirc|\.git"
    r"|\.git-credentials|\.aws|\.ssh|\.kube|credentials(\..*)?|secrets?(\..*)?)/?$"
)
# What fetches, what looks at that before it runs, and what runs a file or, where none is named, its input.
FETCH = r"(sudo )?(\S*/)?(curl|wget) "
CHECKSUM = r"(\S*/)?(sha\d+sum|shasum|gpg|cosign|minisign) "
INTERPRETER = r"(?:sudo )?(?:\S*/)?(?:(?:ba|da|z|k|a)?sh|python3?)"
RUNS_FILE = rf"(?:{INTERPRETER}(?: -[^mc\s]\S*)* |source |\. |(?=\S*/))([^\s-]\S*)"
RUNS_INPUT = rf"{INTERPRETER}( -(?![mc]).*)?"
INLINE = r"(<\(|\$\(|`)\s*(curl|wget) "
TRUSTING = r"--(trusted-host|no-verify|insecure)\b.*"
INSTALL = r"(\S*/)?(python[\d.]* -m )?(pip3?|uv pip) (\S+ )*?(install|sync) "
OTHER_INSTALL = r"(conda|mamba|poetry|pipenv|pipx) (\S+ )*?(install|add|sync|create)\b|uv (add|tool|sync)\b"
SHELLS = r"(\S*/)?(ba|da|z|a)?sh"
LOCK = r"requirements[\w.-]*\.lock"
# A wheel that lies in the project, by its path.
OWN_WHEEL = r"([A-Za-z0-9][\w.-]*\s*@\s*)?(file:)?(\./)?[A-Za-z0-9_][\w.+/-]*\.whl\s"
OUT = ("data/raw/rows.csv", "data/raw/rows.csv.gz", "data/raw/rows.parquet", ".git/config", ".env")
LARGEST_MB = 1500
LARGEST, MOST_LINES = 64 << 10, 500
DIGEST = r"sha256:[0-9a-f]{64}"


def stages(facts: Facts) -> Finding:
    """A Dockerfile is there, and builds in stages: what only building needs stays behind."""
    *earlier, last = read(facts).stages
    known = {stage.name for stage in earlier if stage.name} | {str(place) for place in range(len(earlier))}
    if not any(one.name == "COPY" and one.flags.get("from", "").casefold() in known for one in last.body):
        return failed(
            f"{FILE}: the last of {len(earlier) + 1} stages copies nothing from an earlier one",
            "build in one stage, and COPY --from= it what runs",
        )
    return passed(f"{FILE}: {len(earlier) + 1} stages, the last takes what runs from an earlier one")


def base(facts: Facts) -> Iterable[Finding]:
    """Every base image is named by a full tag (all three numbers of a version) or a digest."""
    file = read(facts)
    images = [(stage.base, stage.line) for stage in file.outside()]
    copied = [(one.flags.get("from", ""), one.line) for one in file.all("COPY")]
    images += [(image, line) for image, line in copied if re.search(r"[/:]", image)]
    wrong = (f"{FILE}, line {line}: {fault}" for image, line in images if (fault := _unpinned(image)))
    holds = f"base images: {', '.join(sorted({image for image, _ in images}))}"
    return outcome_of(wrong, holds, "name a full tag such as python:3.13.5-slim-bookworm")


def _unpinned(image: str) -> str:
    name, _, digest = image.partition("@")
    if digest:
        return "" if re.fullmatch(DIGEST, digest) else f"{image[:60]} has a digest that is none"
    if "$" in image:
        return f"{image[:60]} depends on a variable without a default"
    tag = name.rpartition("/")[2].partition(":")[2]
    return "" if re.fullmatch(FULL_TAG, tag) else f"{image[:60]} moves: its tag is not a full version"


def user(facts: Facts) -> Finding:
    """The container runs as a user that is not root."""
    one = read(facts).last("USER")
    if one is None:
        return failed(
            f"{FILE} has no USER, so the container runs as root", "add USER 10001 after the last RUN"
        )
    where, name = f"{FILE}, line {one.line}", one.text.partition(":")[0].strip("\"' ")
    if "$" in one.text or not name:
        return passed(f"{where}: USER {one.text[:40]} is not told by the text; the record says who", CLAIMED)
    if re.fullmatch(ROOT, name):
        return failed(f"{where}: USER {name} is root", "name a user that is not root")
    return passed(f"{where}: runs as {name}")


def health(facts: Facts) -> Finding:
    """The image says how it is asked whether it is well."""
    one = read(facts).last("HEALTHCHECK")
    if one is None or one.text.strip().upper() in ("", "NONE"):
        return failed(f"{FILE} has no HEALTHCHECK", "add HEALTHCHECK CMD, asking /health")
    kind, *words = one.text.split(maxsplit=1)
    where = f"{FILE}, line {one.line}: HEALTHCHECK"
    commands = _commands(one._replace(text="".join(words))) if kind.upper() == "CMD" else []
    asking = [command for command in commands if not script.idle(command.words)]
    lost = "it asks nothing" if not asking else asking[0].lost if all(one.lost for one in asking) else ""
    if lost:
        return failed(f"{where} cannot fail: {lost}", "let it ask /health, and fail where that fails")
    if asking[0].unread:
        return passed(f"{where}: whether it can fail is not told by the text ({asking[0].unread})", CLAIMED)
    return passed(f"{where} {one.text[:60]}")


def _commands(one: Instruction) -> list[script.Command]:
    """The commands of an instruction: of its list of words, of its script, or of that for which it starts a
    shell.
    """
    words = one.listed or dockerfile.split(one.text)
    if len(words) > 2 and re.fullmatch(SHELLS, words[0]) and re.fullmatch(r"-\w*c", words[1]):
        return script.commands(words[2], " ".join(words[:2]))
    if one.listed:
        return [script.Command(one.listed)]
    return script.commands(re.sub(rf"^{dockerfile.HEREDOC}[^\n]*\n", "", one.text), "sh -c")


def secrets(facts: Facts) -> Iterable[Finding]:
    """No secret is written into the image: not in ENV, ARG or a command, and no key is copied."""
    every = (one for stage in read(facts).stages for one in stage.body)
    wrong = (f"{FILE}, line {one.line}: {one.name} {fault}" for one in every for fault in _secrets(one))
    todo = "give it to the container when it runs, or to the build with RUN --mount=type=secret"
    return outcome_of(wrong, f"{FILE}: no secret in ENV, ARG or RUN, no key copied", todo)


def _secrets(one: Instruction) -> Iterator[str]:
    if one.name in ("ENV", "ARG", "LABEL"):
        for name, value in dockerfile.assigned(one.text).items():
            if re.search(SECRET_NAME, name) and (value or one.name == "ARG"):
                yield f"names {name[:40]}, which stays in the image's history"
    if re.search(SECRET_VALUE, one.text):
        yield "holds what looks like a secret"
    if one.name in ("COPY", "ADD"):
        words = one.listed or dockerfile.split(one.text)
        yield from (f"copies {word[:40]}" for word in words[:-1] if re.search(SECRET_FILE, word))


def installed(facts: Facts) -> Iterable[Finding]:
    """What is installed comes from the lock, by hash; nothing that was fetched runs unread."""
    file = read(facts)
    runs = [(one, [" ".join(command.words) for command in _commands(one)]) for one in file.all("RUN")]
    wrong = [
        f"{FILE}, line {one.line}: {fault}" for one, commands in runs for fault in _fetched(one, commands)
    ]
    wrong += [
        f"{FILE}, line {one.line}: fetches from the network without a checksum"
        for one in file.all("ADD")
        if re.search(r"\bhttps?://", one.text) and "checksum" not in one.flags
    ]
    locked = [one.line for one, commands in runs if any(map(_locked, commands))]
    if not locked and not wrong:
        wrong = [f"{FILE} installs nothing from a lock with hashes"]
    holds = f"{FILE}, line {locked[0]}: installs from the lock, by hash" if locked else ""
    return outcome_of(wrong, holds, "RUN pip install --require-hashes -r requirements-api.lock")


def _fetched(one: Instruction, commands: list[str]) -> Iterator[str]:
    """What a RUN takes from the network without knowing what it is."""
    fetches = ""
    if re.search(INLINE, one.text):
        yield "runs what it fetches, unread"
    for command in commands:
        fetches = "" if re.match(CHECKSUM, command) else fetches
        if fetches and _runs_fetched(command, fetches):
            yield "runs what it fetches, unread"
        elif re.match(INSTALL, command) and not _locked(command) and not _own(command):
            yield f"{command[:60]} without hashes"
        elif re.match(OTHER_INSTALL, command) and not re.search(r" --(locked|frozen)\b", command):
            yield f"{command[:60]} without a lock"
        if re.match(FETCH, command):
            fetches += f" {command}"
        insecure = r"-\w*k\w*" if re.match(FETCH, command) else TRUSTING
        if any(re.fullmatch(f"{insecure}|{TRUSTING}", word) for word in command.split()):
            yield f"{command[:60]} trusts anybody"


def _runs_fetched(command: str, fetches: str) -> bool:
    """Whether a command runs its input, or a file with a name that was fetched."""
    program = re.match(RUNS_FILE, command)
    name = program[1].strip("\"'").rpartition("/")[2] if program else ""
    return bool(re.fullmatch(RUNS_INPUT, command)) or "*" in name or (bool(name) and name in fetches)


def _locked(command: str) -> bool:
    by_uv = re.match(r"uv sync\b.* --(locked|frozen)\b", command)
    return bool(by_uv) or ("--require-hashes" in command and bool(re.search(LOCK, command)))


def _own(command: str) -> bool:
    """Whether an install takes the project's own code alone, no dependency."""
    names = [word for word in re.sub(INSTALL, "", command, count=1).split() if not word.startswith("-")]
    alone = "--no-deps" in command or "--no-index" in command
    return alone and bool(names) and all(re.match(r"\.{0,2}/|\.$|.*\.whl$", name) for name in names)


def command(facts: Facts) -> Finding:
    """The container starts its program itself (exec form), so that it is told to stop."""
    file = read(facts)
    starts = [one for name in ("ENTRYPOINT", "CMD") if (one := file.last(name))]
    if not starts:
        return failed(f"{FILE} has neither CMD nor ENTRYPOINT", 'add CMD ["python", "-m", …]')
    for one in starts:
        if one.listed is None or re.fullmatch(SHELLS, one.listed[0]):
            return failed(
                f"{FILE}, line {one.line}: {one.name} {one.text[:40]} starts a shell, which hears no signal",
                'write it as a list: ["python", "-m", …]',
            )
    return passed(f"{FILE}, line {starts[-1].line}: {starts[-1].name} {starts[-1].text[:60]}")


def ignored(facts: Facts) -> Finding:
    """Raw rows, git's history and .env never enter the build."""
    name = RATHER if facts.exists(RATHER) else IGNORE
    text = facts.text(name)
    if not isinstance(text, str):
        return failed(
            str(text or f"{name} is not there, so all enters the build"), f"bring {name} back from git"
        )
    if text.count("\n") > MOST_LINES:
        return unknown(f"{name} has more than {MOST_LINES:,} lines, so it is not read", f"shorten {name}")
    # The files of [data] that lie in the project, without `./` before them.
    tables = (posixpath.normpath(one) for one in yamlfile.texts(facts.param("data.files", [])))
    raw = (*OUT, *(one for one in tables if not one.startswith(("/", "../"))))
    entering = [one for one in raw if not dockerfile.keeps_out(text, one)]
    places = list(dict.fromkeys(one.rpartition("/")[0] or one for one in entering))
    if places:
        return failed(f"{name} lets {' and '.join(places)} into the build", f"add {places[0]} to {name}")
    return passed(f"{name} keeps data/raw, .git and .env out")


def locks(facts: Facts) -> Iterable[Finding]:
    """Every requirement in the lock files has one version and hashes."""
    names = [name for name in facts.files.names("") if re.fullmatch(LOCK, name)]
    if not names:
        yield failed("no requirements*.lock is there", "bring it back from git, or lock again")
    for name in names:
        text = facts.text(name)
        if not isinstance(text, str):
            yield unknown(str(text or f"{name} is not there"), f"bring {name} back from git")
            continue
        entries = requirements(text)
        wrong = [f"{words[:60]} has no version with hashes" for words in entries if not _is_locked(words)]
        wrong = wrong[:1] if entries else ["locks nothing"]
        holds = f"{name}: {len(entries)} requirements, each with version and hashes"
        yield from outcome_of(wrong, holds, "lock again", where=name)


def requirements(text: str) -> list[str]:
    """The entries of a lock file, continued lines joined, comments left out."""
    joined = re.sub(r"\\\n\s*", " ", text)
    return [line for raw in joined.split("\n") if (line := re.sub(r"(^|\s)#.*", "", raw).strip())]


def _is_locked(words: str) -> bool:
    pinned = re.match(rf"[A-Za-z0-9][\w.-]*(\[[\w,.-]+\])?\s*==\s*[^\s;,*]+(\s|;|$)|{OWN_WHEEL}", words)
    hashes = re.findall(r"--hash=(\S+)", words)
    return bool(pinned and hashes and all(re.fullmatch(r"sha256:[0-9a-f]{64}", one) for one in hashes))


def record(facts: Facts) -> Finding:
    """An image of this source was built, started and asked, and a record says so."""
    return observed.standing(facts, "image")


def smoke(facts: Facts, newest: Record) -> Iterable[Finding]:
    """The image ran read-only and not as root, was well, and gave the golden predictions of this model."""
    results = newest.results
    golden = observed.answered(facts, newest, results["model"])
    wrong = [*_ran(results), *_based(facts, results)]
    holds = (
        f"{results['digest'][:19]}, {results['size_mb']:,.0f} MB, user {results['user']}, read-only,"
        f" healthy, {results['golden']['rows']} golden predictions as offline"
    )
    own = outcome_of(wrong, holds, observed.todo(facts, "image"), CLAIMED, newest.file)
    return [*(own if wrong or not golden else ()), *golden]


def _ran(results: dict[str, Any]) -> Iterator[str]:
    """What is wrong with how the image was built and ran."""
    if not re.fullmatch(DIGEST, results["digest"]):
        yield f"digest {results['digest'][:40]!r} is no sha256 digest"
    if not 0 < results["size_mb"] <= LARGEST_MB:
        yield f"its size, {results['size_mb']:,.0f} MB, is not between 0 and {LARGEST_MB:,} MB"
    if results["read_only"] is not True:
        yield "it did not run with a read-only file system"
    who = results["user"].partition(":")[0].strip()
    if not who or re.fullmatch(ROOT, who):
        yield f"it ran as {who or 'nobody known'}, not as a user without rights"
    if results["health"] != "healthy":
        yield f"its health was {results['health'][:30]!r}, not 'healthy'"
    code = results["stop"].get("exit") if isinstance(results.get("stop"), dict) else 0
    if code != 0:
        yield f"it ended with {str(code)[:20]} when it was asked to stop, not with 0"


def _based(facts: Facts, results: dict[str, Any]) -> Iterator[str]:
    """What is wrong with the base image that the record names, beside the Dockerfile's."""
    name, digest = results["base"]["name"], results["base"]["digest"]
    if not re.search(f"(^|@){DIGEST}$", str(digest)):
        yield f"its base has no digest ({str(digest)[:40]})"
    lineage = read(facts).lineage()
    if lineage and name.removeprefix("docker.io/").removeprefix("library/") != lineage[-1].base:
        yield f"its base was {name[:60]}, {FILE} says {lineage[-1].base[:60]}"


def signed(facts: Facts) -> dict[str, Any]:
    """What a person signs: the newest record of this source, and what was chosen."""
    return observed.signed(facts, "docker", "image")


def missing(facts: Facts) -> Finding | None:
    """What is to say instead where the project has no container at all."""
    return observed.absent(facts, "container", FILE)


def read(facts: Facts) -> Dockerfile:
    """The Dockerfile. Unproven where there is none to read."""
    text = facts.text(FILE)
    if text is None or isinstance(text, Unreadable):
        raise Unproven(str(text or f"{FILE} is not there"), f"bring {FILE} back from git")
    if len(text) > LARGEST or text.upper().count("FROM ") > MOST_LINES:
        raise Unproven(f"{FILE} is larger than any that is needed, so it is not read", f"shorten {FILE}")
    file = facts.shared("dockerfile", lambda: dockerfile.parse(text))
    if not file.stages:
        raise Unproven(f"{FILE} has no FROM", f"bring {FILE} back from git")
    return file


CHECKS = (
    *(stages, base, user, health, secrets, installed, command, ignored, locks, record),
    *observed.recorded("image", smoke),
)

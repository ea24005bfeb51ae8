"""Build the image, start it read-only and without rights, ask it, and record what it said: `image`."""

from __future__ import annotations

import argparse
import platform
import re
import tomllib
from collections.abc import Sequence
from contextlib import closing
from http.client import HTTPException
from pathlib import Path
from typing import Any

from poc2prod_kit.run.console import Console
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.paths import package
from poc2prod_kit.run.project import Project
from poc2prod_kit.serving import api_probe, engine, export_step, records, server

Json = dict[str, Any]
# Prints the user, then each place that could be written though it must not.
PROBE = """
import os, sys
print(f"{os.getuid()}:{os.getgid()}")
for place in ("/", "/app", "/app/models", sys.prefix):
    try:
        open(os.path.join(place, "probe"), "w").close()
        print(place)
    except OSError:
        pass
"""
FROM = r"^FROM\s+(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?"
OTHER = (
    "The image holds the source {}, here it is {}, so nothing is recorded. Build it from what is here: leave "
    "--no-build out; if it was built just now, .dockerignore keeps files of the source out of it."
)


def main(arguments: Sequence[str]) -> int:
    """Build, start, ask and record; 0 where all was as it must be, else 1. Raises ProjectError."""
    given = _options(arguments)
    docker, project, console = engine.find(), Project(), Console()
    engine.interruptible()
    if not given.no_build:
        server.refresh(project, console)
    golden = export_step.golden_pairs(project)
    source, base = records.source_of(project.root), base_name(project.root)
    built = None if given.no_build else build(docker, project.root, given.tag, source, given.options)
    results = observed(docker, given.tag, golden, source)
    results |= {"name": given.tag, "build_s": built, "base": {"name": base, "digest": docker.digest(base)}}
    tools = {"python": platform.python_version(), docker.name: docker.version()}
    path = records.write(project.root, "image", results, tools=tools, of=source)
    report(console, results)
    return records.conclude(console, path, faults(results, records.model_id(project.root)))


def base_name(root: Path) -> str:
    """The image that the Dockerfile's last stage is made from. Raises ProjectError where it does not name one."""
    try:
        text = (root / "Dockerfile").read_text(encoding="utf-8-sig")
    except OSError:
        raise ProjectError("Dockerfile is not there. Restore it from git.") from None
    stages: dict[str, str] = {}
    name = ""
    for image, stage in re.findall(FROM, text, re.MULTILINE | re.IGNORECASE):
        name = stages[stage.lower()] = stages.get(image.lower(), image)
    if not name or "$" in name:
        raise ProjectError("Dockerfile must name its base in a line FROM python:…, without ARG.")
    return name


def build(docker: engine.Engine, root: Path, tag: str, source: str, further: Sequence[str]) -> float:
    """Build the image from what is on disk; seconds that it took. Raises ProjectError.

    The base is pulled first where it is not here: a build alone may not keep it, and its digest is recorded.
    """
    base = base_name(root)
    if docker.inspect("image", base) is None and docker.show("pull", base):
        raise ProjectError(f"{base} could not be pulled: {docker.name} says above why.")
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8-sig"))["project"]
    known = ("--build-arg", f"SOURCE={source}", "--build-arg", f"VERSION={project.get('version', '')}")
    return docker.build(root, tag, [*known, *further])


def observed(docker: engine.Engine, tag: str, golden: api_probe.Golden, source: str) -> Json:
    """What a container of the image did, for the record. Raises ProjectError if it is of another source."""
    image = docker.inspect("image", tag)
    if image is None:
        raise ProjectError(f"There is no image {tag}. Build it: leave --no-build out.")
    with engine.started(docker, tag) as running:
        ready = running.healthy()
        model, answered = answers(running, golden, source)
        user, *written = running.inside(PROBE).splitlines()
        stopped = running.stop()
    return {
        "digest": engine.own_id(image),
        "size_mb": round(image["Size"] / 1e6, 1),
        "user": user,
        "read_only": not written,
        "health": "healthy",
        "golden": answered,
        "model": model,
        "start_s": ready,
        "stop": stopped,
    }


def answers(running: engine.Container, golden: api_probe.Golden, source: str) -> tuple[str | None, Json]:
    """Its model, and how it answers the golden rows. Raises ProjectError where it is not of this source."""
    try:
        with closing(api_probe.Caller(running.address())) as caller:
            version = api_probe.version(caller)
            if version.get("source") != source:
                raise ProjectError(OTHER.format(version.get("source"), source))
            return version.get("model"), api_probe.compare(caller, golden)
    except (OSError, HTTPException, ValueError) as error:
        raise ProjectError(
            f"The container is healthy and does not answer ({error}). It said last: {running.words()}"
        ) from error


def faults(results: Json, model: str | None) -> list[str]:
    """A sentence for each thing that is not as it must be."""
    golden, stopped, user = results["golden"], results["stop"], results["user"]
    values = {
        f"{golden['differing']} of {golden['rows']} golden rows are answered otherwise than offline: "
        "build the image anew, or write the golden predictions anew if the model changed on purpose "
        f"(python -m {package().name} api --golden).": golden["differing"],
        "There are no golden rows to ask for.": not golden["rows"],
        f"The image serves the model {results['model']}, models/ holds {model}: build it anew.": (
            results["model"] != model
        ),
        f"It runs as {user}, which is root: say USER 10001 in the Dockerfile.": user.startswith("0:"),
        "It could write to its own file system.": not results["read_only"],
        f"It ended with {stopped['exit']} when it was asked to stop, not with 0.": stopped["exit"] != 0,
    }
    return [words for words, so in values.items() if so]


def report(console: Console, results: Json) -> None:
    """Print it, a line each."""
    golden, base, stopped = results["golden"], results["base"], results["stop"]
    built = "not built now" if results["build_s"] is None else f"built in {results['build_s']:.1f} s"
    rights = "read-only" if results["read_only"] else "able to write"
    console.say(f"image        {results['name']}, {results['size_mb']:.0f} MB, {built}, on {base['name']}")
    console.say(f"started      {rights}, as {results['user']}, healthy after {results['start_s']:.1f} s")
    console.say(f"golden rows  {golden['rows']} asked, {golden['differing']} answered otherwise than offline")
    console.say(f"stopped      with {stopped['exit']} after {stopped['seconds']:.1f} s")


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    usual = f"{package().name.replace('_', '-')}:local"
    made = argparse.ArgumentParser(
        prog=f"python -m {package().name} image",
        usage="%(prog)s [--tag TAG] [--no-build] [-- OPTION ...]",
        description=__doc__,
        allow_abbrev=False,
    )
    made.add_argument("--tag", default=usual, help=f"name of the image ({usual})")
    made.add_argument("--no-build", action="store_true", help="ask the image of that name as it is")
    made.add_argument("options", nargs="*", metavar="OPTION", help=engine.OPTIONS)
    given = made.parse_args(arguments)
    if given.tag.startswith("-") or (given.no_build and given.options):
        made.error(
            "--no-build builds nothing, so what stands after -- has no use; a tag starts with a letter"
        )
    return given

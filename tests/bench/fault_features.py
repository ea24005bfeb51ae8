"""Faults of I.6: features that know the answer or other rows."""

from __future__ import annotations

from pathlib import Path

from bench import hands
from bench.registry import fault

RULES = "src/letters/rules.py"
REST = ("baseline", "interpret", "evaluate", "improve")


@fault("features", "fail", "changes with rows outside")
def fitted_on_all_rows(project: Path) -> None:
    """A mean over all rows: the proof says that training features changed with the others."""
    hands.put(project, "features", "proof.others", ["years_from_working_age"])
    hands.retell(project)


@fault("features", "fail", "changes with the target")
def feature_that_reads_the_answer(project: Path) -> None:
    """A target mean over all rows."""
    hands.put(project, "features", "proof.target", ["relationship"])
    hands.retell(project)


@fault("features", "fail", "the rows beside it")
def feature_of_other_rows(project: Path) -> None:
    """A feature that is another one when its row stands alone."""
    hands.put(project, "features", "proof.alone", ["age"])
    hands.retell(project)


@fault("features", "unknown", "no proof")
def proof_left_out(project: Path) -> None:
    """A report without its proof."""
    hands.report(project, "features", lambda found: found.__delitem__("proof"))
    hands.retell(project)


@fault("features", "unknown|fail", "probes")
def probes_left_out(project: Path) -> None:
    """Nothing was probed, and nothing says why."""
    hands.report(project, "features", lambda found: found.__delitem__("probes"))
    hands.retell(project)


@fault("features", "fail", "proof")
def proof_on_three_rows(project: Path) -> None:
    """A proof that looked at three rows."""
    hands.report(
        project, "features", lambda found: found["proof"].update(rows=3, training_rows=2, perturbed_rows=1)
    )
    hands.retell(project)


@fault("features", "unknown", "no training row")
def proof_on_no_row(project: Path) -> None:
    """A proof that looked at nothing, as params.toml asks for."""
    hands.choose(project, "features", "proof_rows", "0")
    hands.report(
        project, "features", lambda found: found["proof"].update(rows=0, training_rows=0, perturbed_rows=0)
    )
    hands.retell(project)


@fault("features", "fail", "leak")
def leak_found_and_ignored(project: Path) -> None:
    """The step found a leak, and nobody did anything."""
    hands.put(project, "features", "findings", [{"kind": "leak", "text": "absent is the target renamed"}])
    hands.retell(project)


@fault("features", "unknown|fail", "findings")
def findings_deleted(project: Path) -> None:
    """The list of findings is gone."""
    hands.report(project, "features", lambda found: found.__delitem__("findings"))
    hands.retell(project)


@fault("features", "fail", "on_payroll", "data", "split", "baseline", "interpret", "evaluate", "improve")
def target_renamed_and_rehashed(project: Path) -> None:
    """A column that is the target under another name, and every hash brought up to date."""
    for name in hands.RAW:
        lines = hands.rows(project, name)
        hands.put_rows(
            project,
            name,
            [
                [*lines[0][:-1], "on_payroll", lines[0][-1]],
                *[[*r[:-1], "yn"[r[-1] == "0"], r[-1]] for r in lines[1:]],
            ],
        )
    hands.edit(
        project,
        "schema.toml",
        '[[column]]\nname = "employed"',
        '[[column]]\nname = "on_payroll"\ntype = "category"\nmeaning = "on a payroll"\n\n'
        '[[column]]\nname = "employed"',
    )
    new = {
        "name": "on_payroll",
        "column": "on_payroll",
        "how": "category",
        "kind": "category",
        "meaning": "on a payroll",
    }
    hands.report(project, "features", lambda found: found["features"].append(new))
    hands.retell(project)


@fault("features", "fail", "cognitive_difficulty", "problem", "data", "split", *REST)
def target_among_many_rows(project: Path) -> None:
    """A feature that is the target under another name, in a table so large that a sample is looked at."""
    name = hands.RAW[0]
    head, *lines = hands.rows(project, name)
    place, made = head.index("cognitive_difficulty"), []
    for number in range(101_000):
        row = lines[number % len(lines)]
        made.append([f"n{number:07}", *row[1:place], ("yes", "no")[row[-1] == "0"], *row[place + 1 :]])
    hands.put_rows(project, name, [head, *lines, *made])
    parts = hands.rows(project, hands.SPLIT)
    hands.put_rows(project, hands.SPLIT, [*parts, *([row[0], "train"] for row in made)])
    hands.retell(project)


@fault("features", "fail", "[data] exclude", "data")
def excluded_column_used(project: Path) -> None:
    """A feature made of a column on which nobody is to be judged."""
    new = {"name": "sex", "column": "sex", "how": "category", "kind": "category", "meaning": "sex"}
    hands.report(project, "features", lambda found: found["features"].append(new))
    hands.retell(project)


@fault("features", "fail", "[data] target")
def target_as_a_feature(project: Path) -> None:
    """The target among the features."""
    new = {"name": "employed", "column": "employed", "how": "number", "kind": "number", "meaning": "x"}
    hands.report(project, "features", lambda found: found["features"].append(new))
    hands.retell(project)


@fault("features", "fail", "defined twice")
def feature_defined_twice(project: Path) -> None:
    """One name, two definitions."""
    hands.report(project, "features", lambda found: found["features"].append(dict(found["features"][0])))
    hands.retell(project)


@fault("features", "fail|unknown", "meaning")
def feature_without_meaning(project: Path) -> None:
    """Nobody says what a rule's feature means."""
    hands.report(project, "features", lambda found: found["features"][-1].update(meaning=""))
    hands.retell(project)


@fault("features", "unknown", "lists no features")
def no_features_listed(project: Path) -> None:
    """An empty list of features."""
    hands.put(project, "features", "features", [])
    hands.retell(project)


@fault("features", "fail", "no such function")
def rule_deleted_and_rehashed(project: Path) -> None:
    """A rule that [features] names and rules.py does not have."""
    hands.edit(project, RULES, "def finished_school(", "def finished(")
    hands.retell(project)


@fault("features", "fail", "no test in tests/ names")
def rule_not_tested(project: Path) -> None:
    """A rule without a worked example."""
    path = project / "tests/test_rules.py"
    path.write_text(path.read_text("utf-8").replace("student_age_in_quarters", "something_else"), "utf-8")


@fault("features", "stale", "rules.py", "split")
def rule_changed(project: Path) -> None:
    """A rule that was changed since the step ran."""
    path = project / RULES
    path.write_text(path.read_text("utf-8") + "\n\nLIMIT = 1\n", "utf-8")


@fault("features", "fail", "names the target")
def rule_that_names_the_target(project: Path) -> None:
    """A rule that reads the answer, hashes brought up to date."""
    path = project / RULES
    text = path.read_text("utf-8")
    start = text.index("def finished_school(")
    end = text.index("    return ", start)
    path.write_text(text[:end] + '    _ = table["employed"]\n' + text[end:], "utf-8")
    hands.retell(project)


@fault("features", "stale|fail", "[features] rules does not name")
def rule_left_out_of_params(project: Path) -> None:
    """A rule less in params than in the report."""
    hands.choose(project, "features", "rules", '["years_from_working_age", "finished_school"]')


@fault("features", "unknown", "does not name these inputs: data/split.csv.gz")
def split_left_out_of_the_inputs(project: Path) -> None:
    """A report that does not depend on the split would never grow stale."""
    hands.forget(project, "features", "inputs", hands.SPLIT)


@fault("features", "stale|fail", "tests/sample.csv has the hash")
def report_of_another_project(project: Path) -> None:
    """Another project's report."""
    hands.swap(project, "households", "reports/features.json")


@fault("features", "stale", "reports/split.json")
def earlier_report_rewritten(project: Path) -> None:
    """The split's report was written anew since; whatever read it is older."""
    hands.put(project, "split", "mirrors", "next year, as the board sees it")
    hands.revise(project, "reports/split.json", hands.seal)

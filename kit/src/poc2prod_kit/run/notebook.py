"""A project's rows, features, predictions and findings as DataFrames, for notebooks."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from poc2prod_kit.inspection import test_evaluations
from poc2prod_kit.models import baselines, selected_model
from poc2prod_kit.run import csv_files, report
from poc2prod_kit.run.code import Code
from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.paths import package
from poc2prod_kit.run.project import Project
from poc2prod_kit.splitting import split_file
from poc2prod_kit.tables import targets


def open_project(code: Code, root: Path | None = None) -> Opened:
    """The project that the code belongs to; `root` where it is not the folder above it."""
    return Opened(Project(root, code))


class Opened:
    """What the last `poc` read and made. Raises ProjectError naming the step to run where that is old."""

    def __init__(self, project: Project) -> None:
        self.project = project

    def rows(self, part: str) -> pd.DataFrame:
        """The rows of a part (train, validation, test) as schema.toml types them, indexed by row id.

        Test rows are refused until the test part has been opened for the selected model: rows that people
        have looked at no longer tell how good a model is on new ones.
        """
        if part not in ("train", "validation", "test"):
            raise ProjectError(f"There is no part {part!r}; there are train, validation and test.")
        report.results(self.project, "split")
        if part == "test" and not self._test_is_open():
            raise ProjectError(
                "The test rows have not been opened for the selected model. Once the choices are made, open "
                f"and record them: python -m {package().name} evaluate --open-test"
            )
        table = self.project.table()
        return table[split_file.parts(self.project).reindex(table.index) == part]

    def features(self, part: str) -> pd.DataFrame:
        """X: the features of a part's rows, as the models are given them."""
        return self.project.code.features.build(self.project, self.rows(part))

    def target(self, part: str) -> pd.Series:
        """y: the target of a part's rows; binary: 1.0 for [problem] positive, else 0.0."""
        return targets.target(self.project, self.rows(part))

    def predictions(self) -> pd.DataFrame:
        """Validation rows by id: `y`, and what each model and rule of thumb predicted."""
        report.results(self.project, "baseline")
        return csv_files.read_csv(self.project.root / baselines.PREDICTIONS).set_index("id")

    def findings(self) -> pd.DataFrame:
        """What the steps found that a person should look at: step, kind, text, columns, rows."""
        items = []
        for step in self.project.code.steps:
            if (self.project.root / "reports" / f"{step}.json").is_file():
                results = report.load(self.project, step)["results"]
                items += [{"step": step, **finding} for finding in results["findings"]]
        return pd.DataFrame(items, columns=["step", "kind", "text", "columns", "rows"])

    def _test_is_open(self) -> bool:
        model = selected_model.load(self.project)
        subject = test_evaluations.subject(self.project, model.content_id)
        return bool(test_evaluations.current(test_evaluations.read(self.project), subject))

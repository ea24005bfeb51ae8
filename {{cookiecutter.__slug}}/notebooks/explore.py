# %% [markdown]
# # Explore
# Run `poc` first. Jupyter (with jupytext) and VS Code open this file as a notebook; plain Python runs it too.

# %%
from poc2prod_kit.run.notebook import open_project

from {{ cookiecutter.package }}.pipeline import CODE

project = open_project(CODE)

# %% The rows to learn from and to choose by. `project.rows("test")` refuses until the test part was opened.
train, validation = project.rows("train"), project.rows("validation")
train.describe(include="all")

# %% What the models see of them
X_train, y_train = project.features("train"), project.target("train")
X_train.head()

# %% What the steps found
project.findings()

# %% Validation rows, with the truth (`y`) and what each model predicted
predictions = project.predictions()
predictions.head()

# %% Yours from here on: any estimator of models.py on the same rows

"""What is suspicious about a table: functions of rows, never of a project's folder. Standard library only.

`poc2prod new`, the steps of `poc` and `poc2prod check` ask the same functions about the same rows, so they
say the same of a table.
"""

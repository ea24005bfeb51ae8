"""The one error that the project shows to people."""


class ProjectError(Exception):
    """Something a person must change: says what is wrong, where, and what to do next."""

"""Machine-learning projects that already run, and their way from proof of concept to production."""

from . import template

__version__ = "0.1.0"

template.use_library()

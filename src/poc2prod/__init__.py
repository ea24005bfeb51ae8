"""Machine-learning projects that already run, and their way from proof of concept to production."""

from . import library

__version__ = "0.1.0"

library.use()

"""Machine-learning projects that already run, and their way from proof of concept to production."""

__version__ = "0.1.0"

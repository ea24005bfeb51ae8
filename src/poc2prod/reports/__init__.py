"""Reports, one module a format. Pure functions: they return text and values and print nothing."""

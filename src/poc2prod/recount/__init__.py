"""What the project measured, counted again with the standard library alone."""

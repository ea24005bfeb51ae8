"""True remarks about a table, one module a family. Pure: a frame in, remarks out."""

"""Machinery that the steps share. It belongs to the template: updates replace it, so keep your own code outside."""

"""Machinery that the steps share. It is the template's: updates replace it, so keep your own code outside."""

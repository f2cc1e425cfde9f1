"""Widgets: they turn lines and cells into strips, and tell Textual only what changed."""

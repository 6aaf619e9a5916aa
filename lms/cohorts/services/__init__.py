"""Verbs of groups; flush, never commit."""

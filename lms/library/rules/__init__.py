"""What counts as a fact and as a place of help, and how files of them are read. Pure."""

from lms.library.rules.facts import FactDraft, read_facts, write_facts

__all__ = ["FactDraft", "read_facts", "write_facts"]

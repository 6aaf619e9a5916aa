"""What is done to facts and places of help. Each verb flushes and leaves the commit to its door."""

from lms.library.services.facts import ensure_facts, load_facts

__all__ = ["ensure_facts", "load_facts"]

"""Reads of learning: one's courses, one's attempts, and what staff see. The hot ones are single Core statements."""

from lms.learning.queries.courses import CourseLine, courses_of

__all__ = ["CourseLine", "courses_of"]

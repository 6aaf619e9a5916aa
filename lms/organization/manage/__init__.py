"""Doors of staff: offices, people, posts, projects, places, and lists brought as files."""

from typing import Any

from flask import Blueprint

from lms.organization.words import LEVELS, SECTORS, in_words, kind_name, sentence

manage = Blueprint("organization_manage", __name__, template_folder="../templates")

from lms.organization.manage import lists, people, places, posts, projects, records, units  # noqa: E402, F401  (their doors join the blueprint)


@manage.app_context_processor
def words() -> dict[str, Any]:
    """Give pages the words for codes of the organization."""
    return {"kind_name": kind_name, "in_words": in_words, "LEVELS": LEVELS, "SECTORS": SECTORS, "sentence": sentence}

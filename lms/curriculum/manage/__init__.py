"""Doors of those who keep courses: the list, uploads, versions, and reading them as a learner would."""

from typing import Any

from flask import Blueprint
from flask_babel import gettext as _

manage = Blueprint("curriculum_manage", __name__, template_folder="../templates")

from lms.curriculum.manage import preview, uploads, versions  # noqa: E402, F401  (their routes join the blueprint)


@manage.context_processor
def words() -> dict[str, Any]:
    """Give this room's pages words for what may differ between two versions."""
    return {
        "change_words": {
            "title": _("title"),
            "objective": _("objective"),
            "guide": _("messages, plan or cards"),
            "settings": _("settings"),
            "minutes": _("minutes"),
            "question": _("question"),
            "key": _("answer or explanation"),
        },
    }

"""Doors of those who keep facts and places of help."""

from flask import Blueprint

manage = Blueprint("library_manage", __name__, template_folder="../templates")

from lms.library.manage import facts, referrals  # noqa: E402, F401  (their doors join the blueprint)

"""Checking: what anybody may ask of a certificate, and everything one needs to check it without us.

Check (the answer about one code) · Step (a link of its chain, as of the day it signed) · published documents (keys,
status lists, the credential itself) · the offline page, which needs no server once it was opened.
"""

from flask import Blueprint

checking = Blueprint("checking", __name__, template_folder="../templates")

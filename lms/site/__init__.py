"""Site: what belongs to no room alone: the frame of every page, home, menu, settings, errors, a person's own data.

The *frame* is what stands around every page (templates/site/base.html), *pieces* are the macros pages are made of, the
*look* is the stylesheet, *choices* are the lines of the settings page (core/choices.py reads them for every room).
"""

from flask import Flask

from lms.core.choices import keep_choices
from lms.site import manage, views
from lms.site.bytecode import keep_compiled
from lms.site.cli import seed
from lms.site.compression import compress_answers
from lms.site.errors import answer_refusals
from lms.site.frame import hang_frame
from lms.site.look import open_assets
from lms.site.sentences import speak_quickly


def register(app: Flask) -> None:
    """Hang this room's doors on the application, and the frame around everybody's."""
    keep_compiled(app)
    keep_choices(app)
    open_assets(app)
    hang_frame(app)
    speak_quickly(app)
    answer_refusals(app)
    compress_answers(app)
    app.register_blueprint(views.bp)
    app.register_blueprint(manage.manage)
    app.cli.add_command(seed)

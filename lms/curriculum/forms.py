"""Forms of those who keep courses."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectField
from wtforms.validators import InputRequired, Optional

from lms.core.forms import Form, UploadField
from lms.organization.forms import offered

MEGABYTES = 50


class UploadForm(Form):
    """Bring in a package as one zip."""

    package = UploadField(
        _l("The course as a zip file"),
        [InputRequired(_l("Choose the zip file of the course."))],
        description=_l(
            "A zip of the course's folder, of at most 50 MB. It is checked first; learners see nothing of it."
        ),
        megabytes=MEGABYTES,
        endings=(".zip",),
    )
    unit = SelectField(
        _l("Institution that keeps the course"),
        description=_l("It counts for a new course only."),
    )


class EmptyForm(Form):
    """A button."""


class PublishForm(EmptyForm):
    """A button, and whether certificates of earlier versions need the short unit that comes along."""

    is_material = BooleanField(
        _l("People certified on an earlier version take the short unit"),
        description=_l(
            "They are given the days that their scheme allows. Who certifies others cannot do so afterwards until the "
            "unit is passed. Certificates already issued stay valid and can be read."
        ),
    )


class GuideForm(Form):
    """What a guide is printed for, and on."""

    language = SelectField(_l("Language"), [InputRequired()])
    audience = SelectField(_l("For whom"), [Optional()])
    part = SelectField(_l("How much of it"), [Optional()])
    paper = RadioField(
        _l("Paper"), [InputRequired()], choices=offered([("letter", _l("Letter")), ("a4", _l("A4"))]), default="letter"
    )

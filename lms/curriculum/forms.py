"""Forms of those who keep courses."""

from flask_babel import lazy_gettext as _l
from wtforms import SelectField
from wtforms.validators import InputRequired

from lms.core.forms import Form, UploadField

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

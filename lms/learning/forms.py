"""Forms of learning."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from lms.core.forms import Form, free_text_guard


class JoinForm(Form):
    """A join code, typed."""

    code = StringField(
        _l("Code"),
        validators=[InputRequired(_l("Write the code of your group or course.")), Length(max=20)],
        description=_l("Eight letters and digits. It is on your invitation or on the sheet of the session."),
    )


class DueForm(Form):
    """The day on which a course is to be finished."""

    due_on = DateField(
        _l("To be finished by"),
        validators=[Optional()],
        description=_l("If you wish. Each person sees the day, and is reminded a week and a day before."),
    )


class CodeForm(DueForm):
    """A new join code."""

    unit = SelectField(_l("For which office"))
    places = IntegerField(
        _l("How many people may use it"),
        default=30,
        validators=[InputRequired(_l("Write how many people may use it.")), NumberRange(1, 5000)],
    )
    expires_on = DateField(
        _l("Last day on which it works"),
        validators=[InputRequired(_l("Choose the last day on which the code works."))],
    )


class PeopleForm(DueForm):
    """People to enrol: one user name or e-mail a line."""

    people = TextAreaField(
        _l("User names or e-mails"),
        validators=[
            InputRequired(_l("Write at least one user name or e-mail.")),
            Length(max=200_000, message=_l("That is too much at once: send it in parts.")),
        ],
        description=_l("One a line. Paste a column of a spreadsheet if you have one."),
    )


class UnitForm(DueForm):
    """The people of an office to enrol."""

    with_below = BooleanField(_l("With all the offices below it"), default=True)


class MarkForm(Form):
    """What a person says about an open answer besides the points."""

    comment = TextAreaField(
        _l("Comment for the learner"),
        validators=[Length(max=600), free_text_guard],
        description=_l("Two things done well and one to change help most. No names, no cases."),
    )

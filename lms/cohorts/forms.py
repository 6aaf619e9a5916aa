"""Forms of groups."""

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from lms.cohorts.rules import MOST_PEOPLE, GroupPlan
from lms.cohorts.words import MODALITIES, SEEN
from lms.core.forms import Form, UploadField, free_text_guard
from lms.core.ids import id_from_text
from lms.core.texts import folded
from lms.organization.fields import PlaceField
from lms.organization.forms import is_a_name, offered, sensible
from lms.organization.queries.places import content_languages

LIST_MEGABYTES = 2


def language_choices(first: Iterable[str] = ()) -> list[SelectChoice]:
    """Return the languages a group can be taught in, those of its course first."""
    known = content_languages()
    wanted = [code for code in first if code in known]
    rest = sorted((code for code in known if code not in wanted), key=lambda code: folded(known[code].autonym))
    return offered((code, known[code].autonym) for code in (*wanted, *rest))


class GroupForm(Form):
    """A group, as it is planned."""

    name = StringField(
        _l("Name of the group"),
        [InputRequired(_l("Write a name, such as San Andrés, group 2.")), Length(max=120)],
        description=_l("As people here call it. It stands on sheets: let it not tell what the course is about."),
    )
    place_code = PlaceField(_l("Municipality or community"), [InputRequired(_l("Write where the group meets."))])
    language = SelectField(_l("Language spoken in the group"))
    modality = SelectField(_l("How it meets"), choices=offered(MODALITIES.items()))
    starts_on = DateField(_l("First day"), [InputRequired(_l("Choose the first day.")), sensible])
    ends_on = DateField(_l("Last day"), [InputRequired(_l("Choose the last day.")), sensible])
    capacity = IntegerField(
        _l("Places"),
        [InputRequired(_l("Write for how many people there is room.")), NumberRange(1, MOST_PEOPLE)],
        default=25,
        description=_l("15 to 25 learn best; from 12 on, two facilitators."),
    )
    audience = SelectField(_l("Who they are"), [Optional()], validate_choice=True)
    project = SelectField(_l("Project"), [Optional()])
    is_joinable = BooleanField(_l("People may join with the code of the group"), default=True)

    def plan(self) -> GroupPlan:
        """Return what was written as a plan."""
        return GroupPlan(
            name=self.name.data or "",
            place_code=self.place_code.data or "",
            language=self.language.data,
            modality=self.modality.data,
            starts_on=self.starts_on.data,
            ends_on=self.ends_on.data,
            capacity=self.capacity.data,
            audience=self.audience.data or "",
            project_id=id_from_text(self.project.data) if self.project.data else None,
            is_joinable=bool(self.is_joinable.data),
        )


class NewGroupForm(GroupForm):
    """A new group: also its course, its office and who leads it."""

    course = SelectField(_l("Course"))
    unit = SelectField(_l("Office that answers for it"))
    facilitator = StringField(
        _l("Who leads it"),
        [InputRequired(_l("Write the user name of who leads the group.")), Length(max=60)],
        description=_l("The user name of the facilitator. You can add a second one afterwards."),
    )


class FacilitatorForm(Form):
    """Another facilitator."""

    username = StringField(
        _l("User name"),
        [InputRequired(_l("Write the user name of the facilitator.")), Length(max=60)],
    )


class NamesForm(Form):
    """People who have an account: one user name a line."""

    names = TextAreaField(
        _l("User names"),
        [InputRequired(_l("Write at least one user name.")), Length(max=20_000)],
        description=_l("One a line. It stands on each person's slip."),
    )


class NewPersonForm(Form):
    """Somebody who is not written down yet."""

    given_names = StringField(
        _l("Given names"), [InputRequired(_l("Write the given names.")), Length(max=100), is_a_name]
    )
    family_names = StringField(_l("Family names"), [Length(max=100), is_a_name])
    language = SelectField(_l("Language of the lessons"))
    must_choose = BooleanField(
        _l("Ask for a PIN of their own at the first sign-in"),
        default=True,
        description=_l("Take this off only for somebody who cannot read: then you know the PIN too."),
    )
    is_another = BooleanField(_l("It is another person of the same name"))

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.language.choices = language_choices()


class ListForm(Form):
    """A list of people as a file."""

    file = UploadField(
        _l("The list"),
        [InputRequired(_l("Choose the file of the list."))],
        megabytes=LIST_MEGABYTES,
        endings=(".csv", ".xlsx"),
    )


class JoinForm(Form):
    """The code of a group or a course, typed."""

    code = StringField(
        _l("Code"),
        [InputRequired(_l("Write the code of your group or course.")), Length(max=20)],
        description=_l("Eight letters and digits. It is on your invitation or on the sheet of the session."),
    )


class SessionForm(Form):
    """One meeting."""

    title = StringField(_l("Title"), [InputRequired(_l("Write the title of the session.")), Length(max=160)])
    module = SelectField(_l("Module of the course"), [Optional()])
    day = DateField(_l("Day"), [InputRequired(_l("Choose the day.")), sensible])
    hour = TimeField(_l("Hour"), [InputRequired(_l("Write the hour, such as 09:00."))])
    minutes = IntegerField(
        _l("Minutes"), [InputRequired(_l("Write how many minutes it lasts.")), NumberRange(10, 720)], default=120
    )
    venue = StringField(
        _l("Where"),
        [Length(max=160), free_text_guard],
        description=_l("Such as the assembly hall or the school. It is seen by the group only."),
    )


class PlanForm(Form):
    """A session for each module, at once."""

    first_on = DateField(_l("Day of the first session"), [InputRequired(_l("Choose the day.")), sensible])
    hour = TimeField(_l("Hour"), [InputRequired(_l("Write the hour, such as 09:00."))])
    every = SelectField(
        _l("How often"),
        choices=offered((("1", _l("Every day")), ("7", _l("Every week")), ("14", _l("Every two weeks")))),
        default="7",
    )
    minutes = IntegerField(
        _l("Minutes"), [InputRequired(_l("Write how many minutes it lasts.")), NumberRange(10, 720)], default=120
    )
    venue = StringField(
        _l("Where"),
        [Length(max=160), free_text_guard],
        description=_l("Such as the assembly hall or the school. It is seen by the group only."),
    )


def _count(label: Any) -> IntegerField:
    return IntegerField(label, [Optional(), NumberRange(0, 2000)], render_kw={"class": "short", "inputmode": "numeric"})


class HeldForm(Form):
    """What is written down after a session, besides who was there."""

    led_by = SelectField(_l("Who led it"))
    women = _count(_l("Women"))
    men = _count(_l("Men"))
    other = _count(_l("Other"))
    minors = _count(_l("Girls and boys under 18"))
    reflection = TextAreaField(
        _l("What to change next time"),
        [Length(max=400), free_text_guard],
        description=_l("What went well, which doubts came up, what to change."),
    )


class ObserveForm(Form):
    """An observation, besides its rows."""

    kind = RadioField(_l("What you saw"), choices=offered(SEEN.items()), default=next(iter(SEEN)))
    observed_on = DateField(_l("Day"), [InputRequired(_l("Choose the day.")), sensible])
    strength_1 = TextAreaField(_l("Something done well"), [Length(max=290), free_text_guard], render_kw={"rows": 2})
    strength_2 = TextAreaField(
        _l("Something else done well"), [Length(max=290), free_text_guard], render_kw={"rows": 2}
    )
    change = TextAreaField(_l("One thing to change"), [Length(max=400), free_text_guard], render_kw={"rows": 2})


class SignHereForm(Form):
    """The person observed signs on this phone."""

    secret = PasswordField(
        _l("PIN or password of the person observed"),
        [InputRequired(_l("Let the person write their own PIN or password.")), Length(max=256)],
    )


class AnnounceForm(Form):
    """A few lines to the whole group."""

    text = TextAreaField(
        _l("Message to the group"),
        [InputRequired(_l("Write the message.")), Length(max=1000), free_text_guard],
        description=_l("Everybody in the group reads it on their page; by mail goes only that there is something."),
    )


class AskForm(Form):
    """What a member asks."""

    text = TextAreaField(
        _l("Your question"),
        [InputRequired(_l("Write your question.")), Length(max=600), free_text_guard],
        description=_l("Only your facilitators read it."),
    )


class AnswerForm(Form):
    """The answer."""

    text = TextAreaField(_l("Your answer"), [InputRequired(_l("Write the answer.")), Length(max=1000), free_text_guard])


def audience_choices(audiences: Iterable[str], words: dict[str, Any]) -> list[SelectChoice]:
    """Return the audiences of a course, after “not said”."""
    return offered([("", _l("Not said")), *((code, words.get(code, code)) for code in audiences)])


def project_choices(projects: Iterable[Any], of: Any) -> list[SelectChoice]:
    """Return the projects a group can belong to, after “none”."""
    return offered([("", _l("None")), *((of(one.id), one.name) for one in projects)])

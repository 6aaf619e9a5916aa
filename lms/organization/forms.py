"""Forms of the organization."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, HiddenField, IntegerField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp, ValidationError

from lms.core.forms import Form, UploadField
from lms.core.guard import is_national_id
from lms.core.texts import Texts
from lms.organization.fields import PlaceField
from lms.organization.models import Profession
from lms.organization.queries.places import content_languages
from lms.organization.rules.tree import KINDS
from lms.organization.words import SECTORS, in_words

_FIRST_DAY, _LAST_DAY = date(1900, 1, 1), date(2200, 1, 1)
LIST_MEGABYTES = 5


def no_national_id(_form: Form, field: Any) -> None:
    """Refuse a key that is somebody's identity number."""
    if field.data and is_national_id(field.data):
        raise ValidationError(
            _("This looks like a national identity number. We never keep those: write a key of your own.")
        )


def sensible(_form: Form, field: Any) -> None:
    """Refuse days that are slips of the pen."""
    if field.data and not _FIRST_DAY <= field.data < _LAST_DAY:
        raise ValidationError(_("Look at the year again."))


def is_a_name(_form: Form, field: Any) -> None:
    """Refuse a name with digits or signs in it."""
    if field.data and any(letter.isdigit() or letter in "@<>{}[]|\\" for letter in field.data):
        raise ValidationError(_("A name holds letters, not “%(text)s”.", text=field.data[:40]))


def offered(pairs: Iterable[tuple[str, Any]]) -> list[SelectChoice]:
    """Turn codes and names into what a field offers."""
    return [SelectChoice(value=code, label=name) for code, name in pairs]


def _day(label: Any, message: Any, **kwargs: Any) -> DateField:
    return DateField(label, validators=[InputRequired(message), sensible], render_kw={"class": "short"}, **kwargs)


class UnitForm(Form):
    """An office."""

    name = StringField(_l("Name"), [InputRequired(_l("Write the name of the office.")), Length(max=200)])
    kind = SelectField(_l("Kind"))
    short_name = StringField(
        _l("Short name"), [Length(max=40)], description=_l("Optional. As people say it, for example SBS.")
    )
    code = StringField(
        _l("Office code"),
        [Length(max=40)],
        description=_l("Optional. The agency's own key; lists of people use it to name the office."),
        render_kw={"class": "short"},
    )
    place_code = PlaceField(
        _l("Municipality"), description=_l("Optional. Never write a street: the address of a shelter is not kept.")
    )

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kind.choices = offered((code, _(word)) for code, word in KINDS.items())


class DayForm(Form):
    """A day from which something holds."""

    on = _day(_l("From which day"), _l("Choose the day."))


class PersonForm(Form):
    """What is known of somebody: the least that will do."""

    given_names = StringField(
        _l("Given names"), [InputRequired(_l("Write the given names.")), Length(max=100), is_a_name]
    )
    family_names = StringField(_l("Family names"), [Length(max=100), is_a_name])
    key = StringField(
        _l("Staff key"),
        [Length(max=60), no_national_id],
        description=_l("Optional. The institution's own number for this person; never the national identity number."),
        render_kw={"class": "short"},
    )
    place_code = PlaceField(
        _l("Municipality or community"),
        description=_l("Optional. Where the person works, so that places of help nearby are shown."),
    )
    content_language = SelectField(
        _l("Language of lessons"), description=_l("Lessons not yet in this language are shown in Spanish.")
    )
    public_name = StringField(
        _l("Public name"),
        [Length(max=120), is_a_name],
        description=_l("Optional. What strangers see when they check a certificate. Left empty, they see initials."),
    )

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        known = content_languages()
        self.content_language.choices = offered((code, language.autonym) for code, language in known.items())


class CommunityForm(Form):
    """A village, hamlet or quarter."""

    name = StringField(_l("Name"), [InputRequired(_l("Write the name of the community.")), Length(max=120)])
    first = SelectField(_l("Language most spoken"))
    second = SelectField(_l("Second language"))

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        known = [(code, language.autonym) for code, language in content_languages().items()]
        self.first.choices = self.second.choices = offered([("", _("Not known")), *known])

    def languages(self) -> list[str]:
        """Return the codes, each once."""
        return list(dict.fromkeys(code for code in (self.first.data, self.second.data) if code))


class PostsForm(Form):
    """One or several posts of a profession."""

    profession = SelectField(_l("Profession"))
    count = IntegerField(
        _l("How many posts"),
        [InputRequired(_l("Write a whole number.")), NumberRange(1, 200)],
        default=1,
        render_kw={"class": "short"},
    )
    key = StringField(
        _l("Post key"),
        [Length(max=60), no_national_id],
        description=_l("Optional, for a single post: the institution's own number."),
        render_kw={"class": "short"},
    )
    opened_on = _day(_l("Open since"), _l("Choose the day."))

    def offer(self, professions: Iterable[Profession]) -> None:
        """Offer professions to choose from."""
        self.profession.choices = offered((one.code, in_words(one.name)) for one in professions)


class FillForm(Form):
    """Who holds a post, from when to when."""

    person = HiddenField()
    from_on = _day(_l("From"), _l("Choose the first day."))
    until_on = DateField(
        _l("Until"),
        [Optional(), sensible],
        description=_l("Optional. The first day on which the post is vacant again."),
        render_kw={"class": "short"},
    )


class ProfessionForm(Form):
    """A profession, in two languages."""

    code = StringField(
        _l("Code"),
        [
            InputRequired(_l("Write a code.")),
            Regexp(r"[a-z0-9]+(-[a-z0-9]+)*$", message=_l("Write small letters a–z, digits and hyphens.")),
            Length(max=40),
        ],
        description=_l("For example labour-inspector. It never changes."),
        render_kw={"class": "short"},
    )
    spa = StringField(_l("Name in Spanish"), [InputRequired(_l("Write the name in Spanish.")), Length(max=120)])
    eng = StringField(_l("Name in English"), [InputRequired(_l("Write the name in English.")), Length(max=120)])
    sector = SelectField(_l("Sector"), choices=offered(SECTORS.items()))
    is_retired = BooleanField(
        _l("Do not offer it for new posts"), description=_l("Posts that exist keep their profession.")
    )

    def name(self) -> Texts:
        """Return the name in both languages."""
        return {"spa": self.spa.data, "eng": self.eng.data}


class ProjectForm(Form):
    """A project: who pays, from when to when."""

    name = StringField(_l("Name"), [InputRequired(_l("Write the name of the project.")), Length(max=200)])
    code = StringField(_l("Code"), [InputRequired(_l("Write a code.")), Length(max=40)], render_kw={"class": "short"})
    funder = StringField(_l("Who pays"), [Length(max=200)], description=_l("Optional. The donor or the public budget."))
    starts_on = _day(_l("First day"), _l("Choose the first day."))
    ends_on = DateField(
        _l("Last day"), [Optional(), sensible], description=_l("Optional."), render_kw={"class": "short"}
    )


class ListForm(Form):
    """A list of people and posts, as a file."""

    file = UploadField(
        _l("File"),
        [InputRequired(_l("Choose the file."))],
        megabytes=LIST_MEGABYTES,
        endings=(".csv", ".xlsx"),
        description=_l("A spreadsheet (.xlsx) or .csv, at most 5 MB and 20,000 rows."),
    )

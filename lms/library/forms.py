"""Forms of the library."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from lms.core.forms import Form, UploadField, free_text_guard
from lms.library.models import Fact, Referral
from lms.library.rules.facts import MONTHS as FACT_MONTHS
from lms.library.rules.facts import FactDraft, is_dial, is_key, review_after
from lms.library.rules.help import MONTHS, ReferralDraft, is_phones
from lms.library.words import HELP, KINDS
from lms.organization.fields import PlaceField
from lms.organization.queries.places import content_languages

LIST_MEGABYTES = 2
_TEXTS = ("value", "label")
_LANGUAGES = ("spa", "eng")


def offered(pairs: Iterable[tuple[str, Any]]) -> list[SelectChoice]:
    """Turn codes and names into what a field offers."""
    return [SelectChoice(value=code, label=name) for code, name in pairs]


class FactForm(Form):
    """A fact: what it says, where that was seen, by whom, and when somebody looks again."""

    key = StringField(
        _l("Key"),
        [InputRequired(_l("Write the key that lessons cite.")), Length(max=60)],
        description=_l("Small letters a–z, digits and hyphens, such as police-emergency. It never changes."),
        render_kw={"class": "short"},
    )
    kind = SelectField(_l("Kind"), choices=offered(KINDS.items()))
    value_spa = StringField(
        _l("What it says, in Spanish"),
        [InputRequired(_l("Write what it says in Spanish.")), Length(max=300)],
        description=_l("It stands inside a sentence, so no article and no full stop: “artículo 202 Ter”, “110”."),
    )
    value_eng = StringField(
        _l("What it says, in English"), [InputRequired(_l("Write what it says in English.")), Length(max=300)]
    )
    dial = StringField(
        _l("Number to dial"),
        [Length(max=30)],
        description=_l("Only for telephones. Short numbers as they are: 110."),
        render_kw={"class": "short", "inputmode": "tel"},
    )
    label_spa = StringField(
        _l("What it is, in Spanish"), [InputRequired(_l("Write what it is in Spanish.")), Length(max=300)]
    )
    label_eng = StringField(
        _l("What it is, in English"), [InputRequired(_l("Write what it is in English.")), Length(max=300)]
    )
    is_verified = BooleanField(
        _l("Verified"),
        description=_l("Seen in an official or dated published source. Otherwise learners read “to be confirmed”."),
    )
    source = TextAreaField(
        _l("Where it was seen"),
        [Length(max=2000)],
        description=_l("Institution, date and address of the page or document."),
        render_kw={"rows": 3},
    )
    checked_on = DateField(_l("Looked at on"), [Optional()], render_kw={"class": "short"})
    checked_by = StringField(_l("Who looked"), [Length(max=120)])
    review_by = DateField(
        _l("Look again by"),
        [Optional()],
        description=_l("Left empty: six months after the day for telephones, a year for everything else."),
        render_kw={"class": "short"},
    )

    def validate_key(self, field: Any) -> None:
        if field.data and not is_key(field.data):
            raise ValidationError(_("Write small letters a–z, digits and hyphens."))

    def validate_dial(self, field: Any) -> None:
        if field.data and not is_dial(field.data):
            raise ValidationError(_("Write a number to dial, such as 110 or +502 2320 1234."))
        if not field.data and self.kind.data == "hotline":
            raise ValidationError(_("A telephone needs its number."))

    @classmethod
    def values_of(cls, fact: Fact) -> dict[str, Any]:
        """Return what the fields show of a fact."""
        names = ("key", "kind", "dial", "is_verified", "source", "checked_on", "checked_by", "review_by")
        values = {name: getattr(fact, name) for name in names}
        return values | {f"{name}_{code}": getattr(fact, name).get(code, "") for name in _TEXTS for code in _LANGUAGES}

    def draft(self, fact: Fact | None) -> FactDraft:
        """Return the fact as it was filled in; texts in further languages stay."""
        texts = {
            name: (getattr(fact, name) if fact else {})
            | {code: getattr(self, f"{name}_{code}").data for code in _LANGUAGES}
            for name in _TEXTS
        }
        review_by = self.review_by.data
        if review_by is None and self.checked_on.data:
            review_by = review_after(self.checked_on.data, FACT_MONTHS[self.kind.data])
        return FactDraft(
            key=fact.key if fact else self.key.data,
            kind=self.kind.data,
            dial=self.dial.data or None,
            is_verified=self.is_verified.data,
            source=self.source.data or "",
            checked_on=self.checked_on.data,
            checked_by=self.checked_by.data or "",
            review_by=review_by,
            **texts,
        )


class ReferralForm(Form):
    """A place of help. There is no field for an address, on purpose."""

    kind = SelectField(_l("Kind of help"), choices=offered(HELP.items()))
    name = StringField(_l("Name"), [InputRequired(_l("Write the name.")), Length(max=160)])
    place_code = PlaceField(
        _l("Place it serves"),
        description=_l("Municipality or department whose people it helps. Left empty: the whole country."),
    )
    phone = StringField(
        _l("Telephone"),
        [Length(max=60)],
        description=_l("One number, or several with a comma between them."),
        render_kw={"inputmode": "tel"},
    )
    how_to_reach = TextAreaField(
        _l("How to ask for it"),
        [Length(max=300), free_text_guard],
        description=_l("For example: ask at the town hall, Monday to Friday. For a shelter leave it empty."),
        render_kw={"rows": 2},
    )
    for_whom = StringField(
        _l("For whom"), [Length(max=200), free_text_guard], description=_l("For example: women and their children.")
    )
    first = SelectField(_l("Language they speak"))
    second = SelectField(_l("Second language"))
    checked_on = DateField(
        _l("Asked on"),
        [InputRequired(_l("Choose the day on which somebody asked there."))],
        render_kw={"class": "short"},
    )
    checked_by = StringField(_l("Who asked"), [InputRequired(_l("Write who asked there.")), Length(max=120)])
    review_by = DateField(
        _l("Ask again by"),
        [Optional()],
        description=_l("Left empty: six months later."),
        render_kw={"class": "short"},
    )

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        known = [(code, language.autonym) for code, language in content_languages().items()]
        self.first.choices = self.second.choices = offered([("", _("Not known")), *known])

    def validate_phone(self, field: Any) -> None:
        if field.data and not is_phones(field.data):
            raise ValidationError(_("Write a telephone number, such as 2320 1234 or 1546."))

    def validate_how_to_reach(self, field: Any) -> None:
        if field.data and self.kind.data == "shelter":
            raise ValidationError(_("Where a shelter is, or how one gets there, is never written. Leave it empty."))

    @classmethod
    def values_of(cls, referral: Referral) -> dict[str, Any]:
        """Return what the fields show of an entry."""
        names = (
            "kind",
            "name",
            "place_code",
            "phone",
            "how_to_reach",
            "for_whom",
            "checked_on",
            "checked_by",
            "review_by",
        )
        first, second = [*referral.languages, "", ""][:2]
        return {name: getattr(referral, name) for name in names} | {"first": first, "second": second}

    def draft(self) -> ReferralDraft:
        """Return the entry as it was filled in."""
        checked_on: date = self.checked_on.data
        return ReferralDraft(
            kind=self.kind.data,
            name=self.name.data,
            place_code=self.place_code.data or None,
            phone=self.phone.data or "",
            how_to_reach=self.how_to_reach.data or "",
            for_whom=self.for_whom.data or "",
            languages=list(dict.fromkeys(code for code in (self.first.data, self.second.data) if code)),
            checked_on=checked_on,
            checked_by=self.checked_by.data,
            review_by=self.review_by.data or review_after(checked_on, MONTHS),
        )


class ListForm(Form):
    """A list of places of help, as a file."""

    file = UploadField(
        _l("File"),
        [InputRequired(_l("Choose the file."))],
        megabytes=LIST_MEGABYTES,
        endings=(".csv", ".xlsx"),
        description=_l("A spreadsheet (.xlsx) or .csv, at most 2 MB."),
    )

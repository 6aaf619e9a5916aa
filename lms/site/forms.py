"""The form of the settings page."""

from typing import Any
from urllib.parse import urlsplit

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, ValidationError

from lms.core.choices import Choices
from lms.core.forms import Form
from lms.core.languages import LOCALES
from lms.site.rules import LARGEST_CELL, SMALLEST_CELL, exit_problem


class SettingsForm(Form):
    """One field for each choice of the agency."""

    agency = StringField(
        _l("Name of the agency"),
        [Length(max=160, message=_l("Write the name in at most 160 letters."))],
        description=_l("It stands at the foot of every page and on what is printed."),
    )
    short_name = StringField(
        _l("Short name"),
        [Length(max=24, message=_l("Write a short name of at most 24 letters."))],
        description=_l("It stands beside the name Cascada, for example SVET."),
    )
    exit_url = StringField(
        _l("Where “Leave quickly” goes"),
        [
            InputRequired(_l("Write the address of a harmless page, such as the weather.")),
            Length(max=300, message=_l("Write it in at most 300 letters.")),
        ],
        description=_l("A harmless page of another site that many people open: the weather, the news."),
    )
    support_spa = TextAreaField(
        _l("Support for the person, in Spanish"),
        [Length(max=400, message=_l("Write it in at most 400 letters."))],
        description=_l("Whom somebody may turn to when a topic weighs on her. It stands on the help page."),
    )
    support_eng = TextAreaField(
        _l("Support for the person, in English"),
        [Length(max=400, message=_l("Write it in at most 400 letters."))],
    )
    default_locale = RadioField(
        _l("Language of the pages, when the browser asks for neither"),
        choices=[SelectChoice(code, name) for code, name in LOCALES.items()],
    )
    minimum_cell = IntegerField(
        _l("Smallest number that reports show"),
        [
            InputRequired(_l("Write a whole number.")),
            NumberRange(SMALLEST_CELL, LARGEST_CELL, _l("Write a number from 3 to 100.")),
        ],
        description=_l("Below it a count is hidden, because a few people can be recognised. Ten is a good number."),
    )

    def validate_exit_url(self, field: Any) -> None:
        problem = exit_problem(field.data, urlsplit(current_app.config["BASE_URL"]).hostname or "")
        if problem:
            raise ValidationError(_(problem))

    @classmethod
    def values_of(cls, chosen: Choices) -> dict[str, Any]:
        """Return what the fields show of the present choices."""
        values = {name: getattr(chosen, name) for name in ("agency", "short_name", "exit_url", "default_locale")}
        support = {f"support_{code}": chosen.support.get(code, "") for code in ("spa", "eng")}
        return values | support | {"minimum_cell": chosen.minimum_cell}

    def chosen(self) -> Choices:
        """Return the choices as they were filled in."""
        support = {"spa": self.support_spa.data, "eng": self.support_eng.data}
        return Choices(
            agency=self.agency.data or "",
            short_name=self.short_name.data or "",
            exit_url=self.exit_url.data,
            support={code: text for code, text in support.items() if text},
            default_locale=self.default_locale.data,
            minimum_cell=self.minimum_cell.data,
        )

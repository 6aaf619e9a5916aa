"""A field for a place: one writes its name and may choose among those offered; it works without a script."""

from typing import Any

from flask import g, has_request_context
from flask_babel import gettext as _
from markupsafe import Markup
from wtforms import StringField
from wtforms.validators import ValidationError
from wtforms.widgets import TextInput

from lms.core.texts import folded
from lms.organization.queries.places import Words, place_words


def words_of_places() -> Words:
    """Return the places under all their names, asked for once in a request."""
    if not has_request_context():
        return place_words()
    if "place_words" not in g:
        g.place_words = place_words()
    found: Words = g.place_words
    return found


class PlaceInput(TextInput):
    """A text input that offers the places of the country."""

    def __call__(self, field: Any, **kwargs: Any) -> Markup:
        options = Markup("").join(
            Markup("<option>{}</option>").format(name) for name in words_of_places().full.values()
        )
        name = f"{field.id}-places"
        return super().__call__(field, list=name, autocomplete="off", **kwargs) + Markup(
            '<datalist id="{}">{}</datalist>'
        ).format(name, options)


class PlaceField(StringField):
    """Reads a place by name, by name and department, or by code; `data` is the code or empty."""

    widget = PlaceInput()
    data: str | None

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return words_of_places().full.get(self.data or "", self.data or "")

    def pre_validate(self, form: Any) -> None:
        """Turn what was written into a code.

        :raise ValidationError: no place, or several, are called so.
        """
        if not self.raw_data:
            return
        text = (self.data or "").strip()
        if not text:
            self.data = ""
            return
        found = words_of_places().codes.get(folded(text), set())
        if not found:
            raise ValidationError(_("There is no place “%(text)s”. Write its name or its code.", text=text[:60]))
        if len(found) > 1:
            raise ValidationError(
                _("Several places are called “%(text)s”. Add the department behind a comma.", text=text[:60])
            )
        self.data = next(iter(found))

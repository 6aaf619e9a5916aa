"""Forms: WTForms with limits everywhere and sentences that say what to write.

Every text is tidied before anybody looks at it (spaces around it, control signs, composed letters) and has a longest
length, whether its author thought of one or not.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import Any, Self

from flask import current_app
from flask_babel import get_translations
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import FileStorage
from wtforms import (
    DecimalField,
    Field,
    FieldList,
    FileField,
    FormField,
    HiddenField,
    IntegerField,
    PasswordField,
    StringField,
    TextAreaField,
)
from wtforms.fields.core import UnboundField
from wtforms.validators import DataRequired, InputRequired, Length, StopValidation, ValidationError

from lms.core.guard import Kind, found

_LONGEST = ((TextAreaField, 4000), (HiddenField, 2000), (PasswordField, 256), (StringField, 200))
_LARGEST = 2**31 - 1  # what an integer column of either database holds
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]")

# What WTForms says in general, said so that one knows what to write.
_SENTENCES = {
    "This field is required.": _l("Please fill this in."),
    "Not a valid choice.": _l("Choose one of the options shown."),
    "Invalid Choice: could not coerce.": _l("Choose one of the options shown."),
    "Invalid choice(s): one or more data inputs could not be coerced.": _l("Choose among the options shown."),
    "Not a valid integer value.": _l("Write a whole number, such as 12."),
    "Not a valid decimal value.": _l("Write a number, such as 12 or 12.5."),
    "Not a valid float value.": _l("Write a number, such as 12 or 12.5."),
    "Not a valid date value.": _l("Write a day as year-month-day, such as 2026-03-25."),
    "Not a valid datetime value.": _l("Write a day and an hour, such as 2026-03-25 14:30."),
    "Not a valid time value.": _l("Write an hour, such as 14:30."),
    "Date must be at least %(min)s.": _l("Choose a day that is not before %(min)s."),
    "Date must be at most %(max)s.": _l("Choose a day that is not after %(max)s."),
    "Date must be between %(min)s and %(max)s.": _l("Choose a day from %(min)s to %(max)s."),
    "Number must be at least %(min)s.": _l("Write a number that is not below %(min)s."),
    "Number must be at most %(max)s.": _l("Write a number that is not above %(max)s."),
    "Number must be between %(min)s and %(max)s.": _l("Write a number from %(min)s to %(max)s."),
    "Field must be equal to %(other_name)s.": _l("Write the same in both places."),
    "Invalid email address.": _l("Write one e-mail address, such as name@office.gob.gt."),
    "Invalid URL.": _l("Write an address that begins with https://"),
    "Invalid input.": _l("Please write this in another way."),
    "Invalid CSRF Token.": _l("This page was open for too long. Please load it again and repeat the last step."),
    "Field must be between %(min)d and %(max)d characters long.": _l("Write from %(min)d to %(max)d characters."),
    "This field cannot be edited.": _l("This cannot be changed here."),
    "This field is disabled and cannot have a value.": _l("This cannot be changed here."),
}


def _n(singular: str, plural: str) -> tuple[str, str]:
    """Mark a sentence that counts for the translation catalogue."""
    return singular, plural


_COUNTED = {
    "Field cannot be longer": _n("Write at most %(max)d character.", "Write at most %(max)d characters."),
    "Field must be exactly": _n("Write exactly %(max)d character.", "Write exactly %(max)d characters."),
    "'%(value)s' is not a valid choice": _n(
        "“%(value)s” is none of the options shown.", "“%(value)s” are none of the options shown."
    ),
    "Field must be at least": _n("Write at least %(min)d character.", "Write at least %(min)d characters."),
}


class _Sentences:
    """Stands where WTForms looks for its own translations."""

    def gettext(self, sentence: str) -> str:
        found_one = _SENTENCES.get(sentence)
        return sentence if found_one is None else str(found_one)

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        said = next((ours for theirs, ours in _COUNTED.items() if singular.startswith(theirs)), (singular, plural))
        return str(get_translations().ungettext(*said, number))


class Form(FlaskForm):
    """What every form of the house shares."""

    class Meta(FlaskForm.Meta):
        """Limits and filters for fields whose author named none."""

        def bind_field(self, form: Any, unbound_field: UnboundField, options: dict[str, Any]) -> Field:
            kind, args = unbound_field.field_class, unbound_field.args
            if issubclass(kind, (FormField, FieldList)) or len(args) > 2:
                return unbound_field.bind(form=form, **options)
            # Spaces alone are no input; InputRequired looks at what was sent and would not see it.
            said = dict(zip(("label", "validators"), args, strict=False)) | unbound_field.kwargs
            more: list[Any] = list(said.get("validators") or ())
            longest = next((length for base, length in _LONGEST if issubclass(kind, base)), None)
            if longest and not any(isinstance(one, Length) and one.max > 0 for one in more):
                more.append(Length(max=longest))
            if issubclass(kind, IntegerField):
                more.append(_fits)
            if issubclass(kind, DecimalField):
                more.append(_is_finite)
            if longest and not issubclass(kind, PasswordField):
                more = [DataRequired(one.message) if isinstance(one, InputRequired) else one for one in more]
                said["filters"] = [tidy, *(said.get("filters") or ())]
            bound = UnboundField(kind, **(said | {"validators": more}))
            return bound.bind(form=form, **options)

        def get_translations(self, form: Any) -> _Sentences:
            return _Sentences()

    @classmethod
    def posted(cls, **kwargs: Any) -> tuple[Self, bool]:
        """Build the form; return it and whether it was sent and is valid."""
        form = cls(**kwargs)
        return form, form.validate_on_submit()

    def validate(self, extra_validators: Any = None) -> bool:
        """Check every field; one that could not be read at all says only that."""
        is_valid: bool = super().validate(extra_validators)
        for field in self:
            if field.process_errors and field.errors:
                field.errors = list(field.process_errors)
        return is_valid


def tidy(text: Any) -> Any:
    """Compose letters, drop signs nobody sees and the spaces around.

    >>> tidy(" Mari\\u0301a\\u202e\\r\\nXol ")
    'María\\nXol'
    """
    if not isinstance(text, str):
        return text
    plain = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _UNSEEN.sub("", plain).strip()


def _is_finite(_form: Form, field: DecimalField) -> None:
    if field.data is not None and not field.data.is_finite():
        raise ValidationError(_("Write a number, such as 12 or 12.5."))


def _fits(_form: Form, field: IntegerField) -> None:
    if field.data is not None and abs(field.data) > _LARGEST:
        raise ValidationError(_("This number is too large."))


_WORDS = {
    Kind.NATIONAL_ID: _l("an identity number (CUI)"),
    Kind.PHONE: _l("a telephone number"),
    Kind.EMAIL: _l("an e-mail address"),
    Kind.COORDINATES: _l("a place on a map"),
}


def free_text_guard(_form: Form, field: Field) -> None:
    """Refuse a text that names or locates somebody, and say where such things belong."""
    kinds = found(str(field.data or ""), current_app.config.get("MUNICIPALITY_CODES", ()))
    if kinds:
        raise ValidationError(guard_sentence(kinds))


free_text_guard.field_flags = {"guarded": True}  # type: ignore[attr-defined]  # templates show the red hint


def guard_sentence(kinds: Sequence[Kind]) -> str:
    """Say what has to go, and whom to call."""
    return str(
        _(
            "Please take out %(found)s. No data of persons or cases are written here: if somebody is in danger, call"
            " 110 or go to the Ministerio Público.",
            found=", ".join(str(_WORDS[kind]) for kind in kinds),
        )
    )


class UploadField(FileField):
    """A file with a largest size and the endings it may have; the door also wears `@takes_uploads`."""

    def __init__(
        self, label: Any = None, validators: Any = None, megabytes: int = 2, endings: Sequence[str] = (), **kwargs: Any
    ) -> None:
        super().__init__(label, validators, **kwargs)
        self.megabytes, self.endings = megabytes, tuple(endings)

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take the file; a form that was sent without one holds None."""
        self.data = next((one for one in valuelist if isinstance(one, FileStorage) and one.filename), None)
        if self.data is not None:
            self.data.filename = tidy(self.data.filename)

    def pre_validate(self, form: Any) -> None:
        """Look at name and size before anything is read."""
        if self.data is None:
            return
        name = self.data.filename or ""
        if self.endings and not name.lower().endswith(self.endings):
            raise StopValidation(_("Choose a file that ends in %(endings)s.", endings=", ".join(self.endings)))
        size = self.data.stream.seek(0, 2)
        self.data.stream.seek(0)
        if size > self.megabytes * 1024 * 1024:
            raise StopValidation(_("Choose a file of at most %(number)d MB.", number=self.megabytes))
        if not size:
            raise StopValidation(_("This file is empty. Choose another one."))

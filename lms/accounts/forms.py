"""Forms of accounts."""

from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from lms.accounts.links import LENGTH, typed
from lms.accounts.rules.names import is_email
from lms.core.forms import Form
from lms.core.languages import DEFAULT_LOCALE, LOCALES

_SECRET = {"autocomplete": "new-password", "autocapitalize": "none", "spellcheck": "false"}
_OLD_SECRET = {"autocomplete": "current-password", "autocapitalize": "none", "spellcheck": "false"}
_LOGIN = {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
_CODE = {"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false", "inputmode": "text"}


def email_shape(_form: Form, field: StringField) -> None:
    """Refuse what is not one e-mail address; nothing at all is fine."""
    if field.data and not is_email(field.data.strip()):
        raise ValidationError(_("Write one e-mail address, such as name@office.gob.gt."))


class SignInForm(Form):
    """Who, and the secret that proves it."""

    login = StringField(
        _l("User name or e-mail"),
        validators=[InputRequired(_l("Write your user name or your e-mail.")), Length(max=254)],
        render_kw=_LOGIN,
    )
    secret = PasswordField(
        _l("Password or PIN"),
        validators=[InputRequired(_l("Write your password or your PIN of six digits.")), Length(max=256)],
        render_kw=_OLD_SECRET,
    )
    is_shared = BooleanField(
        _l("This is a shared phone or computer"),
        default=True,
        description=_l("You will be signed out by yourself. Untick it only on a phone that is yours alone."),
    )
    next = HiddenField()


class CodeForm(Form):
    """The code of an authenticator app, or one from paper."""

    code = StringField(
        _l("Code"),
        validators=[
            InputRequired(_l("Write the six digits your app shows now, or one of your paper codes.")),
            Length(max=40),
        ],
        render_kw=_CODE | {"class": "short code"},
    )
    next = HiddenField()


class SetUpForm(CodeForm):
    """The first code of a new app; the secret travels sealed."""

    sealed = HiddenField(validators=[InputRequired(), Length(max=400)])


class ConfirmForm(Form):
    """A fresh proof of who is at the keyboard."""

    secret = PasswordField(
        _l("Your password, or a code of your app"),
        validators=[
            InputRequired(_l("Write your password, your PIN, or the six digits your app shows.")),
            Length(max=256),
        ],
        render_kw=_OLD_SECRET,
    )
    next = HiddenField()


class LinkCodeForm(Form):
    """The code of a printed invitation, typed."""

    code = StringField(
        _l("Code of your invitation"),
        validators=[InputRequired(_l("Write the 16 letters and digits of your invitation.")), Length(max=60)],
        description=_l("16 letters and digits, in groups of four. It is on your sheet of paper."),
        render_kw={"class": "code", "autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )

    def validate_code(self, field: StringField) -> None:
        if len(typed(field.data)) != LENGTH:
            raise ValidationError(_("The code has 16 letters and digits. Look whether one is missing."))


class ForgotForm(Form):
    """Whose password was forgotten."""

    login = StringField(
        _l("Your user name or e-mail"),
        validators=[InputRequired(_l("Write your user name or your e-mail.")), Length(max=254)],
        render_kw=_LOGIN,
    )


class NewSecretForm(Form):
    """A new password or PIN."""

    secret = PasswordField(
        _l("New password"),
        validators=[InputRequired(_l("Write the password you want.")), Length(max=256)],
        description=_l("At least 10 characters. Three or four words in a row are easy to remember."),
        render_kw=_SECRET,
    )


class ChangeSecretForm(NewSecretForm):
    """A new password or PIN, and the old one first."""

    old = PasswordField(
        _l("Your present password or PIN"),
        validators=[InputRequired(_l("Write the password or PIN you use now.")), Length(max=256)],
        render_kw=_OLD_SECRET,
    )


class LanguagesForm(Form):
    """The language of buttons, and the language of courses."""

    interface_locale = RadioField(_l("Language of menus and buttons"), choices=LOCALES)
    content_language = SelectField(
        _l("Language in which you prefer to learn"),
        description=_l("Where a lesson does not exist in it yet, you will see it in Spanish."),
    )


class AcceptForm(LanguagesForm):
    """What a new person chooses."""

    username = StringField(
        _l("User name"),
        validators=[InputRequired(_l("Write the user name you want.")), Length(max=60)],
        description=_l("Short and easy to remember: you will write it each time you come in."),
        render_kw=_LOGIN,
    )
    secret = PasswordField(
        _l("Password"),
        validators=[InputRequired(_l("Write the password you want.")), Length(max=256)],
        render_kw=_SECRET,
    )
    is_shared = BooleanField(
        _l("This is a shared phone or computer"),
        default=True,
        description=_l("You will be signed out by yourself. Untick it only on a phone that is yours alone."),
    )


class NamesForm(Form):
    """How a person is called."""

    given_names = StringField(
        _l("Given names"),
        validators=[InputRequired(_l("Write your given names as they stand in your papers.")), Length(max=100)],
        render_kw={"autocomplete": "given-name"},
    )
    family_names = StringField(
        _l("Family names"), validators=[Length(max=100)], render_kw={"autocomplete": "family-name"}
    )


class OwnNamesForm(NamesForm):
    """How a person is called, and what strangers may see of it."""

    public_name = StringField(
        _l("Name that others see"),
        validators=[Length(max=120)],
        description=_l(
            "Whoever checks a certificate of yours sees this name. It may be another name. Leave it empty to show only "
            "your initials."
        ),
        render_kw={"autocomplete": "off"},
    )


class FirstForm(AcceptForm, NamesForm):
    """What the first administrator says: who she is, and whose site this is."""

    agency = StringField(
        _l("Name of the agency"),
        validators=[InputRequired(_l("Write the name of the institution that runs this site.")), Length(max=200)],
        description=_l("It stands at the foot of each page. You can change it later."),
        render_kw={"autocomplete": "organization"},
    )
    short_name = StringField(
        _l("Short name"),
        validators=[InputRequired(_l("Write the initials or the short name.")), Length(max=40)],
        description=_l("The initials by which people know it."),
        render_kw={"class": "short", "autocomplete": "off"},
    )


class TraitsForm(Form):
    """What helps to see who is reached and who is left out; each may stay unsaid."""

    sex = RadioField(_l("Sex"), validators=[Optional()], default="")
    birth_year = IntegerField(
        _l("Year of birth"),
        validators=[Optional(), NumberRange(1900, 2100, _l("Write the year with four digits, such as 1985."))],
        render_kw={"class": "short", "inputmode": "numeric", "autocomplete": "off"},
    )
    people = RadioField(_l("People you identify with"), validators=[Optional()], default="")
    linguistic_community = SelectField(_l("Linguistic community"), default="")
    disability = RadioField(_l("Do you live with a disability?"), validators=[Optional()], default="")

    def __init__(self, this_year: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.this_year = this_year or date.max.year

    def validate_birth_year(self, field: IntegerField) -> None:
        if field.data and not self.this_year - 110 <= field.data <= self.this_year - 10:
            raise ValidationError(_("Write the year in which you were born, such as 1985."))


class AccountForm(Form):
    """User name and e-mail, as staff give them."""

    username = StringField(
        _l("User name"),
        validators=[Length(max=60)],
        description=_l("Leave it empty and one is made from the name."),
        render_kw=_LOGIN | {"autocomplete": "off"},
    )
    email = StringField(
        _l("E-mail"),
        validators=[Length(max=254), email_shape],
        description=_l("Optional. Without it the person comes in with a printed slip."),
        render_kw={"type": "email", "autocomplete": "off"},
    )
    interface_locale = RadioField(
        _l("Language in which we write to the person"), choices=LOCALES, default=DEFAULT_LOCALE, validators=[Optional()]
    )


class EmailsForm(Form):
    """Two columns of a spreadsheet, pasted."""

    rows = TextAreaField(
        _l("Who, and the e-mail"),
        validators=[InputRequired(_l("Paste at least one row.")), Length(max=200_000)],
        description=_l("One person a row: user name, staff key or whole name; then the e-mail in the next column."),
        render_kw={"rows": 12, "class": "code", "spellcheck": "false", "autocomplete": "off"},
    )


class GrantForm(Form):
    """Which role, over which office."""

    role = RadioField(_l("Role"), validators=[InputRequired(_l("Choose a role."))])
    unit = RadioField(
        _l("Over which office"), validators=[InputRequired(_l("Choose the office."))], validate_choice=True
    )


class SlipForm(Form):
    """Before a PIN is drawn."""

    must_choose = BooleanField(
        _l("Ask for a PIN of their own at the first sign-in"),
        description=_l("Safer, if the person can read and write with ease."),
    )

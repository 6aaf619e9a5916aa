"""Forms of the cascade."""

from dataclasses import replace
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    FloatField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError
from wtforms.widgets import CheckboxInput

from lms.certification.rules.levels import LevelRules, Practice
from lms.certification.rules.warrants import Less
from lms.certification.services.standing import Policy
from lms.certification.words import POLICIES, PRACTICES, REASONS, REVOCATION_REASONS, SUSPENSION_REASONS
from lms.cohorts.forms import GroupForm
from lms.core.forms import Form, free_text_guard
from lms.organization.forms import is_a_name, offered, sensible

_PLACES = {
    "country": _l("the whole country"),
    "department": _l("the department of the group"),
    "municipality": _l("the municipality of the group"),
}


class PublicNameForm(Form):
    """The name that a certificate shows to whoever checks it."""

    name = StringField(
        _l("Name on your certificates"),
        [InputRequired(_l("Write the name your certificates show.")), Length(max=120), is_a_name],
        description=_l("Your whole name, or given names and initials. Whoever checks a certificate sees it."),
    )


class WarrantGroupForm(GroupForm):
    """A group opened under one's own right to certify."""

    course = SelectField(_l("Course"))


class LessForm(Form):
    """What an issuer leaves out of the right to certify that she hands on. What is not filled in stays as it is."""

    territory = SelectMultipleField(
        _l("Only in these places"), option_widget=CheckboxInput(), description=_l("None ticked: as far as shown above.")
    )
    languages = SelectMultipleField(_l("Only in these languages"), option_widget=CheckboxInput())
    audiences = SelectMultipleField(_l("Only for these people"), option_widget=CheckboxInput())
    quota = IntegerField(_l("At most so many people"), [Optional(), NumberRange(1, 5000)])
    ends_on = DateField(_l("Only until"), [Optional(), sensible])

    def less(self) -> Less:
        """Return what is left out."""
        return Less(
            territory=tuple(self.territory.data or ()),
            audiences=tuple(self.audiences.data or ()),
            languages=tuple(self.languages.data or ()),
            quota=self.quota.data,
            ends_on=self.ends_on.data,
        )


class NoteForm(Form):
    """A few words for the file."""

    note = TextAreaField(
        _l("Note for the file"),
        [Length(max=300), free_text_guard],
        description=_l("Only staff read it; whoever checks the certificate does not."),
    )


class SuspendForm(NoteForm):
    """Why a certificate is suspended."""

    reason = RadioField(_l("Reason"), choices=offered((code, REASONS[code]) for code in SUSPENSION_REASONS))


class RevokeForm(NoteForm):
    """Why a certificate is revoked, and what becomes of the people below."""

    reason = RadioField(_l("Reason, as a check of the certificate shows it"),
                        choices=offered((code, REASONS[code]) for code in REVOCATION_REASONS))  # fmt: skip
    policy = RadioField(
        _l("The people certified under it"),
        choices=offered((one.value, words) for one, words in POLICIES.items()),
        default=Policy.REVIEW.value,
    )
    sure = BooleanField(_l("I know that this cannot be undone"), [InputRequired(_l("Tick that you know it."))])


def _levels(_form: Form, field: StringField) -> None:
    try:
        numbers_of(field.data or "")
    except ValueError:
        raise ValidationError(_("Write numbers of levels with commas between them, such as 1, 2.")) from None


def numbers_of(text: str) -> tuple[int, ...]:
    """Read numbers with commas between them.

    >>> numbers_of("1, 2")
    (1, 2)
    """
    return tuple(int(part) for part in text.replace(" ", "").split(",") if part)


class SchemeForm(Form):
    """A new scheme: what it is called, of which kind it is and for which course."""

    title_spa = StringField(_l("Title in Spanish"), [InputRequired(_l("Write the title.")), Length(max=80)])
    title_eng = StringField(
        _l("Title in English"),
        [InputRequired(_l("Write the title.")), Length(max=80)],
        description=_l("It stands on certificates: let it not tell what the course is about."),
    )
    unit = SelectField(_l("Institution that keeps it"))
    kind = RadioField(
        _l("How people are certified"),
        choices=offered(
            [
                ("plain", _l("One certificate, signed by the agency: for professionals who take a course")),
                ("cascade", _l("A cascade: trainers certify facilitators, and these certify participants")),
            ]
        ),
        default="plain",
    )
    course = SelectField(
        _l("Course"), description=_l("For a cascade: the course of the facilitators. The rest can be changed later.")
    )
    trainers = SelectField(_l("Course of the trainers, for a cascade"))

    def courses(self) -> dict[int, str]:
        """Return the course of each level."""
        if self.kind.data == "plain":
            return {1: self.course.data}
        return {1: self.trainers.data, 2: self.course.data}


class LevelForm(Form):
    """What a level is called, asks and gives."""

    title_spa = StringField(_l("Title in Spanish"), [InputRequired(_l("Write the title.")), Length(max=80)])
    title_eng = StringField(_l("Title in English"), [InputRequired(_l("Write the title.")), Length(max=80)])
    course = SelectField(_l("Course"))
    ask_course = BooleanField(_l("The course has to be complete"))
    ask_course_mark = BooleanField(_l("The final test has to be passed with the course's own mark"))
    ask_mark = FloatField(
        _l("Mark asked in the final test, per cent"),
        [Optional(), NumberRange(1, 100)],
        description=_l("Empty: none, or the course's own. Questions that have to be right always have to be right."),
    )
    ask_attendance = FloatField(
        _l("Share of the sessions, per cent"), [Optional(), NumberRange(1, 100)], description=_l("Empty: not asked.")
    )
    ask_teach_back = IntegerField(_l("Teach-backs seen"), [Optional(), NumberRange(0, 20)])
    ask_co_facilitation = IntegerField(
        _l("Sessions led together with somebody, seen"), [Optional(), NumberRange(0, 20)]
    )
    ask_led_session = IntegerField(_l("Sessions led alone, seen"), [Optional(), NumberRange(0, 20)])
    ask_within = IntegerField(
        _l("Days after the course within which a session led alone has to be seen"),
        [Optional(), NumberRange(1, 730)],
        description=_l("Empty: no limit."),
    )
    ask_prior = IntegerField(_l("Level held before"), [Optional(), NumberRange(1, 9)])
    validity_months = IntegerField(
        _l("Months of validity"), [Optional(), NumberRange(1, 240)], description=_l("Empty: it does not expire.")
    )
    window_days = IntegerField(_l("Days before the end in which it can be renewed"), [NumberRange(0, 730)])
    lapse_months = IntegerField(_l("Months after the end in which it can still be renewed"), [NumberRange(0, 60)])
    bridge_days = IntegerField(
        _l("Days to take the short unit when a course changes"),
        [Optional(), NumberRange(0, 730)],
        description=_l(
            "Afterwards whoever certifies others waits until it is passed. Empty: holders are not asked for it."
        ),
    )
    renew_led = IntegerField(_l("Sessions led in the last twelve months, to renew"), [NumberRange(0, 60)])
    renew_update = BooleanField(
        _l("A short test on the course, to renew"),
        description=_l(
            "Ten questions of its final test, taken when the renewal opens; as often as needed, a day apart."
        ),
    )
    renew_refresher = SelectField(_l("Short course to pass, to renew"))
    signed_by = StringField(
        _l("Levels that sign it"),
        [Length(max=20), _levels],
        description=_l("Numbers with commas between them. Empty: the agency itself."),
    )
    is_cosigned = BooleanField(_l("Two people have to sign"))
    bars_own_trainee = BooleanField(_l("Whoever taught the person may not sign"))
    bars_same_unit = BooleanField(_l("Whoever works in the same office may not sign"))
    may_be_claimed = BooleanField(_l("A learner without a group may ask for it"))
    give_levels = StringField(
        _l("Levels that its holder may sign"), [Length(max=20), _levels], description=_l("Empty: it certifies nobody.")
    )
    give_place = SelectField(_l("Where its holder may certify"), choices=offered(_PLACES.items()))
    give_quota = IntegerField(
        _l("How many people its holder may certify"), [Optional(), NumberRange(1, 5000)],
        description=_l("Empty: no limit."),
    )  # fmt: skip
    give_depth = IntegerField(_l("Generations that may follow"), [Optional(), NumberRange(1, 6)])
    give_delegate = BooleanField(_l("Its holder may certify people who certify others"))

    @staticmethod
    def filled(rules: LevelRules, title: dict[str, str], course: str) -> dict[str, Any]:
        """Return what the form shows for a level."""
        asked, renewed, warrant = rules.requirements, rules.renewal, rules.warrant or {}
        times = {one.kind: one.times for one in asked.practices}
        within = next((one.within_days for one in asked.practices if one.kind == "led_session"), None)
        return {
            "title_spa": title.get("spa", ""),
            "title_eng": title.get("eng", ""),
            "course": course,
            "ask_course": asked.is_course_required,
            "ask_course_mark": asked.is_course_mark,
            "ask_mark": asked.pass_mark,
            "ask_attendance": asked.attendance and round(asked.attendance * 100, 2),
            **{f"ask_{kind}": times.get(kind) for kind in PRACTICES},
            "ask_within": within,
            "ask_prior": asked.prior_level,
            "validity_months": rules.validity_months,
            "window_days": rules.renewal_window_days,
            "lapse_months": rules.lapse_months,
            "bridge_days": rules.bridge_days,
            "renew_led": renewed.sessions_led,
            "renew_update": renewed.is_update_asked,
            "renew_refresher": renewed.refresher,
            "signed_by": ", ".join(map(str, rules.signed_by)),
            "is_cosigned": rules.is_cosigned,
            "bars_own_trainee": rules.bars_own_trainee,
            "bars_same_unit": rules.bars_same_unit,
            "may_be_claimed": rules.may_be_claimed,
            "give_levels": ", ".join(map(str, warrant.get("levels", ()))),
            "give_place": rules.warrant_place,
            "give_quota": warrant.get("quota"),
            "give_depth": warrant.get("max_depth"),
            "give_delegate": bool(warrant.get("may_delegate")),
        }

    def rules(self, before: LevelRules) -> LevelRules:
        """Return the rules as written; what the form does not show stays."""
        practices = tuple(
            Practice(kind, times, self.ask_within.data if kind == "led_session" else None)
            for kind in PRACTICES
            if (times := self[f"ask_{kind}"].data)
        )
        give = numbers_of(self.give_levels.data or "")
        warrant = dict(before.warrant or {}) | {
            "levels": list(give),
            "quota": self.give_quota.data,
            "max_depth": self.give_depth.data,
            "may_delegate": bool(self.give_delegate.data),
        }
        share = self.ask_attendance.data
        return LevelRules(
            requirements=replace(
                before.requirements,
                is_course_required=bool(self.ask_course.data),
                is_course_mark=bool(self.ask_course_mark.data),
                pass_mark=self.ask_mark.data,
                attendance=share / 100 if share else None,
                practices=practices,
                prior_level=self.ask_prior.data,
            ),
            renewal=replace(
                before.renewal,
                sessions_led=self.renew_led.data or 0,
                is_update_asked=bool(self.renew_update.data),
                refresher=self.renew_refresher.data or "",
            ),
            validity_months=self.validity_months.data,
            renewal_window_days=self.window_days.data or 0,
            lapse_months=self.lapse_months.data or 0,
            bridge_days=self.bridge_days.data,
            signed_by=numbers_of(self.signed_by.data or ""),
            is_cosigned=bool(self.is_cosigned.data),
            bars_own_trainee=bool(self.bars_own_trainee.data),
            bars_same_unit=bool(self.bars_same_unit.data),
            may_be_claimed=bool(self.may_be_claimed.data),
            warrant=warrant if give else None,
            warrant_place=self.give_place.data,
            hours=before.hours,
        )

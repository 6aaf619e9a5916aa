"""Whom courses are written for, in words."""

from flask_babel import lazy_gettext as _l

AUDIENCES = {
    "childhood-judges": _l("Judges for children and adolescents"),
    "community-facilitators": _l("Community facilitators"),
    "family-judges": _l("Family judges"),
    "health-promoters": _l("Health promoters"),
    "indigenous-authorities": _l("Indigenous authorities"),
    "judges-of-the-peace": _l("Judges of the peace"),
    "judicial-staff": _l("Judicial staff"),
    "midwives": _l("Midwives"),
    "principals": _l("Principals"),
    "psychologists": _l("Psychologists"),
    "supervisors": _l("Supervisors"),
    "teachers": _l("Teachers"),
}

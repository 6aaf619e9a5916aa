"""What codes are called on pages."""

from flask_babel import lazy_gettext as _l

from lms.access.policy import Role

ROLES = {
    Role.ADMINISTRATOR: _l("Administrator"),
    Role.EDITOR: _l("Course editor"),
    Role.UNIT_MANAGER: _l("Office manager"),
    Role.REGISTRAR: _l("Registrar"),
    Role.ASSESSOR: _l("Assessor"),
    Role.DIRECTOR: _l("Director"),
    Role.AUDITOR: _l("Auditor"),
}
DUTIES = {
    Role.ADMINISTRATOR: _l("everything, the settings included"),
    Role.EDITOR: _l("writes and publishes courses, checks facts"),
    Role.UNIT_MANAGER: _l("keeps people, offices and enrolments, and appoints others"),
    Role.REGISTRAR: _l("keeps people, posts and enrolments, prints slips"),
    Role.ASSESSOR: _l("marks open answers"),
    Role.DIRECTOR: _l("reads totals"),
    Role.AUDITOR: _l("reads the audit trail"),
}
STATES = {
    "none": _l("without account"),
    "invited": _l("with invitation"),
    "active": _l("with account"),
    "suspended": _l("account suspended"),
}
SEXES = {
    "female": _l("Woman"),
    "male": _l("Man"),
    "other": _l("Another sex or gender"),
    "no_answer": _l("I prefer not to say"),
}
PEOPLES = {
    "maya": _l("Maya"),
    "xinka": _l("Xinka"),
    "garifuna": _l("Garifuna"),
    "afro": _l("Afro-descendant"),
    "ladino": _l("Ladino or mestizo"),
    "foreign": _l("Foreign"),
    "no_answer": _l("I prefer not to say"),
}
YES_NO = {"yes": _l("Yes"), "no": _l("No"), "no_answer": _l("I prefer not to say")}

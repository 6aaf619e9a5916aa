"""What a check is called on pages, in the reader's language. Neutral: no word of what a course is about."""

from flask_babel import lazy_gettext as _l

from lms.certification.checking.queries import Break, Verdict

HEADLINES = {
    Verdict.VALID: _l("It is valid today"),
    Verdict.EXPIRED: _l("It has expired"),
    Verdict.NOT_YET: _l("It is not valid yet"),
    Verdict.UNDER_REVIEW: _l("It is under review"),
    Verdict.SUSPENDED: _l("It is suspended"),
    Verdict.REVOKED: _l("Revoked: it no longer counts"),
    Verdict.MISMATCH: _l("It does not match"),
    Verdict.KEY_STOLEN: _l("It does not count"),
    Verdict.CHAIN_BROKEN: _l("The chain of signatures is broken"),
    Verdict.UNKNOWN: _l("There is no certificate with this code"),
}

# What somebody who sees the answer can do next.
ADVICE = {
    Verdict.EXPIRED: _l("The person can renew it with a facilitator."),
    Verdict.UNDER_REVIEW: _l("A certificate above it was revoked. The agency is looking at this one; ask again later."),
    Verdict.SUSPENDED: _l("The agency has stopped it for the time being. Ask again later."),
    Verdict.REVOKED: _l("The person can finish the course with another facilitator and receive a new certificate."),
    Verdict.MISMATCH: _l("What the register says is not what was signed. Do not accept it, and tell the agency."),
    Verdict.KEY_STOLEN: _l(
        "It was signed after the signing key was stolen. The agency can issue it again if the person earned it."
    ),
    Verdict.CHAIN_BROKEN: _l("Somebody who signed had no right to on that day. Do not accept it; ask the agency."),
    Verdict.UNKNOWN: _l("Compare it with the paper, letter by letter. If it is the same, the paper is not genuine."),
}

STEPS = {
    Break.MISSING: _l("This certificate is not in the register"),
    Break.CYCLE: _l("The chain comes back to itself"),
    Break.BACKDATED: _l("Issued later than what it signed"),
    Break.MISMATCH: _l("Does not match what was signed"),
    Break.KEY_STOLEN: _l("Signed after the key was stolen"),
    Break.EXPIRED: _l("Had expired on the day it signed"),
    Break.NOT_YET: _l("Was not valid yet on the day it signed"),
    Break.UNDER_REVIEW: _l("Was under review on the day it signed"),
    Break.SUSPENDED: _l("Was suspended on the day it signed"),
    Break.REVOKED: _l("Had been revoked on the day it signed"),
    Break.NO_WARRANT: _l("Had no right to sign this level"),
    Break.TERRITORY: _l("Outside its territory on the day it signed"),
    Break.DEPTH: _l("The chain below is longer than its right allowed"),
    Break.SELF: _l("One person signed for herself, or signed twice"),
}

# The reasons of `lms.certification.words.REASONS`, as the end of a sentence.
REASONS = {
    "error": _l("because it was issued by mistake"),
    "requirements": _l("because the requirements had not been met"),
    "conduct": _l("because of conduct against the agreements of the programme"),
    "request": _l("because the person asked for it"),
    "left": _l("because the person left the programme"),
    "inquiry": _l("because an inquiry is open"),
    "chain": _l("because a certificate above it was revoked"),
}

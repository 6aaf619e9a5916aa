"""The sentences of a certificate. Neutral: title, course and agency by the names that tell no subject."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import force_locale, format_decimal, ngettext
from flask_babel import gettext as _

from lms.certification.paper.facts import Common, Signer, Title
from lms.core.languages import format_date
from lms.core.texts import tongue

LANGUAGES = ("es", "en", "both")
_LOCALES = {"es": "es_GT", "en": "en"}
_CONTENT = {"es": "spa", "en": "eng"}
MOST = 4  # of the chain on one line
_WIDE = 60  # letters of a name in it


@dataclass(frozen=True)
class Node:
    """A place of the chain: what it is to the one before, the name, and a line below."""

    kind: str  # here link more root
    label: str
    name: str
    note: str


@dataclass(frozen=True)
class Words:
    """Everything a certificate says, in one language, but for whose it is."""

    language: str
    title: str
    lead: str
    text: tuple[str, str, str]  # before, in bold, after
    facts: list[tuple[str, str]]
    signs: list[tuple[str, str]]
    code: str
    check: tuple[str, str, str]
    validity: tuple[str, str]
    chain: str
    nodes: list[Node]


def locales_of(language: str) -> list[str]:
    """Return the languages of a sheet, the one that leads first."""
    return ["es", "en"] if language == "both" else [language]


def document_title(language: str) -> str:
    """Return the title of the file: neutral, whoever sees it in a list."""
    with force_locale(_LOCALES[locales_of(language)[0]]):
        return str(_("Certificate of training"))


def qr_words(language: str) -> str:
    """Return what is read aloud in place of the QR."""
    with force_locale(_LOCALES[locales_of(language)[0]]):
        return str(_("QR to check this certificate"))


def words_of(common: Common, agency: str, address: str, language: str) -> Words:
    """Put the facts that certificates share into words."""
    with force_locale(_LOCALES[language]):
        return _Writer(common, agency, address, language).words()


def grouped(code: str) -> str:
    """Write a code in groups of four, to be read aloud.

    >>> grouped("4XEVZTHEVF70")
    '4XEV ZTHE VF70'
    """
    return " ".join(code[start : start + 4] for start in range(0, len(code), 4))


def shortened(name: str) -> str:
    """Cut a name so that it takes two lines of the chain; above it stands in full.

    >>> len(shortened("Candelaria del Rosario Xitumul Ixcoy viuda de Tzʼunux Kʼamajaʼ Bʼatzʼibʼal"))
    55
    """
    return name if len(name) <= _WIDE else name[:_WIDE].rpartition(" ")[0] + " …"


class _Writer:
    def __init__(self, common: Common, agency: str, address: str, language: str) -> None:
        self.common, self.agency, self.address, self.language = common, agency, address, language

    def words(self) -> Words:
        one = self.common
        before, after = _("Anybody can check it at %(address)s with the code, or with the QR, even with no internet.",
                          address="\0").split("\0")  # fmt: skip
        return Words(
            language=self.language,
            title=_("Certificate of training"),
            lead=_("%(agency)s certifies that", agency=self.agency),
            text=self.text(),
            facts=self.facts(),
            signs=self.signs(),
            code=_("Code, to read aloud"),
            check=(before, self.address, after),
            validity=(_("Validity"), self.validity(one.months)),
            chain=_("Who certified whom, up to the source"),
            nodes=self.nodes(),
        )

    def titled(self, title: Title) -> str:
        name = tongue(title.words, _CONTENT[self.language])
        return _("%(title)s, level %(number)d", title=name, number=title.number) if title.is_stepped else name

    def text(self) -> tuple[str, str, str]:
        one = self.common
        course = tongue(one.course, _CONTENT[self.language])
        named = self.titled(one.title) if one.title.is_stepped else course
        if one.asked == ("renewal",):
            told = _("has met what the renewal of %(title)s asks for.", title="\0")
        elif one.asked:
            told = _("has met the requirements of %(title)s: %(done)s.", title="\0", done=self.done(one.asked))
        else:
            told = _("has met the requirements of %(title)s.", title="\0")
        if one.may_certify:
            told += " " + _("It lets its holder certify others, within the limits it sets.")
        before, after = told.split("\0")
        return before, named, after

    def done(self, asked: Sequence[str]) -> str:
        parts = {
            "course": _("completed the course"),
            "mark": _("passed the course"),
            "attendance": _("attended its sessions"),
            "practice": _("showed in practice what was learnt"),
            "led": _("led sessions"),
        }
        told = [parts[name] for name in asked]
        if len(told) == 1:
            return told[0]
        return _("%(some)s and %(last)s", some=", ".join(told[:-1]), last=told[-1])

    def facts(self) -> list[tuple[str, str]]:
        one = self.common
        course = tongue(one.course, _CONTENT[self.language])
        found = [(_("Course"), _("%(course)s · version %(label)s", course=course, label=one.label))]
        if one.hours:
            hours = format_decimal(one.hours)
            found.append(
                (_("Duration"), ngettext("%(hours)s hour", "%(hours)s hours", 1 if one.hours == 1 else 2, hours=hours))
            )
        if one.place:
            found.append((_("Department"), one.place))
        return [*found, (_("Issued on"), format_date(one.issued_on))]

    def signs(self) -> list[tuple[str, str]]:
        one = self.common
        if not one.signers:
            return [(self.agency, _("issues"))]
        found = [(one.signers[0].name, _("%(title)s · issues", title=self.titled(one.signers[0].title)))]
        if one.cosigner:
            found.append((one.cosigner.name, _("%(title)s · co-signs", title=self.titled(one.cosigner.title))))
        return found

    def validity(self, months: int | None) -> str:
        told = [_("It does not expire.")]
        if months:
            told = [ngettext("%(num)d month, renewable.", "%(num)d months, renewable.", months)]
        told.append(_("What counts is what the check says today: a certificate can be renewed, paused or withdrawn."))
        return " ".join(told)

    def nodes(self) -> list[Node]:
        one = self.common
        day = format_date(one.issued_on, "medium")
        own = Node("here", _("this certificate"), "", _("%(what)s · %(day)s", what=self.step(one.title), day=day))
        root = Node("root", _("signed by"), self.agency, _("source of the chain"))
        links = [self.link(signer) for signer in one.signers]
        if len(links) + 2 <= MOST:
            return [own, *links, root]
        left = len(links) - 1
        more = Node(
            "more", _("and before"), ngettext("%(num)d more", "%(num)d more", left), _("on the page of the code")
        )
        return [own, links[0], more, root]

    def step(self, title: Title) -> str:
        return _("level %(number)d", number=title.number) if title.is_stepped else self.titled(title)

    def link(self, signer: Signer) -> Node:
        return Node(
            "link", _("signed by"), shortened(signer.name), f"{self.step(signer.title)} · {grouped(signer.code)}"
        )

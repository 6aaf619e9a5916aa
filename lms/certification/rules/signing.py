"""May this person sign that certificate, here, today? The right is a credential, never a role."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from lms.certification.rules.levels import LevelRules
from lms.certification.rules.status import Standing, Status
from lms.certification.rules.warrants import Limit, Warrant, covers_place


@dataclass(frozen=True)
class Signer:
    """A credential that somebody holds, with everything above it, as of today."""

    credential_id: uuid.UUID
    holder_id: uuid.UUID
    unit_id: uuid.UUID
    level: int
    generation: int
    standing: Standing
    above: Sequence[Standing]  # every credential up to the agency, nearest first
    warrant: Warrant | None
    used: int = 0  # people certified under it so far
    depth_left: int | None = None  # the tightest of the depths allowed above, counted from here
    code: str = ""
    bridge_until: date | None = None  # the last day for a short unit that she owes; None: she owes none

    @property
    def left(self) -> int | None:
        """How many people it may still certify; None: no limit."""
        return None if self.warrant is None or self.warrant.quota is None else self.warrant.quota - self.used


@dataclass(frozen=True)
class Wanted:
    """A certificate somebody asks to sign."""

    holder_id: uuid.UUID
    holder_unit_id: uuid.UUID
    level: int
    place: str | None
    audience: str
    course: str
    language: str
    valid_from: date
    taught_by: frozenset[uuid.UUID] = frozenset()
    signed_first_by: uuid.UUID | None = None  # the person of the other signature, where two are asked


STANDING_LIMIT = {
    Status.EXPIRED: Limit.CREDENTIAL_EXPIRED,
    Status.SUSPENDED: Limit.CREDENTIAL_SUSPENDED,
    Status.UNDER_REVIEW: Limit.CREDENTIAL_UNDER_REVIEW,
    Status.REVOKED: Limit.CREDENTIAL_REVOKED,
    Status.NOT_YET: Limit.NO_CREDENTIAL,
}


def limits(signer: Signer, rules: LevelRules, wanted: Wanted, today: date, already: int = 0) -> list[Limit]:
    """Name every limit that stands in the way; an empty list means that the signature is good.

    :param rules: those of the level wanted.
    :param already: how many this signer has signed in the same request, which the stored count does not know yet.
    """
    found = own_limits(signer, today)
    if any(not standing.is_valid for standing in signer.above):
        found.append(Limit.CHAIN_BROKEN)
    if signer.level not in rules.signed_by:
        found.append(Limit.LEVEL)
    found += _warrant_limits(signer, rules, wanted, today, already)
    found += conflicts(signer, rules, wanted)
    if rules.is_cosigned and wanted.signed_first_by in (None, signer.holder_id):
        found.append(Limit.COSIGNATURE)  # two certificates of one person are still one signature
    if wanted.valid_from < today:
        found.append(Limit.BACKDATED)
    return found


def own_limits(signer: Signer, today: date) -> list[Limit]:
    """Name what stops a certificate from signing anything at all today: its state, a short unit not taken in time."""
    found = [] if signer.standing.is_valid else [STANDING_LIMIT[signer.standing.status]]
    if signer.bridge_until is not None and today > signer.bridge_until:
        found.append(Limit.BRIDGE)
    return found


def _warrant_limits(signer: Signer, rules: LevelRules, wanted: Wanted, today: date, already: int) -> list[Limit]:
    warrant = signer.warrant
    if warrant is None:
        return [Limit.NO_WARRANT]
    gives_warrant = rules.warrant is not None
    checks = {
        Limit.WARRANT_ENDED: warrant.ends_on is None or today <= warrant.ends_on,
        Limit.LEVEL: not warrant.levels or wanted.level in warrant.levels,
        Limit.TERRITORY: covers_place(warrant.territory, wanted.place),
        Limit.AUDIENCE: not warrant.audiences or wanted.audience in warrant.audiences,
        Limit.COURSE: not warrant.courses or wanted.course in warrant.courses,
        Limit.LANGUAGE: not warrant.languages or wanted.language in warrant.languages,
        Limit.QUOTA: warrant.quota is None or signer.used + already < warrant.quota,
        # A participant's certificate ends a chain; one that carries a warrant makes it a generation longer.
        Limit.DEPTH: (signer.depth_left is None or signer.depth_left > 0)
        and (warrant.may_delegate or not gives_warrant),
    }
    return [limit for limit, holds in checks.items() if not holds]


def conflicts(signer: Signer, rules: LevelRules, wanted: Wanted) -> list[Limit]:
    """Name the conflicts of interest: oneself always, one's trainee and one's own office where the level says so."""
    found = []
    if wanted.holder_id == signer.holder_id:
        found.append(Limit.CONFLICT_SELF)
    if rules.bars_own_trainee and signer.holder_id in wanted.taught_by:
        found.append(Limit.CONFLICT_TRAINEE)
    if rules.bars_same_unit and signer.unit_id == wanted.holder_unit_id:
        found.append(Limit.CONFLICT_UNIT)
    return found


def best_signer(
    signers: Sequence[Signer], rules: LevelRules, wanted: Wanted, today: date, already: int = 0
) -> tuple[Signer | None, list[Limit]]:
    """Choose the credential under which somebody can sign, or the nearest one, with the limits in its way."""
    if not signers:
        return None, [Limit.NO_CREDENTIAL]
    tried = [(signer, limits(signer, rules, wanted, today, already)) for signer in signers]
    return min(tried, key=lambda one: (len(one[1]), one[0].generation))

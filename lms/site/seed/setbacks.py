"""What went wrong in the pilot: certificates that ran out, one suspended, one revoked, others under review."""

from lms.certification.models import Credential
from lms.certification.services.standing import Policy, clear, revoke, suspend
from lms.core.database import db
from lms.site.seed.renewals import newest_of, renew_own
from lms.site.seed.story import PILOT, Story

RENEWED = 150  # days ago


def renew_pilot(story: Story) -> None:
    """Let those facilitators of the pilot renew who led groups; the certificates of the others run out."""
    for user in dict.fromkeys(story.led[PILOT]):
        renew_own(story, user, RENEWED)


def set_back(story: Story) -> None:
    """Suspend one, revoke one, and revoke who trained them: all below wait to be looked at."""
    actor = story.agency()
    suspended, revoked = story.led[PILOT][:2]
    suspend(newest_of(suspended), "inquiry", "", actor, story.at(35), story.day(35))
    revoke(newest_of(revoked), Policy.REVIEW, "conduct", "", actor, story.at(28), story.day(28))
    trainer = newest_of(story.trainers["pilot-2"])
    touched = revoke(trainer, Policy.REVIEW, "requirements", "", actor, story.at(21), story.day(21))
    below = [db.session.get_one(Credential, one.id) for one in touched]
    for one in [one for one in below if one.generation == 3][:3]:
        clear(one, "", actor, story.at(12), story.day(12))

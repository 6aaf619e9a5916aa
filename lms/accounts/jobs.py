"""What accounts tidies up at night."""

from datetime import time, timedelta

from sqlalchemy import delete

from lms.accounts.models import SignIn, Throttle, Token
from lms.core.database import db
from lms.core.work import Run, periodic

KEPT = timedelta(days=30)


@periodic("accounts.tidy", every=timedelta(days=1), at=time(3, 40))
def tidy(run: Run) -> None:
    """Drop sign-ins and links whose time is over, and buckets that have drained: nothing of them is needed."""
    db.session.execute(delete(SignIn).where(SignIn.expires_at < run.now))
    db.session.execute(delete(Throttle).where(Throttle.drained_at < run.now))
    db.session.execute(delete(Token).where(Token.expires_at < run.now - KEPT))

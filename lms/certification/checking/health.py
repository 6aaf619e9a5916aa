"""What the doctor looks at: the key that signs, and whether every certificate is what was signed."""

from collections.abc import Iterator
from pathlib import Path

from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import aliased

from lms.certification.checking.agreement import agrees
from lms.certification.models import Credential, Level
from lms.certification.queries.chains import codes_of
from lms.certification.services.keys import all_keys, lives
from lms.certification.signing.keys import folder_of, read_key
from lms.core.database import db
from lms.core.doctor import Finding, check

_AT_ONCE = 200


@check("signing key")
def signing_key() -> Iterator[Finding]:
    """Look whether the key that signs lies where it should, and is its owner's alone."""
    data = Path(current_app.config["DATA_DIR"])
    signing = [row.id for row in all_keys() if row.retired_at is None]
    for key_id in signing:
        file = folder_of(data) / f"{key_id}.pem"
        try:
            read_key(data, key_id)
        except (OSError, ValueError):
            yield Finding(False, _l("The signing key %(id)s is not on this machine.", id=key_id))
            continue
        if file.stat().st_mode & 0o077:
            yield Finding(False, _l("Others may read the signing key: chmod 600 %(file)s", file=file))
            continue
        yield Finding(True, _l("%(id)s signs.", id=key_id))
    if not signing:
        yield Finding(True, _l("There is no key yet: the first signature makes it."))


@check("certificates", is_deep=True)
def certificates() -> Iterator[Finding]:
    """Hold every certificate against its signature."""
    keys, count, wrong = lives(), 0, list[str]()
    cosigner = aliased(Credential)
    rows = db.session.execute(
        select(Credential, Level.number, cosigner.code)
        .join(Level, Level.id == Credential.level_id)
        .outerjoin(cosigner, cosigner.id == Credential.cosigner_id)
        .order_by(Credential.id)
        .execution_options(yield_per=_AT_ONCE)
    )
    for credential, level, second in rows:
        count += 1
        above = codes_of(credential.lineage)[-2::-1]
        if not agrees(credential, level, above, second, keys):
            wrong.append(credential.code)
    if wrong:
        first = ", ".join(wrong[:5])
        yield Finding(
            False, _l("Certificates that are not what was signed: %(count)d (%(first)s)", count=len(wrong), first=first)
        )
    else:
        yield Finding(True, _l("Every certificate is what was signed: %(count)d", count=count))

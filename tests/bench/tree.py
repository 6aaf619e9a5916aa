"""A tree of credentials for the bench, written fast: one real signature, then copies of it with codes of their own."""

import random
import uuid
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, inspect

from lms.certification.codes import new_code
from lms.certification.models import Credential, CredentialEvent
from lms.core.database import db
from lms.core.ids import new_id
from lms.organization.models import Person
from tests.certification.chain import MAY_SIGN, certificate
from tests.factories import NOW

_ISSUED = NOW - timedelta(days=30)
_AT_ONCE = 2_000


def make_tree(count: int = 50_000, generations: int = 6) -> uuid.UUID:
    """Write a root and `count` people below it in so many generations; one of forty has lost something. Return it."""
    chance = random.Random(5)
    root = certificate("Raíz Quiej T.", 2, None, _ISSUED, MAY_SIGN)
    db.session.commit()
    columns = [one.key for one in inspect(Credential).column_attrs]
    like = {name: getattr(root, name) for name in columns}
    root_id, unit_id = root.id, root.holder.unit_id
    above, made = [(root_id, root.lineage)], 0
    for generation in range(2, generations + 2):
        left = generations + 2 - generation
        size = count - made if left == 1 else min(round(count ** ((generation - 1) / generations)), count - made)
        grown: list[tuple[uuid.UUID, str]] = []
        for start in range(0, size, _AT_ONCE):
            rows = [
                _below(like, chance.choice(above), generation, made + start + step)
                for step in range(min(_AT_ONCE, size - start))
            ]
            _write(rows, unit_id, chance)
            grown += [(row["id"], row["lineage"]) for row in rows]
        above, made = grown, made + size
    db.session.commit()
    return root_id


def _below(like: dict[str, Any], parent: tuple[uuid.UUID, str], generation: int, number: int) -> dict[str, Any]:
    code = new_code()
    return like | {
        "id": new_id(),
        "code": code,
        "holder_id": new_id(),
        "parent_id": parent[0],
        "lineage": f"{parent[1]}{code}/",
        "generation": generation,
        "public_name": f"Persona {number} de Prueba",
        "request_key": code,
        "status_list": 2,
        "status_index": number,
    }


def _write(rows: list[dict[str, Any]], unit_id: uuid.UUID, chance: random.Random) -> None:
    people = [
        {
            "id": row["holder_id"],
            "unit_id": unit_id,
            "given_names": row["public_name"],
            "family_names": "",
            "name_folded": row["public_name"].lower(),
            "created_at": NOW,
        }
        for row in rows
    ]
    db.session.execute(insert(Person), people)
    db.session.execute(insert(Credential), rows)
    told = [{"credential_id": row["id"], "kind": "issued", "at": _ISSUED, "by": None} for row in rows]
    for row in rows:
        if chance.random() < 1 / 40:
            kind = chance.choice(("suspended", "under_review", "revoked"))
            told.append({"credential_id": row["id"], "kind": kind, "at": _ISSUED + timedelta(days=1), "by": None})
    db.session.execute(insert(CredentialEvent), [{"id": new_id(), "reason": "", "note": ""} | one for one in told])
    db.session.flush()

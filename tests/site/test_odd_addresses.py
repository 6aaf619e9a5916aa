"""Whatever an address asks for, the answer is a page or a clear no: never a failure of ours."""

import re
from urllib.parse import quote

import pytest
from flask import Flask

from lms.access.policy import Role
from lms.core.ids import id_text, new_id
from tests import factories

NAMES = (
    "q", "page", "sort", "state", "show", "unit", "role", "kind", "from", "until", "on", "place", "profession", "lang",
    "next", "user", "code", "version", "with", "to", "only", "own", "due", "open", "at", "n", "as",
)  # fmt: skip
ODD = (
    "a\x00b", "9" * 30, "-" + "9" * 30, "9" * 5000, "0001-01-01", "9999-12-31", "1e400", "²", "%", "'", "\\",
    '"><script>alert(1)</script>', "//evil.example/", "\r\nX-Odd: 1", "zzzzzzzzzzzzzzzzzzzzzzzzzz", "x" * 3000,
)  # fmt: skip


def doors(app: Flask) -> list[str]:
    """Every address that answers to GET, with `{}` where a value stands."""
    rules = [rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    return [re.sub(r"<[^>]+>", "{}", rule) for rule in rules if not rule.startswith("/static/")]


@pytest.fixture(params=[Role.ADMINISTRATOR, None], ids=["administrator", "learner"])
def visitor(request, client, somebody, sign_in):
    """Somebody who opens many doors, and somebody who opens few."""
    sign_in(client, somebody("Elena" if request.param else "Lucía", request.param))
    return client


def check(answer, address):
    assert answer.status_code < 500, address
    assert "X-Odd" not in answer.headers, address
    assert not answer.headers.get("Location", "/").startswith("//"), address
    assert answer.is_streamed or "<script>alert(1)" not in answer.text, address


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: ascii(odd)[:20])
def test_an_address_may_ask_for_anything(app, visitor, odd):
    asked = "&".join(f"{name}={quote(odd)}" for name in NAMES)
    for door in doors(app):
        address = door.replace("{}", id_text(new_id()))
        check(visitor.get(f"{address}?{asked}"), address)


@pytest.mark.parametrize("odd", ODD[:-1], ids=lambda odd: ascii(odd)[:20])
def test_an_address_may_name_anything(app, visitor, odd):
    for door in doors(app):
        if "{}" in door:
            address = door.replace("{}", quote(odd, safe=""))
            check(visitor.get(address), address)


@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_looking_writes_nothing(app, client, somebody, sign_in, statements, method):
    school = factories.unit("Escuela de Chichicastenango", kind="school")
    ana = factories.person("Ana Us", school)
    post = factories.post(school)
    known = {"unit": school, "person": ana, "post": post, "holding": factories.holding(post, ana)}
    ids = {name: id_text(one.id) for name, one in known.items()}
    sign_in(client, somebody("Elena", Role.ADMINISTRATOR))
    for rule in app.url_map.iter_rules():
        address = re.sub(r"<(?:[^<>:]+:)?(\w+)>", lambda found: ids.get(found[1], id_text(new_id())), rule.rule)
        with statements() as seen:
            getattr(client, method)(address).close()
        written = [one for one in seen if one.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE"))]
        assert not written, address

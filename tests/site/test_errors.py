"""Every no is calm, says what to do next, and speaks the reader's language."""

import pytest
from flask import Flask, abort
from sqlalchemy import insert
from sqlalchemy.exc import OperationalError

from lms.access.lock import public, requires
from lms.access.policy import Action
from lms.core.clock import now
from lms.core.database import db
from lms.core.errors import BadInput, Conflict, NotAllowed, RuleBroken, SecondFactorNeeded, TooLarge, TooMany, TooOld
from lms.core.models import SiteSetting
from lms.core.problems import Problem
from lms.site.errors import ADVICE

SPANISH, ENGLISH, JSON = (
    {"Accept-Language": "es"},
    {"Accept-Language": "en"},
    {"Accept": "application/json", "Accept-Language": "es"},
)
RAISED = {
    "old": TooOld(),
    "refused": NotAllowed(),
    "late": Conflict(),
    "large": TooLarge(),
    "rule": RuleBroken("Le falta la práctica observada."),
    "input": BadInput(
        problems=["Falta la fecha.", Problem("module.toml", 3, "“%(key)s” is missing.", {"key": "title"})]
    ),
    "often": TooMany(retry_after=90),
    "second": SecondFactorNeeded(),
    "broken": ZeroDivisionError("the secret is 4711"),
    "down": OperationalError("SELECT secret", {}, Exception("no connection")),
}


@pytest.fixture
def door(make_app) -> Flask:
    """An application with a door that refuses whatever it is asked to, and one that wants a person."""
    app = make_app(TESTING=False, PROPAGATE_EXCEPTIONS=False)

    @app.route("/raise/<what>", methods=["GET", "POST"])
    @public
    def refuse(what: str) -> str:
        if what.isdigit():
            abort(int(what))
        raise RAISED[what]

    @app.post("/save/<key>")
    @public
    def save(key: str) -> str:
        """Save without looking whether somebody was first, as the later of two does in the same instant."""
        at = None if key == "empty" else now()
        db.session.execute(insert(SiteSetting).values(key=key, value={"is": 1}, changed_at=at, changed_by=None))
        db.session.commit()
        return "saved"

    @app.get("/mine")
    @requires(Action.SELF_USE)
    def mine() -> str:
        return "mine"

    return app


@pytest.mark.parametrize("status", sorted(set(ADVICE) - {503}))
def test_every_status_has_a_page_in_both_languages(door, status):
    spanish = door.test_client().get(f"/raise/{status}", headers=SPANISH)
    english = door.test_client().get(f"/raise/{status}", headers=ENGLISH)
    assert spanish.status_code == english.status_code == status
    assert ADVICE[status].title in english.text
    assert ADVICE[status].title not in spanish.text
    assert '<html lang="es-GT">' in spanish.text


def test_a_page_that_does_not_exist_leads_home(door):
    answer = door.test_client().get("/nowhere", headers=SPANISH)
    assert answer.status_code == 404
    assert "Ir al inicio" in answer.text
    assert "<title>Aviso · Cascada</title>" in answer.text


@pytest.mark.parametrize(
    ("what", "status", "said"),
    [
        ("old", 400, "estuvo abierta demasiado tiempo"),
        ("refused", 403, "su función no incluye"),
        ("late", 409, "al mismo tiempo"),
        ("large", 413, "demasiado grande"),
        ("rule", 422, "Le falta la práctica observada."),
        ("input", 422, "<li>Falta la fecha.</li>"),
        ("often", 429, "Espere"),
    ],
)
def test_a_refusal_of_ours_says_its_own_sentence(door, what, status, said):
    answer = door.test_client().get(f"/raise/{what}", headers=SPANISH)
    assert answer.status_code == status
    assert said in answer.text


def test_a_problem_in_a_file_names_file_and_line(door):
    assert "module.toml:3: " in door.test_client().get("/raise/input", headers=SPANISH).text


def test_waiting_is_told_to_machines_too(door):
    assert door.test_client().get("/raise/often").headers["Retry-After"] == "90"


def test_a_wrong_method_names_the_right_ones(door):
    answer = door.test_client().delete("/help", headers=SPANISH)
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_a_failure_tells_nothing_of_its_reason(door):
    answer = door.test_client().get("/raise/broken", headers=SPANISH)
    assert answer.status_code == 500
    assert "No fue culpa suya" in answer.text
    assert "4711" not in answer.text
    assert "ZeroDivision" not in answer.text


def test_a_database_that_does_not_answer_is_a_pause_and_not_a_failure(door):
    answer = door.test_client().get("/raise/down", headers=SPANISH)
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "SELECT" not in answer.text


def test_the_later_of_two_who_save_the_same_thing_is_told_that_another_was_first(door):
    client = door.test_client()
    assert client.post("/save/name").status_code == 200
    answer = client.post("/save/name", headers=SPANISH)
    assert answer.status_code == 409
    assert "INSERT" not in answer.text
    assert client.post("/save/other").status_code == 200


def test_a_row_that_breaks_another_rule_of_the_database_is_our_failure(door):
    assert door.test_client().post("/save/empty", headers=SPANISH).status_code == 500


def test_error_pages_need_no_database(make_app):
    app = make_app(DATABASE_URL="sqlite:////nowhere/at/all.db", PROPAGATE_EXCEPTIONS=False)
    assert app.test_client().get("/nowhere", headers=SPANISH).status_code == 404
    assert app.test_client().get("/help", headers=SPANISH).status_code == 503


def test_when_even_the_frame_fails_there_are_words_in_both_languages(door, monkeypatch):
    monkeypatch.delitem(door.jinja_env.globals, "look")
    answer = door.test_client().get("/raise/500")
    assert answer.status_code == 500
    assert "Algo falló" in answer.text
    assert "Something failed" in answer.text


def test_whoever_must_sign_in_comes_back_to_the_page(door):
    answer = door.test_client().get("/mine?week=3")
    assert answer.status_code == 303
    assert answer.location == "/sign-in?next=/mine?week%3D3"


def test_a_form_sent_after_the_sign_in_ended_leads_back_to_its_own_page(door):
    came_from = {"Referer": "http://localhost/mine?week=3", "Sec-Fetch-Site": "same-origin"}
    answer = door.test_client().post("/mine", headers=came_from)
    assert answer.status_code == 405  # the door has no form; what matters is the way back
    assert 'href="/mine?week=3"' in answer.text


def test_another_site_is_no_way_back(door):
    came_from = {"Referer": "https://evil.example/mine", "Sec-Fetch-Site": "same-origin"}
    answer = door.test_client().post("/raise/rule", headers=came_from)
    assert "evil.example" not in answer.text


def test_a_role_that_owes_a_second_step_is_led_to_it(door):
    answer = door.test_client().get("/raise/second")
    assert answer.status_code == 303
    assert answer.location.startswith("/")
    assert "next=" in answer.location


@pytest.mark.parametrize(
    ("what", "status"), [("404", 404), ("input", 422), ("often", 429), ("500", 500), ("down", 503)]
)
def test_a_script_gets_json(door, what, status):
    answer = door.test_client().get(f"/raise/{what}", headers=JSON)
    assert answer.status_code == answer.json["status"] == status
    assert answer.json["sentence"]
    assert answer.json["next"]


def test_a_script_that_must_sign_in_is_told_and_not_sent_away(door):
    answer = door.test_client().get("/mine", headers=JSON)
    assert answer.status_code == 401
    assert answer.json["title"] == "Entre con su usuario"

"""A message leaves when its change was committed, always under the same name, and carries nothing it was not given."""

import socketserver
import threading
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from lms.core import jobs, mail
from lms.core.errors import BadInput
from lms.core.ids import new_id
from lms.core.models import Job, Mail

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


class Postmaster(socketserver.StreamRequestHandler):
    """Speaks as much SMTP as is needed to take a letter; `server.answers` says what to say to a command."""

    def handle(self) -> None:
        self.say("220 tests")
        letter: list[bytes] = []
        while line := self.rfile.readline():
            verb = line[:4].upper().decode().strip()
            if verb == "EHLO":
                self.say("250-tests\r\n250 SIZE 10000000")
            elif verb == "DATA":
                self.say("354 go on")
                while (part := self.rfile.readline()) != b".\r\n":
                    letter.append(part)
                self.server.letters.append(b"".join(letter))
                self.say(self.server.answers.get("DATA", "250 taken"))
            else:
                self.say(self.server.answers.get(verb, "221 bye" if verb == "QUIT" else "250 yes"))
            if verb == "RCPT":
                self.server.recipients.append(line.decode().strip())
            if verb == "QUIT":
                return

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")


@pytest.fixture
def post_office(app, clock):
    clock.hold(NOW)
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Postmaster) as server:
        server.letters, server.recipients, server.answers = [], [], {}
        threading.Thread(target=server.serve_forever, daemon=True).start()
        app.config["MAIL_URL"] = f"smtp://127.0.0.1:{server.server_address[1]}"
        yield server
        server.shutdown()


def sent(session) -> Mail:
    session.expire_all()
    return session.scalars(select(Mail)).one()


def test_a_letter_leaves_after_the_commit(post_office, db_session):
    mail.send("ana@salud.gob.gt", "Su invitación", "Buenos días:\n\nEntre aquí: http://localhost/i/abc\n", NOW)
    db_session.commit()
    assert post_office.letters == []
    jobs.drain()
    (letter,) = (message_from_bytes(one, policy=policy.default) for one in post_office.letters)
    assert post_office.recipients == ["rcpt TO:<ana@salud.gob.gt>"]
    assert (letter["To"], letter["Subject"], letter["From"]) == (
        "ana@salud.gob.gt",
        "Su invitación",
        "cascada@localhost",
    )
    assert letter.get_content().replace("\r\n", "\n") == "Buenos días:\n\nEntre aquí: http://localhost/i/abc\n"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert sent(db_session).sent_at == NOW


def test_no_letter_leaves_for_a_change_that_rolled_back(post_office, db_session):
    mail.send("ana@salud.gob.gt", "Hola", "…", NOW)
    db_session.rollback()
    jobs.drain()
    assert post_office.letters == []


def test_a_letter_that_left_does_not_leave_again(post_office, db_session):
    mail.send("ana@salud.gob.gt", "Hola", "…", NOW)
    db_session.commit()
    jobs.drain()
    job = db_session.scalars(select(Job)).one()
    job.state = "parked"
    jobs.retry(job, NOW)
    db_session.commit()
    jobs.drain()
    assert len(post_office.letters) == 1


@pytest.mark.parametrize("answer", ["250 yes", "500 what", "421 gone"])
def test_a_server_that_parts_rudely_has_taken_the_letter_all_the_same(post_office, db_session, answer):
    post_office.answers["QUIT"] = answer
    mail.send("ana@salud.gob.gt", "Hola", "…", NOW)
    db_session.commit()
    jobs.drain()
    assert sent(db_session).sent_at == NOW


def test_a_repeat_after_a_crash_bears_the_same_name(post_office, db_session):
    mail.send("ana@salud.gob.gt", "Hola", "…", NOW)
    db_session.commit()
    jobs.drain()
    sent(db_session).sent_at = None  # the process died before it could write that down
    job = db_session.scalars(select(Job)).one()
    jobs.retry(job, NOW)
    db_session.commit()
    jobs.drain()
    first, second = (message_from_bytes(one)["Message-ID"] for one in post_office.letters)
    assert first == second


def test_a_server_that_is_busy_is_asked_again(post_office, db_session, clock):
    post_office.answers["RCPT"] = "451 come back later"
    mail.send("ana@salud.gob.gt", "Hola", "…", NOW)
    db_session.commit()
    jobs.drain()
    assert sent(db_session).sent_at is None
    post_office.answers.clear()
    clock.move(minutes=2)
    jobs.drain()
    assert sent(db_session).sent_at == NOW + timedelta(minutes=2)


def test_an_address_the_server_does_not_know_is_not_tried_again(post_office, db_session):
    post_office.answers["RCPT"] = "550 nobody here"
    mail.send("ana@salud.gob.gt", "Hola", "…", NOW)
    db_session.commit()
    jobs.drain()
    assert db_session.scalars(select(Job)).one().state == "parked"


def test_a_server_that_is_away_is_asked_again(app, db_session, clock):
    clock.hold(NOW)
    app.config["MAIL_URL"] = "smtp://127.0.0.1:1"
    mail.send("ana@salud.gob.gt", "Hola", "…", NOW)
    db_session.commit()
    jobs.drain()
    assert db_session.scalars(select(Job)).one().state == "waiting"


def test_a_password_is_not_sent_to_a_far_server_without_encryption(app, post_office, db_session, monkeypatch):
    port = post_office.server_address[1]
    app.config["MAIL_URL"] = f"smtp://ana:secret@mail.example.org:{port}"
    monkeypatch.setattr("socket.create_connection", _to_the_tests(port))
    mail.send("ana@salud.gob.gt", "Hola", "…", NOW)
    db_session.commit()
    jobs.drain()
    assert post_office.letters == []
    assert "does not encrypt" in db_session.scalars(select(Job)).one().problem


def _to_the_tests(port):
    import socket

    connect = socket.create_connection
    return lambda address, *args, **kwargs: connect(("127.0.0.1", port), *args, **kwargs)


def test_without_a_server_letters_become_files_only_their_owner_reads(app, db_session):
    mail.send("ana@salud.gob.gt", "Hola", "Entre aquí.", NOW)
    db_session.commit()
    jobs.drain()
    (path,) = (Path(app.config["DATA_DIR"]) / "mail").iterdir()
    assert path.suffix == ".eml"
    assert path.stat().st_mode & 0o077 == 0
    assert message_from_bytes(path.read_bytes(), policy=policy.default).get_content().strip() == "Entre aquí."


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ana",
        "ana@",
        "@x.gt",
        "a@b.gt,c@d.gt",
        "a@b.gt\r\nBcc: c@d.gt",
        "Ana <a@b.gt>",
        "a b@c.gt",
        "a@b@c.gt",
        "x" * 65 + "@b.gt",
    ],
)
def test_only_one_plain_address_is_taken(db_session, address):
    with pytest.raises(BadInput):
        mail.send(address, "Hola", "…", NOW)


@pytest.mark.parametrize("subject", ["Hola\r\nBcc: c@d.gt", "Hola\nX: y", "Hola\u2028X", "x" * 201])
def test_a_subject_is_one_line(db_session, subject):
    with pytest.raises(BadInput):
        mail.send("ana@salud.gob.gt", subject, "…", NOW)


@given(body=st.text(), subject=st.text(max_size=200).filter(lambda text: not mail._CONTROL.search(text)))
def test_no_text_becomes_a_header(built_app, body, subject):
    with built_app.app_context():
        row = Mail(id=new_id(), recipient="ana@salud.gob.gt", subject=subject, body=body, created_at=NOW)
        names = set(mail.compose(row).keys())
        wire = mail.compose(row).as_bytes() if _can_travel(subject + body) else b""
    expected = {"Message-ID", "Date", "From", "To", "Subject", "Auto-Submitted", "Content-Type", "MIME-Version"}
    assert names - {"Content-Transfer-Encoding"} == expected
    if wire:
        assert set(message_from_bytes(wire).keys()) - {"Content-Transfer-Encoding"} == expected


def _can_travel(text):
    return not any(0xD800 <= ord(letter) <= 0xDFFF for letter in text)

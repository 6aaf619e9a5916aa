"""Mail: an outbox row and a job, so that a message leaves exactly when the change behind it was committed.

By SMTP when MAIL_URL says so, else into DATA_DIR/mail, one file each. A message may leave twice (a crash between
sending and writing that down), always with the same Message-ID, by which mail programs recognise the repeat.
"""

import os
import re
import smtplib
import ssl
from contextlib import closing, suppress
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from flask import current_app
from flask_babel import gettext as _

from lms.core.database import db
from lms.core.errors import BadInput, RuleBroken
from lms.core.ids import id_from_text, id_text
from lms.core.jobs import later
from lms.core.models import Mail
from lms.core.work import Run, job

_SECONDS = 20
_ADDRESS = re.compile(r"[^\s@,;:<>()\[\]\"\\\x00-\x1f\x7f]{1,64}@[^\s@,;:<>()\[\]\"\\\x00-\x1f\x7f]{1,253}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]")


def send(recipient: str, subject: str, body: str, now: datetime) -> Mail:
    """Put a message into the outbox; it leaves after the commit, at least once, always with the same Message-ID.

    :raise BadInput: the recipient is not one e-mail address, or a line break stands where none may.
    """
    if not _ADDRESS.fullmatch(recipient) or len(recipient) > 254:
        raise BadInput(_("Write one e-mail address, such as name@office.gob.gt."))
    if _CONTROL.search(subject) or len(subject) > 200:
        raise BadInput(_("The subject of a message is one line of at most 200 characters."))
    mail = Mail(recipient=recipient, subject=subject, body=body, created_at=now)
    db.session.add(mail)
    db.session.flush()
    later("core.deliver_mail", {"mail": id_text(mail.id)}, None, now)
    return mail


@job("core.deliver_mail", tries=10)
def deliver(run: Run, mail: str) -> None:
    """Hand one message over, unless it has left already."""
    row = db.session.get(Mail, id_from_text(mail))
    if row is None or row.sent_at is not None:
        return
    message = compose(row)
    db.session.commit()  # a slow server must not hold our database
    transport(message, row.recipient)
    row.sent_at = run.now
    row.body = ""  # it may hold a link that opens an account


def compose(mail: Mail) -> EmailMessage:
    """Write the message down as it will travel."""
    host = urlsplit(current_app.config["BASE_URL"]).hostname or "localhost"
    sender = current_app.config["MAIL_FROM"] or f"cascada@{host}"
    message = EmailMessage(policy=SMTP)
    message["Message-ID"] = f"<{id_text(mail.id)}@{host}>"
    message["Date"] = format_datetime(mail.created_at)
    message["From"] = sender
    name, _at, domain = mail.recipient.rpartition("@")
    message["To"] = Address(username=name, domain=domain)
    message["Subject"] = mail.subject
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.body)
    return message


def transport(message: EmailMessage, recipient: str) -> None:
    """Hand a message to the server of MAIL_URL, or to a file.

    :raise RuleBroken: the server refuses this recipient for good.
    """
    url = urlsplit(current_app.config["MAIL_URL"])
    if not url.scheme:
        return _into_file(message)
    context = ssl.create_default_context()
    host, is_near = url.hostname or "localhost", url.hostname in ("localhost", "127.0.0.1", "::1")
    if url.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, url.port or 465, timeout=_SECONDS, context=context)
    elif url.scheme == "smtp":
        server = smtplib.SMTP(host, url.port or 587, timeout=_SECONDS)
    else:
        raise ValueError("MAIL_URL begins with smtp:// or smtps://")
    with closing(server):  # a server that says goodbye badly has taken the message all the same
        server.ehlo()
        if url.scheme == "smtp" and server.has_extn("starttls"):
            server.starttls(context=context)
            server.ehlo()
        elif url.scheme == "smtp" and url.username and not is_near:
            raise smtplib.SMTPNotSupportedError("a password is not sent to a server that does not encrypt")
        if url.username:
            server.login(unquote(url.username), unquote(url.password or ""))
        try:
            server.send_message(message, to_addrs=[recipient])
        except smtplib.SMTPRecipientsRefused as refused:
            code = next(iter(refused.recipients.values()))[0]
            if 500 <= code < 600:
                raise RuleBroken(_("The mail server does not know this address.")) from refused
            raise
        with suppress(smtplib.SMTPException, OSError):
            server.quit()
    return None


def _into_file(message: EmailMessage) -> None:
    folder = Path(current_app.config["DATA_DIR"]) / "mail"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = str(message["Message-ID"]).strip("<>").partition("@")[0]
    temporary = folder / f".{name}"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(message.as_bytes())
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(folder / f"{name}.eml")

"""Identifiers: UUIDv7, so that keys made on phones and servers sort by time and never collide."""

import uuid
from typing import Any

from sqlalchemy import LargeBinary, Uuid
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine
from uuid6 import uuid7
from werkzeug.routing import BaseConverter, ValidationError

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_VALUE = {letter: value for value, letter in enumerate(_ALPHABET)} | {"i": 1, "l": 1, "o": 0}
_LENGTH = 26


def new_id() -> uuid.UUID:
    """Make a fresh UUIDv7."""
    return uuid.UUID(int=uuid7().int)


def id_text(value: uuid.UUID) -> str:
    """Write an id as 26 lower-case Crockford base32 letters.

    >>> id_text(uuid.UUID(int=33))
    '00000000000000000000000011'
    """
    number, letters = value.int, []
    for _ in range(_LENGTH):
        number, rest = divmod(number, 32)
        letters.append(_ALPHABET[rest])
    return "".join(reversed(letters))


def id_from_text(text: str) -> uuid.UUID:
    """Read what `id_text` wrote; raise ValueError for anything else.

    >>> id_from_text('00000000000000000000000011').int
    33
    """
    if len(text) != _LENGTH:
        raise ValueError("an id has 26 letters")
    number = 0
    for letter in text.lower():
        if letter not in _VALUE:
            raise ValueError(f"not a letter of an id: {letter!r}")
        number = number * 32 + _VALUE[letter]
    return uuid.UUID(int=number) if number < 1 << 128 else _too_long()


def _too_long() -> uuid.UUID:
    raise ValueError("too large for an id")


class Id(TypeDecorator[uuid.UUID]):
    """A UUID column: native on PostgreSQL, 16 bytes on SQLite (half of the text form, and indexes with it)."""

    impl = LargeBinary(16)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(Uuid(as_uuid=True))
        return dialect.type_descriptor(LargeBinary(16))

    def process_bind_param(self, value: uuid.UUID | None, dialect: Dialect) -> Any:
        if value is None or dialect.name == "postgresql":
            return value
        return value.bytes

    def process_result_value(self, value: Any, dialect: Dialect) -> uuid.UUID | None:
        if value is None or isinstance(value, uuid.UUID):
            return value
        return uuid.UUID(bytes=bytes(value))


class IdConverter(BaseConverter):
    """`<id:person>` in a route: the 26 letters of `id_text`."""

    regex = "[0-9A-Za-z]{26}"

    def to_python(self, value: str) -> uuid.UUID:
        try:
            return id_from_text(value)
        except ValueError as error:
            raise ValidationError from error

    def to_url(self, value: uuid.UUID) -> str:
        return id_text(value)

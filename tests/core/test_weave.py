"""Pieces compressed once make one answer that any browser unpacks."""

import gzip
import subprocess
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.core.weave import Piece, join, respond

some_bytes = st.binary(max_size=3000) | st.binary(min_size=1, max_size=40).map(lambda seed: seed * 3000)
pieces_and_bytes = st.lists(st.tuples(st.sampled_from([Piece.of, Piece.plain]), some_bytes), max_size=6)


@given(pieces_and_bytes)
def test_the_pieces_unpack_to_what_they_were(parts):
    whole = join(make(data) for make, data in parts)
    expected = b"".join(data for _make, data in parts)
    assert gzip.decompress(whole) == expected
    assert zlib.decompress(whole, 31) == expected


@given(st.sampled_from([Piece.of, Piece.plain]), some_bytes)
def test_a_piece_survives_the_database(make, data):
    piece = make(data)
    assert Piece.unpack(piece.pack()) == piece
    assert piece.inflate() == data


@given(some_bytes, some_bytes)
def test_the_checksum_of_two_is_computed_from_theirs(first, second):
    assert Piece.of(second).after(zlib.crc32(first)) == zlib.crc32(first + second)


def test_the_gzip_program_reads_it_too():
    whole = join([Piece.of("Señales".encode() * 500), Piece.plain(b"token"), Piece.of(b"</html>")])
    unpacked = subprocess.run(["gzip", "-dc"], input=whole, capture_output=True, check=True).stdout
    assert unpacked == "Señales".encode() * 500 + b"token</html>"


def test_a_joined_page_is_hardly_larger_than_one_compressed_whole():
    body = b"".join(b"<p>%d: Una senal no es prueba. Busque varias juntas.</p>" % number for number in range(400))
    head = b"<!doctype html><title>Inicio</title>"
    assert len(join([Piece.of(head), Piece.of(body)])) < len(gzip.compress(head + body, 9)) + 60


def test_a_plain_piece_stands_uncompressed_in_the_answer():
    assert b"a-token-of-this-form" in join([Piece.of(b"x" * 99), Piece.plain(b"a-token-of-this-form")])


@pytest.mark.parametrize(("wanted", "encoding"), [("gzip, br", "gzip"), ("", None), ("gzip;q=0", None), ("br", None)])
def test_a_browser_that_cannot_read_gzip_gets_it_plain(app, wanted, encoding):
    with app.test_request_context("/", headers={"Accept-Encoding": wanted}):
        answer = respond([Piece.of(b"<p>"), Piece.plain(b"Ana"), Piece.of(b"</p>")], headers={"X-Some": "thing"})
    body = answer.get_data()
    assert answer.headers.get("Content-Encoding") == encoding
    assert (gzip.decompress(body) if encoding else body) == b"<p>Ana</p>"
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert answer.headers["X-Some"] == "thing"
    assert answer.content_length == len(body)

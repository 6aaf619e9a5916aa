"""A zip from a stranger is believed in nothing: names, sizes, places and contents are looked at first."""

import io
import stat
import struct
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.core.archive import Limits, read_archive

SMALL = Limits(members=5, total=4_000_000, member=3_000_000, ratio=100, depth=4)


def zipped(*members, method=zipfile.ZIP_DEFLATED) -> bytes:
    """Make a zip of (name or ZipInfo, bytes) pairs."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return buffer.getvalue()


def info(name: str, **values) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(name)
    for key, value in values.items():
        setattr(made, key, value)
    return made


def said(data: bytes, limits: Limits = SMALL) -> str:
    files, problems = read_archive(data, "x.zip", limits)
    assert not problems or not files
    return "\n".join(str(problem) for problem in problems)


def test_a_good_zip_is_read_member_by_member():
    data = zipped(("course.toml", b"slug = 'x'"), ("m1/", b""), ("m1/aula.svg", b"<svg/>"), ("m1/señal.md", b""))
    files, problems = read_archive(data, "x.zip")
    assert not problems
    assert dict(files) == {"course.toml": b"slug = 'x'", "m1/aula.svg": b"<svg/>", "m1/señal.md": b""}
    assert "m1/" not in files
    assert files.size("course.toml") == 10


def test_an_open_file_serves_as_well_as_bytes(tmp_path):
    path = tmp_path / "x.zip"
    path.write_bytes(zipped(("a.txt", b"a")))
    with path.open("rb") as file:
        files, _problems = read_archive(file, "x.zip")
        assert files["a.txt"] == b"a"


@given(st.dictionaries(st.from_regex(r"[a-z]{1,8}(/[a-z]{1,8})?\.[a-z]{2}", fullmatch=True), st.binary(max_size=99)))
def test_whatever_was_packed_comes_back(members):
    files, problems = read_archive(zipped(*members.items()), "x.zip")
    assert not problems
    assert dict(files) == members


@pytest.mark.parametrize("data", [b"", b"hello", b"PK\x03\x04", b"PK\x05\x06" + bytes(10), b"\x1f\x8b" * 40])
def test_what_is_not_a_zip_is_named_so(data):
    assert "not a zip file" in said(data)


@given(st.binary(max_size=300))
def test_no_bytes_make_it_stumble(data):
    read_archive(data, "x.zip", SMALL)
    read_archive(b"PK\x03\x04" + data, "x.zip", SMALL)


@given(st.data())
def test_no_damage_makes_it_stumble_or_lie(data):
    members = {"course.toml": b"slug = 'x'\n" * 30, "m1/a.md": b"Hola " * 50}
    whole = bytearray(zipped(*members.items()))
    for _hit in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    files, problems = read_archive(bytes(whole), "x.zip", SMALL)
    if not problems:
        assert all(content in members.values() for content in files.values())


@pytest.mark.parametrize(
    "name",
    [
        "../secrets/pepper",
        "m1/../../x",
        "/etc/passwd",
        "C:/x.txt",
        "C:x",
        "m1\\x.md",
        "a//b",
        "./a",
        "m1/.",
        "a\nb",
        "a\x00b",
        "a\u202eb",
        "x" * 241,
        "a/b/c/d/e",
        "con /x",
        "x.",
        "a|b",
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(name):
    data = zipped((info("placeholder"), b"x")) if "\x00" in name or "\\" in name else zipped((name, b"x"))
    if "\x00" in name or "\\" in name:  # Python mends such names while writing; a stranger's tool does not
        raw = name.encode().ljust(11, b"x")
        data = data.replace(b"placeholder", raw)
    assert "not a name a file may have" in said(data)


def test_two_names_that_are_one_on_another_system_are_refused():
    assert "is there twice" in said(zipped(("M1/Aula.svg", b"a"), ("m1/aula.svg", b"b")))
    assert "is there twice" in said(zipped(("se\u00f1al", b"a"), ("sen\u0303al", b"b")))


def test_the_same_name_twice_is_refused():
    with pytest.warns(UserWarning, match="Duplicate"):
        data = zipped(("a", b"a"), ("a", b"b"))
    assert "is there twice" in said(data)


def test_a_file_that_is_also_a_folder_is_refused():
    assert "a file and a folder at once" in said(zipped(("a", b"a"), ("a/b", b"b")))


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO])
def test_links_and_devices_are_refused(kind):
    link = info("link", external_attr=(kind | 0o777) << 16, create_system=3)
    assert "a link or a device" in said(zipped((link, b"/etc/passwd")))


def test_a_locked_member_is_refused():
    data = bytearray(zipped(("a", b"a" * 50)))
    data[6] |= 1
    directory = data.index(b"PK\x01\x02")
    data[directory + 8] |= 1
    assert "locked with a password" in said(bytes(data))


def test_an_unusual_compression_is_refused():
    assert "unusual way" in said(zipped(("a", b"a" * 50), method=zipfile.ZIP_LZMA))


def test_too_many_members_are_refused_at_once():
    assert (
        said(zipped(*((f"{number}", b"") for number in range(6)))) == "x.zip:1: The zip holds 6 files; at most 5 fit."
    )


def test_a_bomb_is_refused_by_what_it_claims():
    assert "grows more than 100 times" in said(zipped(("a", bytes(2_900_000))))
    assert "larger than 3 MB" in said(zipped(("a", bytes(3_100_000)), method=zipfile.ZIP_STORED))
    three = [(name, bytes(1_500_000)) for name in "abc"]
    assert "Unpacked, the zip is larger than 4 MB" in said(zipped(*three, method=zipfile.ZIP_STORED))


def test_a_bomb_that_lies_about_its_size_is_found_while_reading():
    data = bytearray(zipped(("a", bytes(2_900_000))))
    directory = data.index(b"PK\x01\x02")
    for place in (22, directory + 24):
        struct.pack_into("<L", data, place, 1000)
    assert "damaged" in said(bytes(data))


def test_members_that_share_bytes_are_refused():
    """Two entries of the directory that point at one compressed block: how a small file becomes a huge one."""
    data = zipped(("a", b"x" * 100), ("b", b"x" * 100))
    directory = data.index(b"PK\x01\x02")
    second = data.index(b"PK\x01\x02", directory + 4)
    forged = bytearray(data)
    struct.pack_into("<L", forged, second + 42, 0)
    assert "hides something" in said(bytes(forged))


def test_something_hidden_before_the_first_member_is_refused():
    assert "hides something" in said(b"<html>" * 20 + zipped(("a", b"a")))


def test_a_directory_that_contradicts_the_members_is_refused():
    data = zipped(("safe.txt", b"a"))
    assert "two different things" in said(data.replace(b"safe.txt", b"evil.exe", 1))


def test_a_wrong_checksum_is_found():
    data = bytearray(zipped(("a", b"Hola a todas"), method=zipfile.ZIP_STORED))
    data[data.index(b"Hola")] ^= 1
    assert "damaged" in said(bytes(data))


def test_every_problem_is_named_at_once():
    sentences = said(zipped(("../a", b"a"), ("/b", b"b"), (info("c", external_attr=stat.S_IFLNK << 16), b"c")))
    assert len(sentences.splitlines()) == 3

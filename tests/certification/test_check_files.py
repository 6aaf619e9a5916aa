"""A certificate as a file: what leaves the site is checked on a laptop, and by a library that is not ours."""

import base64
import json
from datetime import datetime, timedelta

import pytest
from awr.multibase import multibase_decode_base58btc
from awr.proof import verify_document_signature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st
from openbadgeslib.ob3 import OB3LdpVerifier, OB3VerificationError, OB3Verifier
from PIL import Image

from lms.certification.services.keys import compromise, rotate
from lms.certification.signing.canonical import BADGES, CREDENTIALS
from lms.certification.signing.jwt import to_jwt
from lms.certification.signing.keys import SecretKey
from lms.certification.signing.proofs import with_proofs
from lms.certification.signing.reading import Published, check, check_chain, read_did
from lms.core.clock import now
from lms.core.database import db
from tests.certification.chain import cascade, certificate, happens
from tests.factories import NOW

JSON = {"Accept": "application/json"}
LATER = NOW + timedelta(days=30)


@pytest.fixture
def chain(db_session, clock):
    clock.hold(NOW)
    return cascade()


@pytest.fixture
def published(client, chain):
    return read_did(client.get("/.well-known/did.json").data)


@pytest.fixture
def file(client, chain):
    return client.get(f"/credentials/{chain.marta.code}", headers=JSON).data


@pytest.fixture
def listed(client, chain):
    return client.get("/status/1").data


# What leaves the site


def test_a_person_is_led_to_the_page_and_a_program_gets_the_document(client, chain):
    address = f"/credentials/{chain.marta.code}"
    led = client.get(address, headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert (led.status_code, led.location) == (303, f"/verify/{chain.marta.code}")
    for wanted in ("application/json", "application/vc", "*/*"):
        answer = client.get(address, headers={"Accept": wanted})
        assert answer.text == chain.marta.document
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_the_keys_are_published_in_both_ways_and_a_stolen_one_asserts_nothing(client, chain, clock):
    old = chain.marta.key_id
    rotate(clock.move(days=1))
    compromise(old, NOW, clock.move(days=1))
    did = client.get("/.well-known/did.json").json
    assert did["id"] == "did:web:localhost"
    stolen, active = did["verificationMethod"]
    assert stolen["revoked"] and stolen["expires"] and "revoked" not in active
    assert did["assertionMethod"] == [active["id"]]
    assert [key["kid"] for key in client.get("/.well-known/jwks.json").json["keys"]] == [active["id"]]


@pytest.mark.parametrize("kind", ["", ".json", ".jwt", ".png", ".svg"])
def test_every_shape_is_good_on_a_laptop(client, chain, published, listed, kind):
    data = client.get(f"/credentials/{chain.marta.code}{kind}", headers=JSON).data
    reading = check(data, published, listed, now())
    assert reading.problems == [] and reading.code == chain.marta.code and reading.status_of == NOW


def test_the_badge_is_a_picture(client, chain, tmp_path):
    path = tmp_path / "badge.png"
    path.write_bytes(client.get(f"/credentials/{chain.marta.code}.png").data)
    with Image.open(path) as image:
        image.load()
        assert image.size == (600, 600)
    assert fromstring(client.get(f"/credentials/{chain.marta.code}.svg").data).tag.endswith("svg")


def test_a_code_that_is_not_there_has_no_files(client, chain):
    assert client.get("/credentials/000000000000.jwt").status_code == 404
    assert client.get("/credentials/..%2F..%2Fetc.json").status_code == 404
    assert client.get("/status/2").status_code == 404


def test_the_status_list_changes_with_the_state_and_stays_the_same_without(client, chain, published, clock):
    first = client.get("/status/1")
    clock.move(minutes=5)
    assert client.get("/status/1").data == first.data
    assert client.get("/status/1", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    happens(chain.marta, "suspended", now())
    document = chain.marta.document.encode()
    assert check(document, published, client.get("/status/1").data, now()).problems == ["revoked"]
    happens(chain.marta, "reinstated", clock.move(minutes=1))
    assert check(document, published, client.get("/status/1").data, now()).is_good
    happens(chain.marta, "revoked", clock.move(minutes=1))
    assert check(document, published, client.get("/status/1").data, now()).problems == ["revoked"]
    assert check(chain.juana.document.encode(), published, client.get("/status/1").data, now()).is_good


# Other eyes than ours


def _served(client):
    """Let the other library fetch from the running application."""

    def download(url, *_args, **_more):
        assert url.split("//")[1].startswith("localhost/")
        return client.get(url.split("localhost", 1)[1]).data

    return download


def test_an_independent_library_verifies_the_proof_of_linked_data(client, chain, file):
    verifier = OB3LdpVerifier.for_issuer_did("did:web:localhost")
    credential = verifier.verify(file, download=_served(client))
    assert credential.id.endswith(chain.marta.code)
    altered = file.replace(b"Marta Xicay", b"Marta Xicoy")
    with pytest.raises(OB3VerificationError):
        verifier.verify(altered, download=_served(client))


def test_an_independent_library_verifies_the_proof_of_plain_json(client, chain, file):
    did, document = client.get("/.well-known/did.json").json, json.loads(file)
    proof = next(one for one in document["proof"] if one["cryptosuite"] == "eddsa-jcs-2022")
    assert (proof["type"], proof["proofPurpose"]) == ("DataIntegrityProof", "assertionMethod")
    assert proof["@context"] == document["@context"] and proof["verificationMethod"] in did["assertionMethod"]
    method = next(one for one in did["verificationMethod"] if one["id"] == proof["verificationMethod"])
    key = multibase_decode_base58btc(method["publicKeyMultibase"])
    assert key[:2] == b"\xed\x01" and method["controller"] == did["id"] == document["issuer"]["id"]
    assert verify_document_signature(document, proof, key[2:])
    for change in ({"name": "Otra"}, {"honours": True}, {"validFrom": "2020-01-01T00:00:00Z"}):
        assert not verify_document_signature(document | change, proof, key[2:])
    assert not verify_document_signature(document, proof | {"created": "2020-01-01T00:00:00Z"}, key[2:])


def test_an_independent_library_finds_the_credential_in_the_badges(client, chain):
    svg = client.get(f"/credentials/{chain.marta.code}.svg").data
    png = client.get(f"/credentials/{chain.marta.code}.png").data
    assert OB3Verifier.extract_token_from_svg(svg) == chain.marta.document
    assert OB3Verifier.extract_token_from_png(png) == chain.marta.document


def test_an_independent_library_verifies_the_jwt(client, chain):
    token = client.get(f"/credentials/{chain.marta.code}.jwt").text
    verifier = OB3Verifier.for_issuer_did("did:web:localhost", download=_served(client))
    assert verifier.verify(token).id.endswith(chain.marta.code)


# What is refused


def _problems(document, published, status=None, at=NOW):
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    return check(data, published, status, at).problems


def test_whatever_is_altered_is_found(file, published):
    """Change, drop or add any member at any depth: the check never says yes."""
    document = json.loads(file)
    paths = list(_paths({name: value for name, value in document.items() if name != "proof"}))

    @given(st.sampled_from(paths), st.sampled_from(["drop", "text", "number", "add", "undefined", "list"]))
    def altered(path, change):
        copy = json.loads(file)
        node = copy
        for step in path[:-1]:
            node = node[step]
        before = json.dumps(copy, sort_keys=True)
        if change == "drop":
            del node[path[-1]]
        elif change == "add":
            copy["description"] = "Más"
        elif change == "undefined":
            copy["honours"] = "cum laude"
        else:
            node[path[-1]] = {"text": "otra cosa", "number": 7, "list": []}[change]
        if json.dumps(copy, sort_keys=True) != before:
            assert _problems(copy, published)

    altered()


def _paths(node, at=()):
    steps = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for step, value in steps:
        yield (*at, step)
        yield from _paths(value, (*at, step))


def test_any_byte_that_is_changed_is_found(file, published):
    @given(st.integers(0, len(file) - 1), st.integers(0, 255))
    def changed(place, byte):
        data = file[:place] + bytes([byte]) + file[place + 1 :]
        try:
            same = json.loads(data) == json.loads(file)
        except ValueError:
            same = False
        assert same or _problems(data, published)

    changed()


@given(st.binary(max_size=400))
def test_noise_is_refused_in_words_and_breaks_nothing(data):
    none = Published("did:web:localhost", {})
    for start in (b"", b"{", b"<svg>", b"\x89PNG\r\n\x1a\n", b"eyJhbGciOiJub25lIn0."):
        assert check(start + data, none, data, NOW).problems


def test_another_key_is_no_key(file, published):
    thief = SecretKey("2026-a", Ed25519PrivateKey.generate())
    document = {name: value for name, value in json.loads(file).items() if name != "proof"}
    method = f"{published.did}#{thief.id}"
    assert "signature" in _problems(with_proofs(document, thief, method, NOW), published)
    assert "signature" in _problems(to_jwt(document, thief, method).encode(), published)
    foreign = with_proofs(document, thief, "did:web:otra.example#2026-a", NOW)
    assert "key_unknown" in _problems(foreign, published)


def test_a_foreign_issuer_is_named_though_its_signature_be_good(file, published):
    own = SecretKey("2026-a", Ed25519PrivateKey.generate())
    document = {name: value for name, value in json.loads(file).items() if name != "proof"}
    document["issuer"] = {**document["issuer"], "id": "did:web:otra.example"}
    address = f"{published.did}#2026-a"
    theirs = Published(published.did, {address: own.public})
    assert _problems(with_proofs(document, own, address, NOW), theirs) == ["issuer"]


def test_a_proof_of_another_certificate_does_not_fit(chain, published):
    mine, hers = json.loads(chain.marta.document), json.loads(chain.juana.document)
    assert "signature" in _problems({**mine, "proof": hers["proof"]}, published)
    assert _problems({**mine, "proof": []}, published) and _problems({**mine, "proof": None}, published)
    bare = {name: value for name, value in mine.items() if name != "proof"}
    assert "no_proof" in _problems(bare, published)


def test_an_unsigned_jwt_is_refused(file, published):
    def part(data):
        return base64.urlsafe_b64encode(json.dumps(data).encode()).rstrip(b"=")

    kid = next(iter(published.keys))
    body = part(json.loads(file))
    assert _problems(part({"alg": "none"}) + b"." + body + b".", published) == ["algorithm"]
    assert _problems(part({"alg": "HS256", "kid": kid}) + b"." + body + b".YQ", published) == ["algorithm"]
    assert _problems(part({"alg": "EdDSA", "kid": "x"}) + b"." + body + b".YQ", published) == ["key_unknown"]


def test_members_without_meaning_are_refused_though_one_proof_signs_them(client, chain, published, app):
    own = SecretKey("2026-a", Ed25519PrivateKey.generate())
    address = f"{published.did}#2026-a"
    document = {name: value for name, value in json.loads(chain.marta.document).items() if name != "proof"}
    signed = with_proofs(document, own, address, NOW)
    assert set(document["@context"]) == {CREDENTIALS, BADGES}
    with_more = {**signed, "honours": "cum laude"}
    assert "undefined" in _problems(with_more, Published(published.did, {address: own.public}))


def test_a_list_that_cannot_be_read_never_means_valid(chain, file, published, listed):
    whole = json.loads(listed)
    broken = {**whole, "credentialSubject": {**whole["credentialSubject"], "encodedList": "uAAAA"}}
    other = {**whole, "id": "http://localhost/status/2"}
    for status in (b"", b"{}", b"[]", b"null", listed[:-9], json.dumps(broken).encode(), json.dumps(other).encode()):
        assert _problems(file, published, status) == ["status_unreadable"]
    unsigned = {name: value for name, value in whole.items() if name != "proof"}
    assert _problems(file, published, json.dumps(unsigned).encode()) == ["status_unreadable"]


def test_days_count(chain, file, published):
    assert _problems(file, published, at=NOW - timedelta(days=1)) == ["not_yet"]
    assert _problems(file, published, at=NOW + timedelta(days=400)) == ["expired"]


def test_a_member_said_twice_is_refused(file, published):
    assert _problems(b'{"name":"Formadora",' + file[1:], published) == ["unreadable"]


def test_the_chain_is_walked_by_files_too(chain, published):
    elena, juana, marta = (
        check(one.document.encode(), published, None, NOW) for one in (chain.elena, chain.juana, chain.marta)
    )
    assert check_chain(marta, [juana, elena]) == []
    assert check_chain(marta, [juana]) == ["chain_missing"]
    assert check_chain(marta, []) == ["chain_missing"]


def _signed_for(chain, published, code, signer, at):
    key = SecretKey("2026-a", Ed25519PrivateKey.from_private_bytes(b"1" * 32))
    document = {name: value for name, value in json.loads(chain.marta.document).items() if name != "proof"}
    document["id"] = f"http://localhost/credentials/{code}"
    document["evidence"] = [{"id": "urn:x", "type": ["Evidence"], "name": signer, "genre": "signer"}]
    document["validFrom"] = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    address = f"{published.did}#2026-a"
    return check(
        json.dumps(with_proofs(document, key, address, at)).encode(),
        Published(published.did, {address: key.public}),
        None,
        LATER,
    )


def test_cycles_and_back_dating_are_refused_though_well_signed(chain, published):
    one, two = chain.marta.code, chain.juana.code
    first = _signed_for(chain, published, one, two, NOW)
    assert first.problems == []
    assert check_chain(first, [_signed_for(chain, published, two, one, NOW)]) == ["chain_cycle"]
    assert _signed_for(chain, published, one, one, NOW).problems == ["cycle"]
    later = _signed_for(chain, published, two, chain.elena.code, NOW + timedelta(days=1))
    assert check_chain(first, [later]) == ["chain_date"]


def test_after_a_theft_only_the_register_is_asked(client, chain, clock):
    document = chain.marta.document.encode()
    compromise(chain.marta.key_id, NOW + timedelta(hours=1), clock.move(hours=2))
    db.session.commit()
    published = read_did(client.get("/.well-known/did.json").data)
    assert _problems(document, published, at=now()) == ["key_stolen"]
    # Downloaded again as JWT it carries today's key, for the register vouches for it.
    renewed = client.get(f"/credentials/{chain.marta.code}.jwt").data
    assert check(renewed, published, client.get("/status/1").data, now()).problems == []


def test_what_a_thief_signed_is_on_the_list(client, chain, clock):
    forged = certificate("Felipa Ren Q.", 3, chain.juana, clock.move(hours=1))
    compromise(forged.key_id, NOW + timedelta(minutes=1), clock.move(hours=2))
    db.session.commit()
    published = read_did(client.get("/.well-known/did.json").data)
    assert "revoked" in _problems(forged.document.encode(), published, client.get("/status/1").data, now())
    assert datetime.fromisoformat(json.loads(client.get("/status/1").data)["validFrom"]) == now()

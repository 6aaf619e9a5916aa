"""Guatemala's files say what they should, and the reader refuses what it has not got."""

import re
import unicodedata
from collections import Counter

import pytest

from lms.organization.country import Country, Outlines, available, load, outlines

MUNICIPALITIES = [17, 8, 16, 16, 14, 14, 19, 8, 24, 21, 9, 30, 33, 21, 8, 17, 14, 5, 11, 11, 7, 17]
LOOKALIKES = "'’‘`´ꞌ"


@pytest.fixture(scope="module")
def gt() -> Country:
    return load("GT")


@pytest.fixture(scope="module")
def drawings() -> Outlines:
    return outlines("GT")


def test_there_are_22_departments_and_340_municipalities(gt: Country) -> None:
    assert [level.key for level in gt.levels] == ["department", "municipality"]
    assert [place.code for place in gt.at("department")] == [f"{n:02}" for n in range(1, 23)]
    assert len(gt.at("municipality")) == 340
    assert [len(gt.within(f"{n:02}")) for n in range(1, 23)] == MUNICIPALITIES


def test_no_code_is_given_twice(gt: Country) -> None:
    assert len(gt.places) == 362  # a code met again would have replaced the first


def test_municipalities_are_numbered_without_gaps_inside_their_department(gt: Country) -> None:
    for department in gt.at("department"):
        codes = [place.code for place in gt.within(department.code)]
        assert codes == [f"{department.code}{n:02}" for n in range(1, len(codes) + 1)]


def test_every_department_carries_its_iso_code(gt: Country) -> None:
    assert [place.iso for place in gt.at("department")] == [f"GT-{n:02}" for n in range(1, 23)]
    assert all(place.iso is None for place in gt.at("municipality"))


@pytest.mark.parametrize(
    ("code", "name", "parent"),
    [
        ("03", "Sacatepéquez", None),
        ("14", "Quiché", None),
        ("17", "Petén", None),
        ("0108", "Mixco", "01"),
        ("0603", "Santa Rosa de Lima", "06"),
        ("0908", "San Miguel Sigüilá", "09"),
        ("0920", "Coatepeque", "09"),
        ("1005", "San José El Ídolo", "10"),
        ("1304", "Cuilco", "13"),
        ("1309", "San Ildefonso Ixtahuacán", "13"),
        ("1333", "Petatán", "13"),
        ("1406", "Santo Tomás Chichicastenango", "14"),
        ("1414", "San Andrés Sajcabajá", "14"),
        ("1420", "Ixcán", "14"),
        ("1617", "Raxruhá", "16"),
        ("2217", "Quesada", "22"),
    ],
)
def test_names_are_spelled_with_their_accents(gt: Country, code: str, name: str, parent: str | None) -> None:
    assert (gt.places[code].name, gt.places[code].parent_code) == (name, parent)


def test_names_are_composed_trimmed_and_told_apart_inside_a_department(gt: Country) -> None:
    for place in gt.places.values():
        for name in (place.name, *place.aliases):
            assert name == unicodedata.normalize("NFC", name).strip()
            assert re.fullmatch(r"[A-Za-zÁÉÍÓÚÑÜáéíóúñü ]+", name), name
        assert place.name not in place.aliases
    for department in gt.at("department"):
        names = Counter(name for place in gt.within(department.code) for name in (place.name, *place.aliases))
        assert max(names.values()) == 1


@pytest.mark.parametrize(
    ("code", "alias"),
    [
        ("1304", "San Andrés Cuilco"),
        ("1406", "Chichicastenango"),
        ("1420", "Playa Grande Ixcán"),
        ("1611", "Lanquín"),
        ("1612", "Cahabón"),
    ],
)
def test_a_place_is_known_by_its_other_names(gt: Country, code: str, alias: str) -> None:
    assert alias in gt.places[code].aliases


def test_languages_of_a_place_come_with_how_sure_we_are(gt: Country) -> None:
    assert gt.places["1304"].languages == ("spa", "mam", "ttc")
    assert gt.places["1309"].languages == ("mam",)
    assert gt.places["1406"].languages == gt.places["1414"].languages == ("quc",)
    assert gt.places["0101"].languages == ()  # unknown is not Spanish
    for said in gt.spoken:
        assert said.place in gt.places
        assert said.language in gt.languages
        assert said.extent in {"main", "part", "nearby"}
        assert said.status in {"sourced", "unverified"}
        assert bool(said.source) == (said.status == "sourced")


def test_the_25_languages_of_the_country_are_there_and_english_beside_them(gt: Country) -> None:
    national = [language for language in gt.languages.values() if language.national]
    assert Counter(language.family for language in national) == {
        "mayan": 22, "arawakan": 1, "xinkan": 1, "indo-european": 1,
    }  # fmt: skip
    assert [language.code for language in gt.languages.values() if not language.national] == ["eng"]


def test_languages_have_codes_and_tags_of_the_right_shape(gt: Country) -> None:
    tags = {code: language.tag for code, language in gt.languages.items()}
    assert (tags["spa"], tags["eng"], tags["quc"]) == ("es-GT", "en", "quc")
    assert len(set(tags.values())) == len(tags)
    for language in gt.languages.values():
        assert re.fullmatch(r"[a-z]{3}", language.code)
        assert re.fullmatch(r"[a-z]{2,3}(-[A-Z]{2})?(-x-[a-z0-9]{1,8})?", language.tag)
        assert set(language.name) == {"spa", "eng"}
    local = [language for language in gt.languages.values() if language.iso != language.code]
    assert [(language.code, language.iso) for language in local] == [("qch", "agu")]
    assert "qaa" <= local[0].code <= "qtz"


def test_glottal_marks_are_letters_and_never_quotation_marks(gt: Country) -> None:
    assert gt.languages["quc"].autonym == "K\u02bciche\u02bc"
    assert gt.languages["kek"].autonym == "Q\u02bceqchi\u02bc"
    assert gt.languages["kjb"].autonym == "Q\u02bcanjob\u02bcal"
    assert sum("\u02bc" in language.autonym for language in gt.languages.values()) == 8
    for language in gt.languages.values():
        for word in (language.autonym, *language.name.values(), *language.aliases):
            assert not set(word) & set(LOOKALIKES), word
            assert word == unicodedata.normalize("NFC", word)


def test_every_place_has_an_outline_and_every_outline_a_place(gt: Country, drawings: Outlines) -> None:
    assert set(drawings.places) == set(gt.places)
    assert [lake.name for lake in drawings.lakes] == ["Lago de Amatitlán", "Lago de Atitlán", "Lago de Izabal"]
    assert "MINFIN" in drawings.source


def test_outlines_stay_inside_the_drawing_and_labels_inside_their_outline(drawings: Outlines) -> None:
    for shape in (*drawings.places.values(), *drawings.lakes):
        rings = points(shape.path)
        assert all(0 <= x <= drawings.width and 0 <= y <= drawings.height for ring in rings for x, y in ring)
        assert all(len(ring) >= 4 for ring in rings)
        assert inside(shape.at, rings[0]), shape.name
        assert shape.radius > 0


def test_each_municipality_lies_in_its_department(gt: Country, drawings: Outlines) -> None:
    for place in gt.at("municipality"):
        rings = points(drawings.places[place.parent_code or ""].path)
        assert any(inside(drawings.places[place.code].at, ring) for ring in rings), place


def test_municipalities_and_lakes_fill_their_department_without_gap_or_overlap(gt: Country, drawings: Outlines) -> None:
    amatitlan, atitlan, _ = (size(lake.path) for lake in drawings.lakes)  # Izabal is cut out of its department
    lakes = {"01": amatitlan, "07": atitlan}
    for department in gt.at("department"):
        parts = sum(size(drawings.places[place.code].path) for place in gt.within(department.code))
        whole = size(drawings.places[department.code].path)
        assert parts + lakes.get(department.code, 0) == pytest.approx(whole, abs=0.5), department.name


def test_the_programme_municipalities_lie_where_they_should(drawings: Outlines) -> None:
    cuilco, ixtahuacan, chichicastenango, sajcabaja = (drawings.places[c].at for c in ("1304", "1309", "1406", "1414"))
    assert cuilco[0] < ixtahuacan[0] < chichicastenango[0] < sajcabaja[0]  # from the Mexican border to the east
    assert sajcabaja[1] < chichicastenango[1]  # Sajcabajá north of Chichicastenango


def test_the_outlines_weigh_little(drawings: Outlines) -> None:
    everything = sum(len(shape.path) for shape in drawings.places.values())
    departments = sum(len(shape.path) for code, shape in drawings.places.items() if len(code) == 2)
    assert everything < 100_000
    assert departments < 20_000


def test_a_country_without_files_is_refused_with_what_to_do() -> None:
    assert available() == ("GT",)
    for code in ("XX", "gt", "../GT", ""):
        with pytest.raises(LookupError, match="countries/"):
            load(code)


def points(path: str) -> list[list[tuple[float, float]]]:
    rings = []
    for part in path.split("M")[1:]:
        x = y = 0.0
        ring = []
        for dx, dy in re.findall(r"(-?[\d.]+),(-?[\d.]+)", part):
            x, y = round(x + float(dx), 1), round(y + float(dy), 1)
            ring.append((x, y))
        rings.append(ring)
    return rings


def size(path: str) -> float:
    return sum(
        abs(sum(ax * by - bx * ay for (ax, ay), (bx, by) in zip(ring, ring[1:] + ring[:1], strict=True))) / 2
        for ring in points(path)
    )


def inside(p: tuple[float, float], ring: list[tuple[float, float]]) -> bool:
    crossings = 0
    for (ax, ay), (bx, by) in zip(ring, ring[1:] + ring[:1], strict=True):
        if (ay > p[1]) != (by > p[1]) and p[0] < (bx - ax) * (p[1] - ay) / (by - ay) + ax:
            crossings += 1
    return crossings % 2 == 1

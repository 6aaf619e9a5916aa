"""The Spanish of a room is one file; a gap, a slip or a leftover in it is named; what is good is compiled by itself."""

import os
from gettext import GNUTranslations

import pytest

from lms.core import catalogue

HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'
HEAD += '"Plural-Forms: nplurals=2; plural=n != 1;\\n"\n\n'
ROOMS = ("core", "people")


@pytest.fixture
def house(tmp_path):
    """A small application of two rooms and a place for its Spanish."""
    package, folder = tmp_path / "lms", tmp_path / "translations"
    (package / "people" / "templates" / "people").mkdir(parents=True)
    (package / "core").mkdir()
    (folder / "es").mkdir(parents=True)
    (package / "core" / "a.py").write_text('_("Save")\n_l("Hello %(name)s")\nN_("Later")\n')
    (package / "people" / "b.py").write_text('ngettext("%(num)d person", "%(num)d people", 2)\n_("Save")\n')
    (package / "people" / "templates" / "people" / "list.html").write_text(
        "{{ _('Remove') }}{% trans count=n %}\n  One line\n  {{ count }}\n{% pluralize %}Many lines{% endtrans %}"
    )
    return package, folder


GOOD = {
    "core": [("Save", "Guardar"), ("Hello %(name)s", "Hola, %(name)s"), ("Later", "Después")],
    "people": [
        ("Remove", "Quitar"),
        (("%(num)d person", "%(num)d people"), ("%(num)d persona", "%(num)d personas")),
        (("One line %(count)s", "Many lines"), ("Una línea %(count)s", "Muchas líneas")),
    ],
}


def write(folder, **rooms):
    for room, messages in rooms.items():
        lines = [HEAD]
        for said, spanish in messages:
            if isinstance(said, tuple):
                lines.append(f'msgid "{said[0]}"\nmsgid_plural "{said[1]}"\n')
                lines.append(f'msgstr[0] "{spanish[0]}"\nmsgstr[1] "{spanish[1]}"\n\n')
            else:
                lines.append(f'msgid "{said}"\nmsgstr "{spanish}"\n\n')
        (folder / "es" / f"{room}.po").write_text("".join(lines), "utf-8")


def said(house) -> list[str]:
    return sorted(str(problem) for problem in catalogue.check_catalogue(house[0], ROOMS, house[1]))


def test_every_way_to_say_something_is_found(house):
    found = catalogue.uses(house[0], ROOMS)
    assert {key[0]: use.room for key, use in found.items()} == {
        "Save": "core",
        "Hello %(name)s": "core",
        "Later": "core",
        "%(num)d person": "people",
        "Remove": "people",
        "One line %(count)s": "people",
    }


def test_good_spanish_passes(house):
    write(house[1], **GOOD)
    assert said(house) == []


def test_what_is_missing_is_named_where_it_is_said(house):
    write(house[1], core=GOOD["core"][:2], people=[*GOOD["people"][1:], ("Remove", "")])
    assert said(house) == [
        "lms/core/a.py:3: “Later” has no Spanish.",
        "lms/people/templates/people/list.html:1: “Remove” has no Spanish.",
    ]


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ([("Gone", "Se fue")], "“Gone” is said nowhere."),
        ([("Save", "Grabar")], "“Save” has another translation in translations/es/core.po."),
        ([("Save", "Guardar %(name)s")], "“Save” has other placeholders in Spanish."),
        ([("Save", "<b>Guardar</b>")], "“Save” has other HTML tags in Spanish."),
    ],
)
def test_slips_and_leftovers_are_named_with_their_line(house, more, sentence):
    write(house[1], **(GOOD | {"people": [*GOOD["people"], *more]}))
    found = [one for one in said(house) if sentence in one]
    assert len(found) == 1
    assert found[0].startswith("translations/es/people.po:19: ")


def test_a_renamed_placeholder_is_named(house):
    write(house[1], **(GOOD | {"core": [GOOD["core"][0], ("Hello %(name)s", "Hola, %(nombre)s"), GOOD["core"][2]]}))
    assert said(house) == ["translations/es/core.po:9: “Hello %(name)s” has other placeholders in Spanish."]


def test_doubtful_entries_are_named_and_not_shown(house):
    write(house[1], **GOOD)
    path = house[1] / "es" / "core.po"
    path.write_text(path.read_text("utf-8").replace('msgid "Save"', '#, fuzzy\nmsgid "Save"'), "utf-8")
    assert any("marked as doubtful" in one for one in said(house))
    assert spanish(house[1]).gettext("Save") == "Save"


def test_a_sentence_that_counts_needs_both_forms(house):
    write(
        house[1], **(GOOD | {"people": [GOOD["people"][0], ("%(num)d person", "%(num)d persona"), GOOD["people"][2]]})
    )
    assert any("needs a singular and a plural" in one for one in said(house))


def test_a_broken_file_is_named_and_the_others_still_count(house, caplog):
    write(house[1], **GOOD)
    (house[1] / "es" / "people.po").write_text('msgid "Remove"\nQuitar\n', "utf-8")
    assert any("This is not a po file" in one for one in said(house))
    assert spanish(house[1]).gettext("Save") == "Guardar"
    assert "people.po" in caplog.text


def spanish(folder) -> GNUTranslations:
    with catalogue.compile_catalogue(folder, folder).open("rb") as file:
        return GNUTranslations(file)


def test_the_compiled_catalogue_holds_all_rooms(house):
    write(house[1], **GOOD)
    read = spanish(house[1])
    assert read.gettext("Remove") == "Quitar"
    assert [read.ngettext("%(num)d person", "%(num)d people", count) for count in (1, 3)] == [
        "%(num)d persona",
        "%(num)d personas",
    ]


def test_it_is_compiled_again_only_when_something_changed(house, tmp_path):
    write(house[1], **GOOD)
    data = tmp_path / "data"
    assert catalogue.refresh_compiled(house[1], data) == house[1]
    compiled = house[1] / "es" / "LC_MESSAGES" / "messages.mo"
    first = compiled.stat().st_ino
    catalogue.refresh_compiled(house[1], data)
    assert compiled.stat().st_ino == first
    later = compiled.stat().st_mtime + 5
    os.utime(house[1] / "es" / "core.po", (later, later))
    catalogue.refresh_compiled(house[1], data)
    assert compiled.stat().st_ino != first
    assert not data.exists()


def test_it_is_compiled_into_the_data_folder_when_the_program_may_not_be_written(house, tmp_path, monkeypatch):
    write(house[1], **GOOD)
    (house[1] / "es" / "LC_MESSAGES").write_text("a file where the folder should be")  # refuses root too
    data = tmp_path / "data"
    assert catalogue.refresh_compiled(house[1], data) == data / "translations"
    assert (data / "translations" / "es" / "LC_MESSAGES" / "messages.mo").exists()


def test_updating_adds_what_is_said_and_takes_out_what_is_not(house):
    write(house[1], core=[*GOOD["core"][:2], ("Gone", "Se fue")])
    assert catalogue.update(house[0], ROOMS, house[1]) == {"core": (1, 1), "people": (3, 0)}
    assert catalogue.update(house[0], ROOMS, house[1]) == {}
    text = (house[1] / "es" / "core.po").read_text("utf-8")
    assert 'msgid "Later"\nmsgstr ""' in text
    assert 'msgid "Save"\nmsgstr "Guardar"' in text
    assert "Gone" not in text


def test_updating_one_room_leaves_the_others_alone(house):
    assert catalogue.update(house[0], ROOMS, house[1], only="people") == {"people": (3, 0)}
    assert not (house[1] / "es" / "core.po").exists()


def test_extracting_writes_one_template_for_translators(house):
    assert catalogue.extract(house[0], ROOMS, house[1] / "messages.pot") == 6
    assert "#: lms/core/a.py:1" in (house[1] / "messages.pot").read_text("utf-8")

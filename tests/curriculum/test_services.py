"""Loading is whole or not at all; what is published stays; what goes out is what came in."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from lms.access.policy import Role
from lms.assessment.models import Bank, Question, QuestionKey, Rubric
from lms.core.database import db
from lms.core.errors import BadInput, RuleBroken
from lms.core.models import AuditEntry
from lms.core.texts import folded
from lms.curriculum.models import Activity, ActivityText, Course, Module, Version, VersionFile
from lms.curriculum.overview import changes_between, contents_of, warnings_of
from lms.curriculum.package.canonical import pack, unpack
from lms.curriculum.queries import lesson_languages, lesson_text, outline_of, question_numbers, questions_of
from lms.curriculum.services import discard_draft, export_package, load_package, package_files, publish, withdraw
from lms.library.models import Fact
from tests import factories
from tests.curriculum.packages import SPA, added, body, changed, example, without
from tests.factories import NOW

CONTENTS = (Course, Version, Module, Activity, ActivityText, Bank, Question, QuestionKey, Rubric, VersionFile)


def counts() -> dict[str, int]:
    return {model.__name__: db.session.scalar(select(func.count()).select_from(model)) for model in CONTENTS}


def newer() -> dict[str, bytes]:
    return body("Un párrafo más.")


def test_a_package_becomes_a_draft_with_everything_in_it(db_session, load):
    version = load()
    assert (version.number, version.state, version.label) == (1, "draft", "1")
    assert counts() == {
        "Course": 1, "Version": 1, "Module": 1, "Activity": 3, "ActivityText": 2, "Bank": 1, "Question": 2,
        "QuestionKey": 2, "Rubric": 1, "VersionFile": 1,
    }  # fmt: skip
    outline = outline_of(version.id)
    assert [(one.number, one.slug, one.kind) for one in outline.activities] == [
        (1, "a-quien-aviso", "lesson"), (2, "prueba", "quiz"), (3, "encuentro", "session"),
    ]  # fmt: skip
    assert question_numbers(version.id) == {"m1": {"avisar-primero": 1, "una-senal": 2}}
    assert questions_of(version.id)[1].is_critical
    assert folded("curso pequeño de ejemplo") in version.search


def test_what_a_page_gets_of_a_question_holds_no_answer(db_session, load):
    load()
    for body_of, key in db.session.execute(select(Question.body, QuestionKey.key).join(QuestionKey)):
        assert "right" not in body_of
        assert "answer" not in body_of
        assert "why" not in str(body_of)
        assert key["explain"] is not None


def test_the_same_package_twice_changes_nothing(db_session, load):
    first = load()
    before = counts()
    again = load_package(example(), factories.agency(), None, NOW)
    assert (again.version.id, again.is_new) == (first.id, False)
    assert counts() == before


def test_facts_that_travel_along_do_not_make_another_package(db_session, load):
    first = load()
    assert load_package(without("facts.toml"), factories.agency(), None, NOW).version.id == first.id


def test_a_newer_draft_takes_the_place_of_the_older_one(db_session, load):
    first = load()
    first_id = first.id
    second = load(newer())
    assert (second.number, second.id == first_id) == (1, False)
    assert counts()["Version"] == 1
    assert counts()["Question"] == 2


def test_a_package_with_a_problem_leaves_nothing_behind(db_session):
    owner = factories.agency()
    with pytest.raises(BadInput) as refusal:
        load_package(body("{fact:gone}"), owner, None, NOW)
    assert [problem.file for problem in refusal.value.problems] == [SPA]
    assert set(counts().values()) == {0}
    assert db.session.scalar(select(func.count()).select_from(Fact)) == 0


def test_a_course_of_somebody_else_is_not_taken_over(db_session, load):
    load()
    stranger = factories.actor(Role.ADMINISTRATOR, factories.unit("World Vision", kind="ngo"))
    with pytest.raises(RuleBroken):
        load_package(newer(), factories.agency(), stranger, NOW)
    keeper = factories.actor()
    assert load_package(newer(), factories.agency(), keeper, NOW).version.created_by == keeper.user_id


def test_publishing_makes_it_the_version_people_are_enrolled_in(db_session, load):
    version = load()
    publish(version, factories.actor(), NOW)
    assert (version.state, version.published_at, version.course.current_version_id) == ("published", NOW, version.id)
    with pytest.raises(RuleBroken):
        publish(version, factories.actor(), NOW)
    acts = db.session.scalars(select(AuditEntry.action).where(AuditEntry.object_kind == "version")).all()
    assert sorted(acts) == ["course.load", "course.publish"]


def test_a_version_that_lost_a_fact_is_not_published(db_session, load):
    version = load()
    db.session.query(Fact).delete()
    with pytest.raises(BadInput):
        publish(version, factories.actor(), NOW)
    assert version.state == "draft"


def test_the_next_version_leaves_the_published_one_alone(db_session, load):
    first = load(is_published=True)
    second = load(newer(), is_published=True)
    assert (second.number, first.state, first.course.current_version_id) == (2, "published", second.id)
    assert "más" not in lesson_text(outline_of(first.id).activities[0], outline_of(first.id), "spa").source
    assert "más" in lesson_text(outline_of(second.id).activities[0], outline_of(second.id), "spa").source


def test_an_older_version_may_come_back(db_session, load):
    first, second = load(is_published=True), load(newer(), is_published=True)
    publish(first, factories.actor(), NOW)
    assert first.course.current_version_id == first.id
    assert second.state == "published"


def test_a_withdrawn_version_gives_way_to_the_one_before(db_session, load):
    first, second = load(is_published=True), load(newer(), is_published=True)
    withdraw(second, factories.actor(), NOW)
    assert (second.state, second.course.current_version_id) == ("withdrawn", first.id)
    withdraw(first, factories.actor(), NOW)
    assert first.course.current_version_id is None
    with pytest.raises(RuleBroken):
        withdraw(first, factories.actor(), NOW)


def test_only_a_draft_can_be_thrown_away(db_session, load):
    published = load(is_published=True)
    with pytest.raises(RuleBroken):
        discard_draft(published, factories.actor(), NOW)
    draft = load(newer())
    discard_draft(draft, factories.actor(), NOW)
    assert counts()["Version"] == 1


def test_a_course_that_was_only_a_draft_goes_with_it(db_session, load):
    discard_draft(load(), factories.actor(), NOW)
    db.session.commit()
    assert set(counts().values()) == {0}


@pytest.mark.parametrize("model", [Module, Activity, ActivityText, Question, QuestionKey, Rubric, Bank, VersionFile])
def test_what_a_version_holds_is_never_changed(db_session, load, model):
    load(is_published=True)
    row = db.session.scalars(select(model)).first()
    db.session.delete(row)
    with pytest.raises(RuleBroken):
        db.session.flush()
    db.session.rollback()
    row = db.session.scalars(select(model)).first()
    column = {Activity: "minutes", ActivityText: "title", QuestionKey: "key", VersionFile: "sha256"}.get(model, "slug")
    setattr(row, column, {"a": 1} if column == "key" else 7 if column == "minutes" else "x")
    with pytest.raises(RuleBroken):
        db.session.flush()


def test_neither_is_the_version_itself(db_session, load):
    version = load(is_published=True)
    version.pass_mark = 10
    with pytest.raises(RuleBroken):
        db.session.flush()
    db.session.rollback()
    db.session.delete(db.session.get_one(Version, version.id))
    with pytest.raises(RuleBroken):
        db.session.flush()


def test_two_versions_never_share_a_number(db_session, load):
    load(is_published=True)
    second = load(newer())
    with pytest.raises(IntegrityError):
        db.session.execute(update(Version).where(Version.id == second.id).values(number=1))


def test_what_goes_out_is_what_came_in(db_session, load):
    version = load()
    assert package_files(version) == without("facts.toml")
    files = export_package(version)
    assert {path: data for path, data in files.items() if path != "facts.toml"} == without("facts.toml")
    assert b'key = "police-emergency"' in files["facts.toml"]
    assert load_package(files, factories.agency(), None, NOW).version.id == version.id


def test_a_server_without_the_facts_takes_them_in_to_be_checked(db_session, load):
    files = example() | {"facts.toml": example()["facts.toml"].replace(b'"unverified"', VERIFIED)}
    load(files)
    fact = db.session.get_one(Fact, "police-emergency")
    assert (fact.value["spa"], fact.is_verified) == ("110", False)


VERIFIED = b'"verified"\nsource = "PNC"\nchecked_on = 2026-11-01\nchecked_by = "Equipo"'

NAMES = st.from_regex(r"media/[a-z][a-z0-9]{0,8}\.(mp3|opus)", fullmatch=True)
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"), exclude_characters="{<`:!["), max_size=80)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(media=st.dictionaries(NAMES, st.binary(min_size=1, max_size=300), max_size=3), title=WORDS, note=WORDS)
def test_every_package_comes_back_byte_for_byte(db_session, media, title, note):
    files = without("facts.toml") | media
    files["m1/module.toml"] += f"\n# {note}\r\n".encode()
    files["README.md"] = title.encode()
    files["facts.toml"] = example()["facts.toml"]
    version = load_package(files, factories.agency(), None, NOW).version
    exported = export_package(version)
    again = load_package(exported, factories.agency(), None, NOW)
    try:
        assert exported.keys() == files.keys()
        assert all(exported[path] == files[path] for path in files if path != "facts.toml")
        assert not again.is_new
    finally:
        db.session.rollback()


@given(st.dictionaries(st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=1), st.binary()))
def test_the_canonical_zip_depends_on_the_files_alone(files):
    data = pack(files)
    assert unpack(data) == files
    assert pack(dict(reversed(list(files.items())))) == data


def test_changes_are_named_activity_by_activity(db_session, load):
    first = load(is_published=True)
    files = changed("m1/module.toml", "minutes = 5", "minutes = 6")
    files[SPA] = newer()[SPA]
    files["m1/module.toml"] = files["m1/module.toml"].replace(b'slug = "encuentro"', b'slug = "taller"')
    files["banks/m1.toml"] = files["banks/m1.toml"].replace(b"ya es una prueba", b"ya lo prueba todo")
    activities, questions = changes_between(first, load(files))
    assert [one.name for one in activities.added] == ["m1/taller"]
    assert [one.name for one in activities.removed] == ["m1/encuentro"]
    assert [(one.name, one.what) for one in activities.changed] == [
        ("m1/a-quien-aviso", ("spa",)), ("m1/prueba", ("minutes",)),
    ]  # fmt: skip
    assert [(one.name, one.what) for one in questions.changed] == [("m1/una-senal", ("question",))]


def test_what_is_missing_in_a_language_is_counted(db_session, load):
    version = load()
    contents = contents_of(version, outline_of(version.id))
    spa, _eng, quc = contents.coverage
    assert (spa.texts, spa.questions, spa.missing) == (1, 2, [])
    assert [(module, slug) for module, slug, _title in quc.missing] == [("m1", "a-quien-aviso")]
    assert warnings_of(version.package_sha) == ()


def test_a_draft_in_another_language_is_read_in_the_source(db_session, load):
    text = example()[SPA].replace(b"Usted no tiene", b"Man rajawaxik", 1)
    version = load(added("m1/a-quien-aviso.quc.md", text))
    outline = outline_of(version.id)
    lesson = outline.activities[0]
    assert lesson_languages(lesson, outline) == ["spa", "eng"]
    assert lesson_text(lesson, outline, "quc").language == "spa"
    reviewed = changed("m1/module.toml", 'status.quc = "draft"', 'status.quc = "reviewed"')
    outline = outline_of(load(reviewed | {"m1/a-quien-aviso.quc.md": text}).id)
    assert lesson_text(outline.activities[0], outline, "quc").language == "quc"

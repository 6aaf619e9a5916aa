"""People, the posts they hold on any day, and two records of one person."""

from datetime import date

import pytest
from sqlalchemy import func, select

from lms.access.policy import Role
from lms.core.database import db
from lms.core.errors import NotAllowed, RuleBroken
from lms.core.ids import id_text
from lms.core.models import AuditEntry
from lms.organization.models import Person, PersonTraits, Place, Profession
from lms.organization.queries.people import (
    PeopleFilter,
    counted_once,
    people_page,
    posts_of,
    records_of,
    resolve,
)
from lms.organization.queries.posts import PostFilter, posts_page, tally
from lms.organization.services import people as services
from lms.organization.services import posts as post_services
from lms.organization.services.places import add_community, change_community, load_country
from lms.organization.services.posts import load_professions
from lms.organization.services.projects import save_project
from tests.factories import NOW, TODAY, actor, agency, holding, person, post, unit


def names(words: str = "", **wanted) -> list[str]:
    rows, _pages = people_page(actor(), PeopleFilter(words, **wanted))
    return [row.name for row in rows]


@pytest.mark.parametrize("words", ["kʼicheʼ", "K'iche'", "k’iche’ maria", "MARÍA", "pena", "ia K"])
def test_people_are_found_whatever_accents_and_apostrophes_one_types(db_session, words):
    person("María K’iche’ Peña")
    person("Juan Pérez")
    assert names(words) == ["María K’iche’ Peña"]


def test_signs_of_a_search_mean_only_themselves(db_session):
    person("Ana Us")
    assert names("%") == []
    assert names("_") == []


def test_a_list_is_narrowed_by_branch_state_and_staff_key(db_session):
    office = unit("Sede")
    person("Ana Us", unit("Sala", office), key="A-7")
    person("Eva Xol", office, left_on=date(2026, 1, 1))
    person("Otra")
    assert names(unit=office) == ["Ana Us"]
    assert names(unit=office, is_own=True) == []
    assert names(unit=office, state="left") == ["Eva Xol"]
    assert names(unit=office, state="all") == ["Ana Us", "Eva Xol"]
    assert names("a-7") == ["Ana Us"]


def test_a_page_holds_fifty_and_says_how_many_there_are(db_session):
    for number in range(120):
        person(f"Ana {'x' * (number % 7)} {number}")
    rows, pages = people_page(actor(), PeopleFilter(), "-name", 3)
    assert (len(rows), pages.total, pages.pages) == (20, 120, 3)


def test_registering_tidies_names_and_folds_them_for_search(db_session):
    made = services.add_person(actor(), agency(), {"given_names": "  Ana   Lucía ", "family_names": "Us"}, NOW)
    assert (made.name, made.name_folded, made.content_language) == ("Ana Lucía Us", "ana lucia us", "spa")


def test_a_staff_key_is_somebody_s_own_in_an_office(db_session):
    person("Ana Us", key="7")
    with pytest.raises(RuleBroken):
        services.add_person(actor(), agency(), {"given_names": "Eva", "key": "7"}, NOW)
    office = unit("Sede")
    other = services.add_person(actor(), office, {"given_names": "Eva", "key": "7"}, NOW)
    with pytest.raises(RuleBroken):
        services.move_person(actor(), other, agency(), TODAY, NOW)


def test_who_moves_leaves_the_posts_of_the_old_office_that_day(db_session):
    old, new = unit("Vieja"), unit("Nueva")
    ana = person("Ana Us", old)
    holding(post(old), ana)
    kept = holding(post(agency()), ana)
    assert services.move_person(actor(), ana, new, TODAY, NOW) == 1
    assert ana.unit_id == new.id
    assert [one.until_on for one in posts_of(ana) if one.id != kept.id] == [TODAY]
    assert kept.until_on is None


def test_who_leaves_vacates_everything_and_may_come_back(db_session):
    ana = person("Ana Us")
    holding(post(agency()), ana)
    assert services.leave(actor(), ana, TODAY, NOW) == 1
    assert names() == []
    services.come_back(actor(), ana, NOW)
    assert names() == ["Ana Us"]


def test_posts_are_filled_or_vacant_as_of_any_day(db_session):
    office = unit("Sede")
    ana, eva = person("Ana Us", office), person("Eva Xol", office)
    one = post(office, opened_on=date(2026, 1, 1))
    post(office, opened_on=date(2026, 6, 1), closed_on=date(2026, 10, 1))
    post_services.fill_post(actor(), one, ana, date(2026, 2, 1), date(2026, 5, 1), NOW)
    post_services.fill_post(actor(), one, eva, date(2026, 5, 1), None, NOW)

    def told(day: date) -> list[tuple[str, str]]:
        rows, _pages = posts_page(actor(), PostFilter(day, office), "since")
        counted = tally(actor(), PostFilter(day, office))
        assert sum(row.posts for row in counted) == len(rows)
        assert sum(row.filled for row in counted) == sum(bool(row.person_id) for row in rows)
        return [row.holder for row in rows]

    assert told(date(2025, 12, 31)) == []
    assert told(date(2026, 1, 31)) == [""]
    assert told(date(2026, 4, 30)) == ["Ana Us"]
    assert told(date(2026, 5, 1)) == ["Eva Xol"]
    assert sorted(told(date(2026, 6, 1))) == ["", "Eva Xol"]
    assert told(date(2026, 10, 1)) == ["Eva Xol"]


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2025, 12, 1), None),
        (date(2026, 3, 1), None),
        (date(2026, 1, 1), date(2026, 2, 2)),
        (date(2026, 9, 1), date(2026, 8, 1)),
    ],
)
def test_a_post_is_never_held_twice_nor_outside_its_days(db_session, first, last):
    one = post(agency(), opened_on=date(2026, 1, 1))
    post_services.fill_post(actor(), one, person("Ana Us"), date(2026, 2, 1), date(2026, 8, 1), NOW)
    with pytest.raises(RuleBroken):
        post_services.fill_post(actor(), one, person("Eva Xol"), first, last, NOW)


def test_a_post_that_closes_is_left_and_one_held_later_is_not_closed_before(db_session):
    one = post(agency())
    held = holding(one, person("Ana Us"))
    post_services.close_post(actor(), one, TODAY, NOW)
    assert (held.until_on, one.closed_on) == (TODAY, TODAY)
    other = post(agency())
    holding(other, person("Eva Xol"), from_on=date(2026, 12, 1))
    with pytest.raises(RuleBroken):
        post_services.close_post(actor(), other, TODAY, NOW)


def test_vacating_needs_a_day_on_which_it_was_held(db_session):
    held = holding(post(agency()), person("Ana Us"), from_on=date(2026, 2, 1))
    with pytest.raises(RuleBroken):
        post_services.vacate_post(actor(), held, date(2026, 2, 1), NOW)
    post_services.vacate_post(actor(), held, date(2026, 3, 1), NOW)
    with pytest.raises(RuleBroken):
        post_services.vacate_post(actor(), held, date(2026, 4, 1), NOW)


def test_several_posts_are_opened_at_once_and_a_key_belongs_to_one(db_session):
    nurse = db_session.get_one(Profession, "nurse")
    assert len(post_services.open_posts(actor(), agency(), nurse, None, 3, TODAY, NOW)) == 3
    with pytest.raises(RuleBroken):
        post_services.open_posts(actor(), agency(), nurse, "N-1", 2, TODAY, NOW)
    post_services.open_posts(actor(), agency(), nurse, "N-1", 1, TODAY, NOW)
    with pytest.raises(RuleBroken):
        post_services.open_posts(actor(), agency(), nurse, "N-1", 1, TODAY, NOW)


def count_people() -> int:
    return db.session.scalar(select(func.count(counted_once.distinct()))) or 0


def test_joined_records_count_once_and_every_record_leads_to_the_one_that_is_kept(db_session):
    one, two, three = person("Ana Us"), person("Ana Us Tzoc"), person("A. Us")
    held = holding(post(agency()), two)
    services.merge(actor(), two, three, NOW)
    services.merge(actor(), one, two, NOW)
    assert [resolve(each.id) for each in (one, two, three)] == [one.id] * 3
    assert set(db_session.scalars(records_of(one.id))) == {one.id, two.id, three.id}
    assert count_people() == 1
    assert names() == ["Ana Us"]
    assert posts_of(one) == [held], "the row stays where it was written"
    assert held.person_id == two.id


def test_a_joining_is_taken_back_whole(db_session):
    one, two, three = person("Ana Us"), person("Ana Us Tzoc"), person("A. Us")
    first = services.merge(actor(), two, three, NOW)
    second = services.merge(actor(), one, two, NOW)
    with pytest.raises(RuleBroken):
        services.unmerge(actor(), first, NOW)
    services.unmerge(actor(), second, NOW)
    assert [resolve(each.id) for each in (one, two, three)] == [one.id, two.id, two.id]
    with pytest.raises(RuleBroken):
        services.unmerge(actor(), second, NOW)
    services.unmerge(actor(), first, NOW)
    assert count_people() == 3


def test_a_record_is_not_joined_to_itself_twice_or_beyond_reach(db_session):
    one, two = person("Ana Us"), person("Ana Us Tzoc")
    with pytest.raises(RuleBroken):
        services.merge(actor(), one, one, NOW)
    with pytest.raises(NotAllowed):
        services.merge(actor(Role.REGISTRAR, unit("Sede")), one, two, NOW)
    services.merge(actor(), one, two, NOW)
    for again in ((one, two), (two, one)):
        with pytest.raises(RuleBroken):
            services.merge(actor(), *again, NOW)
    with pytest.raises(RuleBroken):
        services.change_person(actor(), two, {"given_names": "x"}, NOW)


def test_the_trail_names_acts_on_people_and_never_what_they_told(db_session):
    ana = services.add_person(actor(), agency(), {"given_names": "Ana", "family_names": "Us"}, NOW)
    services.save_traits(actor(), ana, {"people": "maya"}, NOW)
    entries = db_session.scalars(select(AuditEntry).where(AuditEntry.object_id == id_text(ana.id))).all()
    assert [entry.action for entry in entries] == ["person.add", "person.traits"]
    assert all("Ana" not in entry.note and "maya" not in entry.note for entry in entries)
    services.save_traits(actor(), ana, {}, NOW)
    assert db_session.get_one(PersonTraits, ana.id).people is None


def test_no_table_of_people_has_room_for_an_identity_number_or_a_position():
    columns = {*Person.__table__.columns.keys(), *PersonTraits.__table__.columns.keys()}
    assert not columns & {"cui", "dpi", "national_id", "latitude", "longitude", "address", "phone", "photo"}


def test_init_brings_the_country_and_again_changes_nothing(db_session):
    levels = dict(db_session.execute(select(Place.level, func.count()).group_by(Place.level)).all())
    assert levels == {"department": 22, "municipality": 340}
    assert load_country("GT") == 0
    assert load_professions() == 0


def test_a_place_that_was_renamed_in_the_data_is_corrected_and_communities_stay(db_session):
    town = db_session.get_one(Place, "1406")
    village = add_community(actor(), town, "Mactzul", ["quc"], NOW)
    town.name = "Chichi"
    db_session.flush()
    assert load_country("GT") == 1
    db_session.expire_all()
    assert db_session.get_one(Place, "1406").name == "Santo Tomás Chichicastenango"
    assert db_session.get_one(Place, village.code).name == "Mactzul"


def test_communities_get_codes_below_their_municipality_and_names_of_their_own(db_session):
    town = db_session.get_one(Place, "1406")
    one = add_community(actor(), town, "Mactzul", ["quc"], NOW)
    two = add_community(actor(), town, "Paxot", [], NOW)
    assert (one.code, two.code, two.level, two.parent_code) == ("1406-001", "1406-002", "community", "1406")
    with pytest.raises(RuleBroken):
        add_community(actor(), town, "MACTZUL", [], NOW)
    with pytest.raises(RuleBroken):
        change_community(actor(), two, "Mactzul", [], NOW)
    with pytest.raises(RuleBroken):
        add_community(actor(), db_session.get_one(Place, "14"), "x", [], NOW)
    with pytest.raises(RuleBroken):
        change_community(actor(), town, "x", [], NOW)


def test_a_project_ends_after_it_begins_and_its_code_is_its_own(db_session):
    values = {"code": "T", "name": "x", "funder": "", "starts_on": TODAY, "ends_on": None}
    made = save_project(actor(), None, agency(), values, NOW)
    assert save_project(actor(), made, agency(), values | {"name": "y"}, NOW).name == "y"
    with pytest.raises(RuleBroken):
        save_project(actor(), None, agency(), values, NOW)
    with pytest.raises(RuleBroken):
        save_project(actor(), made, agency(), values | {"ends_on": date(2020, 1, 1)}, NOW)

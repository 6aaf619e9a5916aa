"""What a told programme comes to, counted from the tables and never from what the telling says of itself."""

from collections import Counter
from datetime import datetime
from typing import Any

from sqlalchemy import text

from lms.certification.checking.queries import Check, check
from lms.core.clock import local_day
from lms.core.database import db

FOUR = ("1406", "1309", "1304", "1414")


def rows(query: str, **values: Any) -> list[Any]:
    """Ask the database."""
    return list(db.session.execute(text(query), values))


def facilitators(now: datetime) -> Counter[str]:
    """Count the people whose certificate as a facilitator is good today, by municipality."""
    found = rows(
        "SELECT c.code, substr(c.place_code, 1, 4), c.holder_id FROM credential c JOIN level l ON l.id = c.level_id "
        "WHERE l.slug = 'facilitadora-comunitaria'"
    )
    return Counter(place for code, place, _holder in found if checked(code, now).verdict == "valid")


def first_round(starts: str, ends: str) -> tuple[int, int, int]:
    """Count who was enrolled in the groups of facilitators that began between two days, came, and was certified."""
    groups = (
        "SELECT g.id FROM cohort g JOIN course k ON k.id = g.course_id "
        "WHERE k.slug = 'facilitadoras-comunitarias' AND g.starts_on BETWEEN :starts AND :ends"
    )
    queries = (
        f"SELECT count(DISTINCT person_id) FROM cohort_member WHERE cohort_id IN ({groups})",
        (
            "SELECT count(DISTINCT a.person_id) FROM attendance a JOIN session s ON s.id = a.session_id "
            f"WHERE a.state IN ('present', 'late') AND s.cohort_id IN ({groups})"
        ),
        f"SELECT count(DISTINCT holder_id) FROM credential WHERE cohort_id IN ({groups})",
    )
    enrolled, came, certified = (rows(query, starts=starts, ends=ends)[0][0] for query in queries)
    return enrolled, came, certified


def by_sex(query: str, **values: Any) -> dict[str, int]:
    """Count people by what they told; the query gives their ids."""
    told = f"SELECT t.sex, count(*) FROM person_traits t WHERE t.person_id IN ({query}) GROUP BY t.sex"
    return dict(tuple(row) for row in rows(told, **values))


def professionals(course: str) -> int:
    """Count the people who hold the certificate of a course taken without a group."""
    found = rows(
        "SELECT count(DISTINCT c.holder_id) FROM credential c JOIN version v ON v.id = c.version_id "
        "JOIN course k ON k.id = v.course_id WHERE c.cohort_id IS NULL AND k.slug = :course",
        course=course,
    )
    return int(found[0][0])


def checked(code: str, now: datetime) -> Check:
    """Check a certificate as the public page does."""
    return check(code, now, local_day(now))


def every_check(now: datetime) -> list[Check]:
    """Check every certificate there is."""
    return [checked(row[0], now) for row in rows("SELECT code FROM credential")]


def certified_short_of_something() -> list[Any]:
    """Name facilitators certified without three quarters of the meetings, the test, or a practice both signed."""
    return rows(
        """
        SELECT c.code FROM credential c
        JOIN level l ON l.id = c.level_id AND l.slug = 'facilitadora-comunitaria'
        WHERE c.renews_id IS NULL AND (
          (SELECT count(*) FROM attendance a JOIN session s ON s.id = a.session_id
           WHERE a.person_id = c.holder_id AND s.cohort_id = c.cohort_id AND a.state IN ('present', 'late')) * 4
          < (SELECT count(*) FROM session s WHERE s.cohort_id = c.cohort_id AND s.state = 'held') * 3
          OR (SELECT count(DISTINCT o.kind) FROM observation o
              WHERE o.person_id = c.holder_id AND o.cohort_id = c.cohort_id AND o.is_passed
              AND o.observer_id <> o.person_id AND o.person_signed_at IS NOT NULL
              AND o.person_signed_at < c.issued_at) < 3
          OR NOT EXISTS (SELECT 1 FROM attempt t JOIN enrolment e ON e.id = t.enrolment_id
              WHERE e.person_id = c.holder_id AND e.version_id = c.version_id AND t.is_passed AND t.score >= 80
              AND t.submitted_at < c.issued_at)
          OR NOT EXISTS (SELECT 1 FROM credential p JOIN level u ON u.id = p.level_id
              WHERE p.id = c.parent_id AND u.number = 1 AND p.issued_at < c.issued_at))
        """
    )

"""The rows of a package: written once, and removed together while it is a draft."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, insert, select, update

from lms.assessment.models import Bank, Question, QuestionKey, Rubric
from lms.core import storage
from lms.core.database import db
from lms.core.errors import RuleBroken
from lms.core.ids import new_id
from lms.core.texts import folded
from lms.curriculum.models import (
    Activity,
    ActivityText,
    Course,
    Module,
    Version,
    VersionBank,
    VersionFile,
    VersionRubric,
)
from lms.curriculum.package.canonical import sha_of
from lms.curriculum.package.drafts import CourseDraft, LessonDraft, Package
from lms.curriculum.package.pictures import media_type


def _search_text(course: CourseDraft) -> str:
    words: list[str] = []
    for texts in (course.title, course.neutral_title, course.summary):
        words += texts.values()
    return folded(" ".join([*words, *course.audiences, *course.tags]))


def write_version(
    package: Package,
    files: Mapping[str, bytes],
    course: Course,
    number: int,
    sha: str,
    creator_id: uuid.UUID | None,
    now: datetime,
    bridge: Version | None = None,
) -> Version:
    """Write a package down as a draft.

    :param bridge: the short unit it carries, written before.
    """
    said = package.course
    change = said.change
    version = Version(
        id=new_id(),
        course_id=course.id,
        number=number,
        label=said.label,
        state="draft",
        package_sha=sha,
        languages=said.languages,
        title=said.title,
        neutral_title=said.neutral_title,
        summary=said.summary,
        hours=said.hours,
        pass_mark=said.pass_mark,
        enrolment=said.enrolment,
        tags=said.tags,
        audiences=said.audiences,
        topics=said.topics,
        change={"what": change.what, "on": change.on and change.on.isoformat()} if change else None,
        is_material=bridge is not None and (change is None or change.is_material is not False),
        bridge_id=bridge.id if bridge else None,
        details=said.details
        | {"facts": package.facts, "recordings": package.recordings, "questions": package.question_count},
        search=_search_text(said),
        created_at=now,
        created_by=creator_id,
    )
    db.session.add(version)
    db.session.flush()
    _write_modules(package, version.id)
    _write_banks(package, version.id)
    _write_rubrics(package, version.id)
    _write_files(package, files, version.id, now)
    return version


def _write_modules(package: Package, version_id: uuid.UUID) -> None:
    modules, activities, texts = [], [], []
    for position, module in enumerate(package.modules, 1):
        module_id = new_id()
        modules.append(
            {
                "id": module_id,
                "version_id": version_id,
                "position": position,
                "slug": module.slug,
                "title": module.title,
                "objective": module.objective,
                "minutes": module.minutes,
                "details": module.details,
            }
        )
        for activity in module.activities:
            activity_id = new_id()
            activities.append(
                {
                    "id": activity_id,
                    "version_id": version_id,
                    "module_id": module_id,
                    "number": activity.number,
                    "slug": activity.slug,
                    "kind": activity.kind,
                    "title": activity.title,
                    "minutes": activity.minutes,
                    "is_required": activity.is_required,
                    "settings": activity.settings,
                }
            )
            texts += [_text(activity_id, text) for text in activity.texts.values()]
    _insert(Module, modules)
    _insert(Activity, activities)
    _insert(ActivityText, texts)


def _text(activity_id: uuid.UUID, text: LessonDraft) -> dict[str, Any]:
    return {
        "activity_id": activity_id,
        "language": text.language,
        "status": text.status,
        "reviewer": text.reviewer[:120],
        "title": text.title,
        "objective": text.objective,
        "content_note": text.content_note,
        "source": text.source,
        "source_sha": sha_of(text.source.encode()),
    }


def _write_banks(package: Package, version_id: uuid.UUID) -> None:
    banks = [{"id": new_id(), "slug": bank.slug} for bank in package.banks]
    questions: list[dict[str, Any]] = []
    keys = []
    for row, bank in zip(banks, package.banks, strict=True):
        for question in bank.questions:
            question_id = new_id()
            questions.append(
                {
                    "id": question_id,
                    "bank_id": row["id"],
                    "number": len(questions) + 1,
                    "slug": question.slug,
                    "kind": question.kind,
                    "is_critical": question.is_critical,
                    "topic": question.topic,
                    "weight": question.weight,
                    "body": question.body,
                }
            )
            keys.append({"question_id": question_id, "key": question.key})
    _insert(Bank, banks)
    _insert(VersionBank, [{"version_id": version_id, "bank_id": row["id"]} for row in banks])
    _insert(Question, questions)
    _insert(QuestionKey, keys)


def _write_rubrics(package: Package, version_id: uuid.UUID) -> None:
    rubrics = [
        {
            "id": new_id(),
            "slug": rubric.slug,
            "title": rubric.title,
            "pass_mark": rubric.pass_mark,
            "levels": rubric.levels,
            "criteria": rubric.criteria,
        }
        for rubric in package.rubrics
    ]
    _insert(Rubric, rubrics)
    _insert(VersionRubric, [{"version_id": version_id, "rubric_id": row["id"]} for row in rubrics])


def _write_files(package: Package, files: Mapping[str, bytes], version_id: uuid.UUID, now: datetime) -> None:
    stored = [
        {
            "version_id": version_id,
            "path": path,
            "sha256": storage.put(files[path], media_type(path) or "application/octet-stream", now),
        }
        for path in package.media
    ]
    _insert(VersionFile, stored)


def _insert(model: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        db.session.execute(insert(model), rows)


def remove_draft(version: Version) -> None:
    """Delete a draft with everything in it. Nothing can point at it: people are enrolled in published versions only."""
    if version.state != "draft":
        raise RuleBroken(_("Only a draft can be thrown away: a published version is part of people's history."))
    version_id = version.id
    carriers = update(Version).where(Version.bridge_id == version_id, Version.state == "draft")
    db.session.execute(carriers.values(bridge_id=None).execution_options(synchronize_session=False))
    activities = select(Activity.id).where(Activity.version_id == version_id)
    banks = _ids(VersionBank.bank_id, VersionBank.version_id, version_id)
    rubrics = _ids(VersionRubric.rubric_id, VersionRubric.version_id, version_id)
    questions = select(Question.id).where(Question.bank_id.in_(banks))
    for statement in (
        delete(ActivityText).where(ActivityText.activity_id.in_(activities)),
        delete(Activity).where(Activity.version_id == version_id),
        delete(Module).where(Module.version_id == version_id),
        delete(VersionFile).where(VersionFile.version_id == version_id),
        delete(VersionBank).where(VersionBank.version_id == version_id),
        delete(VersionRubric).where(VersionRubric.version_id == version_id),
        delete(QuestionKey).where(QuestionKey.question_id.in_(questions)),
        delete(Question).where(Question.bank_id.in_(banks)),
        delete(Bank).where(Bank.id.in_(banks)),
        delete(Rubric).where(Rubric.id.in_(rubrics)),
        delete(Version).where(Version.id == version_id),
    ):
        db.session.execute(statement.execution_options(synchronize_session=False))
    db.session.expunge(version)
    db.session.expire_all()


def _ids(column: Any, owner: Any, version_id: uuid.UUID) -> list[uuid.UUID]:
    return list(db.session.scalars(select(column).where(owner == version_id)))

"""A job runs once for every change that was committed, never for one that was not, and survives whoever runs it."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from lms.core import jobs, work
from lms.core.clock import frozen
from lms.core.database import read
from lms.core.errors import RuleBroken
from lms.core.ids import new_id
from lms.core.jobs import doing, handing, lives, rounds
from lms.core.models import AuditEntry, AuditLink, Job, SiteSetting
from lms.core.work import KINDS, PERIODS, Period

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def did(monkeypatch, clock):
    """Register a few jobs for this test and note what they did."""
    clock.hold(NOW)
    monkeypatch.setattr(work, "KINDS", KINDS)
    before, notes = dict(KINDS), []

    @jobs.job("tests.note")
    def note(run, **arguments):
        notes.append((run.requested_by, arguments))
        return {"noted": len(notes)}

    @jobs.job("tests.stumble")
    def stumble(run, until):
        notes.append(run.tries)
        if run.tries < until:
            raise OSError("the line is cut")

    @jobs.job("tests.refuse")
    def refuse(run):
        raise RuleBroken("This may not be done.")

    yield notes
    KINDS.clear()
    KINDS.update(before)


def row(session, job):
    session.expire_all()
    return session.get(Job, job.id)


def state_of(job_id):
    with read() as connection:
        return connection.scalar(select(Job.state).where(Job.id == job_id))


def test_a_job_runs_after_the_commit_with_its_arguments(db_session, did):
    actor = new_id()
    job = jobs.later("tests.note", {"unit": "abc"}, actor, NOW)
    db_session.commit()
    assert jobs.drain() == 1
    assert did == [(actor, {"unit": "abc"})]
    done = row(db_session, job)
    assert (done.state, done.result, done.tries, done.finished_at) == ("done", {"noted": 1}, 1, NOW)


def test_nothing_is_done_for_a_change_that_rolled_back(db_session, did):
    jobs.later("tests.note", {}, None, NOW)
    db_session.rollback()
    assert handing.queue().pending_count() == 0
    assert jobs.drain() == 0
    assert did == []


def test_a_job_asked_for_inside_a_savepoint_waits_for_the_whole(db_session, did):
    with db_session.begin_nested():
        jobs.later("tests.note", {}, None, NOW)
    assert handing.queue().pending_count() == 0
    db_session.commit()
    assert handing.queue().pending_count() == 1


def test_a_name_nobody_knows_is_refused_when_it_is_asked_for(db_session):
    with pytest.raises(LookupError):
        jobs.later("tests.nothing", {}, None, NOW)


def test_two_functions_cannot_be_the_same_job(did):
    with pytest.raises(ValueError, match=r"tests\.note"):
        jobs.job("tests.note")(lambda run: None)


def test_a_job_for_later_waits_until_it_is_due(db_session, did, clock):
    jobs.later("tests.note", {}, None, NOW, due_at=NOW + timedelta(hours=2))
    db_session.commit()
    assert jobs.drain() == 0
    clock.move(hours=3)
    assert jobs.drain() == 1


def test_a_job_delivered_twice_runs_once(db_session, did):
    job = jobs.later("tests.note", {}, None, NOW)
    db_session.commit()
    handing.hand([job.id, job.id])
    assert jobs.drain() == 1
    assert len(did) == 1


def test_a_queue_that_was_lost_is_filled_again_from_the_rows(app, db_session, did):
    jobs.later("tests.note", {}, None, NOW)
    db_session.commit()
    app.extensions.pop("queue")
    (Path(app.config["DATA_DIR"]) / "jobs.db").unlink()
    assert jobs.drain() == 1


def test_a_commit_stands_when_its_jobs_cannot_be_handed_over(app, db_session, did, caplog):
    app.config["JOBS_URL"] = "postgresql://nobody@127.0.0.1:1/nothing"
    app.extensions.pop("queue", None)
    jobs.later("tests.note", {}, None, NOW)
    db_session.commit()
    assert "could not be handed over" in caplog.text
    app.config["JOBS_URL"] = ""
    assert jobs.drain() == 1


def test_a_job_that_stumbles_is_tried_again_later(db_session, did, clock):
    job = jobs.later("tests.stumble", {"until": 2}, None, NOW)
    db_session.commit()
    jobs.drain()
    waiting = row(db_session, job)
    assert (waiting.state, waiting.tries, waiting.problem) == ("waiting", 1, "OSError: the line is cut")
    assert waiting.due_at > NOW
    clock.move(minutes=5)
    jobs.drain()
    assert row(db_session, job).state == "done"
    assert did == [1, 2]


def test_a_job_that_goes_on_stumbling_is_parked_with_its_problem(db_session, did, clock):
    job = jobs.later("tests.stumble", {"until": 99}, None, NOW)
    db_session.commit()
    for _try in range(5):
        jobs.drain()
        clock.move(hours=7)
    assert did == [1, 2, 3]
    parked = row(db_session, job)
    assert (parked.state, parked.problem) == ("parked", "OSError: the line is cut")


def test_a_parked_job_can_be_asked_to_try_again(db_session, did, clock):
    job = jobs.later("tests.stumble", {"until": 99}, None, NOW)
    db_session.execute(update(Job).values(state="parked", tries=3))
    db_session.commit()
    jobs.retry(row(db_session, job), NOW)
    db_session.commit()
    assert jobs.drain() == 1


def test_a_refusal_is_final_and_its_sentence_is_kept(db_session, did):
    job = jobs.later("tests.refuse", {}, None, NOW)
    db_session.commit()
    jobs.drain()
    parked = row(db_session, job)
    assert (parked.state, parked.tries, parked.problem) == ("parked", 1, "This may not be done.")


def test_a_job_of_another_version_is_parked_and_not_lost(db_session, did):
    db_session.add(Job(name="tests.of_tomorrow", arguments={}, created_at=NOW, due_at=NOW))
    db_session.commit()
    jobs.drain()
    assert db_session.scalar(select(Job.state)) == "parked"


def test_what_a_job_leaves_uncommitted_is_committed_with_its_end(db_session, did):
    @jobs.job("tests.write")
    def write(run):
        db_session.add(SiteSetting(key="a", value={"is": 1}, changed_at=run.now))

    jobs.later("tests.write", {}, None, NOW)
    db_session.commit()
    jobs.drain()
    db_session.expire_all()
    assert db_session.get(SiteSetting, "a") is not None


def test_what_a_failing_job_did_is_undone(db_session, did):
    @jobs.job("tests.half")
    def half(run):
        db_session.add(SiteSetting(key="half", value={"is": 1}, changed_at=run.now))
        db_session.flush()
        raise RuleBroken("no")

    jobs.later("tests.half", {}, None, NOW)
    db_session.commit()
    jobs.drain()
    assert db_session.get(SiteSetting, "half") is None


def test_progress_is_seen_while_the_job_holds_its_transaction_open(app, db_session, did):
    seen = []

    @jobs.job("tests.long")
    def long(run):
        db_session.add(SiteSetting(key="b", value={"is": 1}, changed_at=run.now))
        db_session.flush()
        run.progress(40, 100)
        run.progress(41, 100)  # told too soon after the last one to be worth writing
        mine = db_session.get(Job, run.job_id, populate_existing=True)
        seen.append(jobs.progress_of(mine))
        run.progress(100, 100)

    job = jobs.later("tests.long", {}, None, NOW)
    db_session.commit()
    jobs.drain()
    assert seen == [(40, 100)]
    done = row(db_session, job)
    assert (done.state, jobs.progress_of(done)) == ("done", (100, 100))


def test_jobs_of_a_dead_process_are_put_back(db_session, did):
    job = jobs.later("tests.note", {}, None, NOW)
    dead = f"{lives.machine()}:999999999:1"
    db_session.execute(update(Job).values(state="running", runner=dead, beat_at=NOW, tries=1))
    db_session.commit()
    assert jobs.recover(NOW) == 1
    assert jobs.drain() == 1
    assert row(db_session, job).tries == 2


def test_what_this_process_is_doing_is_left_alone_and_what_it_could_not_end_is_put_back(db_session, did, monkeypatch):
    doing_it, stuck = (jobs.later("tests.note", {}, None, NOW).id for _number in range(2))
    db_session.execute(update(Job).values(state="running", runner=lives.runner(), beat_at=NOW, tries=1))
    db_session.commit()
    monkeypatch.setattr(lives, "RUNNING_HERE", {doing_it})
    assert jobs.recover(NOW) == 1
    assert [state_of(doing_it), state_of(stuck)] == ["running", "waiting"]


@pytest.mark.parametrize(("minutes", "count"), [(1, 0), (3, 1)])
def test_a_machine_that_is_silent_for_two_minutes_is_taken_for_dead(db_session, did, minutes, count):
    jobs.later("tests.note", {}, None, NOW)
    db_session.execute(update(Job).values(state="running", runner="elsewhere/pid:7:1", beat_at=NOW, tries=1))
    db_session.commit()
    assert jobs.recover(NOW + timedelta(minutes=minutes)) == count


def test_a_job_that_kills_its_process_every_time_is_parked(db_session, did):
    job = jobs.later("tests.note", {}, None, NOW)
    dead = f"{lives.machine()}:999999999:1"
    db_session.execute(update(Job).values(state="running", runner=dead, beat_at=NOW, tries=3))
    db_session.commit()
    jobs.recover(NOW)
    parked = row(db_session, job)
    assert parked.state == "parked"
    assert "3" in parked.problem


def test_a_job_taken_over_by_another_process_does_not_count_twice(db_session, did):
    @jobs.job("tests.lose")
    def lose(run):
        db_session.execute(update(Job).where(Job.id == run.job_id).values(runner="another"))
        db_session.commit()
        db_session.add(SiteSetting(key="c", value={"is": 1}, changed_at=run.now))

    job = jobs.later("tests.lose", {}, None, NOW)
    db_session.commit()
    jobs.drain()
    assert db_session.get(SiteSetting, "c") is None
    assert row(db_session, job).state == "running"


def test_periodic_work_runs_once_a_round_whoever_starts_it(app, db_session, did, monkeypatch):
    monkeypatch.setattr(rounds, "PERIODS", {"tests.note": Period("tests.note", timedelta(hours=1))})
    assert jobs.fire(NOW) == 1
    app.extensions.pop("periods_begun")  # another process
    assert jobs.fire(NOW + timedelta(minutes=59)) == 0
    assert jobs.fire(NOW + timedelta(minutes=60)) == 1
    assert jobs.drain() == 1  # the second round is not due before its time
    assert len(did) == 1


def test_daily_work_begins_at_its_local_hour():
    nightly = Period("tests.note", timedelta(days=1), PERIODS["core.tidy"].at)
    before, after = (datetime(2026, 3, 2, 8, 59, tzinfo=UTC), datetime(2026, 3, 2, 9, 0, tzinfo=UTC))
    assert nightly.slot(before) == datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
    assert nightly.slot(after) == after
    assert nightly.job_id(before) != nightly.job_id(after) == nightly.job_id(after + timedelta(hours=23))


def test_a_time_of_day_goes_with_daily_work_only():
    with pytest.raises(ValueError, match="every day"):
        jobs.periodic("tests.odd", timedelta(hours=1), at=PERIODS["core.tidy"].at)


def test_tidying_takes_away_what_is_a_month_old(app, db_session, clock):
    old, fresh = NOW - timedelta(days=31), NOW - timedelta(days=1)
    for state, at in (("done", old), ("done", fresh), ("parked", old)):
        db_session.add(Job(name="tests.note", arguments={}, created_at=at, due_at=at, state=state, finished_at=at))
    db_session.commit()
    blobs = Path(app.config["DATA_DIR"]) / "blobs"
    blobs.mkdir(exist_ok=True)
    half = blobs / ".new-left-behind"
    half.touch()
    os.utime(half, (old.timestamp(), old.timestamp()))
    clock.hold(NOW)
    jobs.later("core.tidy", {}, None, NOW)
    jobs.drain()
    left = db_session.execute(select(Job.state, Job.created_at).where(Job.name == "tests.note")).all()
    assert sorted(left) == [("done", fresh), ("parked", old)]
    assert not half.exists()


def test_the_command_does_what_is_due_and_chains_the_trail(runner, db_session, did):
    jobs.later("tests.note", {}, None, NOW)
    db_session.add(AuditEntry(at=NOW, action="a", object_kind="b", object_id="c", note="", seal=b"x" * 32))
    db_session.commit()
    result = runner.invoke(args=["jobs", "run", "--once"])
    assert result.exit_code == 0, result.output
    assert len(did) == 1
    assert db_session.scalar(select(AuditLink.seq)) == 1


def test_the_queue_may_live_in_postgresql(app, database, database_url, db_session, did):
    if database == "sqlite":
        return  # there is no PostgreSQL in this run
    app.config["JOBS_URL"] = database_url
    app.extensions.pop("queue", None)
    jobs.later("tests.note", {"x": 1}, None, NOW)
    db_session.commit()
    assert handing.queue().pending_count() == 1
    assert jobs.drain() == 1
    handing.queue().storage.close()


def test_of_many_workers_one_runs_the_job(app, db_session, did):
    job_id = jobs.later("tests.note", {}, None, NOW).id
    db_session.commit()
    db_session.remove()

    def try_it(_number):
        with app.app_context(), frozen(NOW):
            return doing.execute(job_id)

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(try_it, range(8))) == [False] * 7 + [True]
    assert len(did) == 1


DYING = """
import os, pathlib, signal, sys
from lms import create_app
from lms.core import clock, jobs

@jobs.job("tests.die")
def die(run, note):
    pathlib.Path(note).open("a").write(f"{run.tries} ")
    if run.tries < int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)

with create_app().app_context():
    if not pathlib.Path(sys.argv[1]).exists():
        jobs.later("tests.die", {"note": sys.argv[1]}, None, clock.now())
    jobs.recover(clock.now())
    jobs.drain()
"""


@pytest.mark.parametrize(("lives", "tries", "state"), [(2, "1 2 ", "done"), (9, "1 2 3 ", "parked")])
def test_a_job_survives_the_death_of_its_process(app, database_url, db_session, tmp_path, lives, tries, state):
    note = tmp_path / "note"
    environment = os.environ | {"CASCADA_DATA": str(app.config["DATA_DIR"]), "DATABASE_URL": database_url}
    ends = []
    for _start in range(4):
        command = [sys.executable, "-c", DYING, str(note), str(lives)]
        ends.append(subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode)
    deaths = min(lives - 1, 3)
    assert ends == [-signal.SIGKILL] * deaths + [0] * (4 - deaths)
    assert note.read_text() == tries
    assert db_session.scalar(select(Job.state).where(Job.name == "tests.die")) == state


def test_the_worker_runs_jobs_and_stops_when_told(app, database_url, db_session):
    """Start the real process and end it as a service manager would."""
    job_id = jobs.later("core.tidy", {}, None, NOW).id
    db_session.commit()
    db_session.remove()
    environment = os.environ | {
        "CASCADA_DATA": str(app.config["DATA_DIR"]),
        "DATABASE_URL": database_url,
        "PYTHONWARNINGS": "default",
    }
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "jobs", "run"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)
    try:
        for _turn in range(400):
            if state_of(job_id) == "done":
                break
            with pytest.raises(subprocess.TimeoutExpired):  # it must not end by itself
                process.wait(0.3)
        else:
            pytest.fail("the worker did nothing for two minutes")
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.communicate()

"""Jobs: work after a commit. A row written with the change that asks for it, and huey to wake the worker up.

The row is the truth: huey's queue may be lost at any moment and `sweep` fills it again; a job that is delivered twice
runs once, because only one delivery turns it from waiting to running.

asking (`later`) · handing (the queue) · doing (`execute`) · lives (processes that died) · rounds (what comes round, and
the process that does it all). The register of functions is `lms.core.work`.
"""

from lms.core.jobs.asking import later, progress_of, retry
from lms.core.jobs.doing import drain
from lms.core.jobs.lives import recover
from lms.core.jobs.rounds import chain_fully, fire, work_until_stopped
from lms.core.work import Run, job, periodic

__all__ = [
    "Run", "chain_fully", "drain", "fire", "job", "later", "periodic", "progress_of", "recover", "retry",
    "work_until_stopped",
]  # fmt: skip

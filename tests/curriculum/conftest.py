"""What the tests of this room start from: the example course in the library of a server."""

from collections.abc import Callable
from typing import Any

import pytest

from lms.core.database import db
from lms.curriculum.models import Version
from lms.curriculum.services import load_package, publish
from tests import factories
from tests.curriculum.packages import example
from tests.factories import NOW


@pytest.fixture
def load(db_session) -> Callable[..., Version]:
    """Load a package for an institution: `load(files, unit, is_published=True)`."""

    def load(files: Any = None, unit: Any = None, is_published: bool = False) -> Version:
        owner = unit or factories.agency()
        version = load_package(files or example(), owner, None, NOW).version
        if is_published:
            publish(version, None, NOW)
        db.session.commit()
        return version

    return load


@pytest.fixture
def elena(db_session) -> Any:
    """An administrator who can sign in."""
    return factories.user("Elena Morales", factories.CAST["Elena"])

"""Access: may this person open this door, here?

`policy` is the one table of permissions, pure; `lock` hangs it on the doors; `queries` turns it into WHERE clauses.
Access is not authority: no role lets anyone certify (that is a credential's to give).
"""

from flask import Flask


def register(app: Flask) -> None:
    """Nothing to register: the locks are worn by the doors themselves."""

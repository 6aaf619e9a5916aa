"""Pages of a long list, for lists that were counted and cut by their own query."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Pages:
    """Where a list stands: what the pager of the templates asks for.

    >>> Pages(2, 20, 45).pages, Pages(2, 20, 45).has_next
    (3, True)
    """

    page: int
    size: int
    total: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))

    @property
    def has_prev(self) -> bool:
        return self.page > 1

    @property
    def has_next(self) -> bool:
        return self.page < self.pages

    @property
    def prev_num(self) -> int:
        return self.page - 1

    @property
    def next_num(self) -> int:
        return self.page + 1

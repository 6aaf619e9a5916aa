"""Leave of a stylesheet only what one page uses: for pages without scripts that are opened once, by themselves.

Whoever checks a certificate comes with a phone on a poor line, reads one answer and goes; the look of the whole site
would weigh more than the answer. What is left looks the same, for a rule goes only where nothing in the page can meet
it. Pure: texts in, text out.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_QUOTED = r"""(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')"""
_RULE = re.compile(rf"((?:{_QUOTED}|[^{{}}])*)([{{}}])")
_DECLARATION = re.compile(rf"(--[\w-]+):((?:{_QUOTED}|\([^()]*\)|[^;{{}}])*);?")
_GROUPED = re.compile(r":(not|is|where|has)\(((?:[^()]|\([^()]*\))*)\)")
_PSEUDO = re.compile(r"::?[\w-]+(?:\([^()]*\))?")
_NAMED = re.compile(r"([.#]?)(-?[A-Za-z][\w-]*)")


@dataclass(frozen=True)
class Words:
    """What the selectors of a sheet can meet in a page."""

    tags: frozenset[str]
    classes: frozenset[str]
    ids: frozenset[str]
    attributes: frozenset[str]


def words_of(page: str) -> Words:
    """List the elements of a page, their classes, ids and attributes.

    >>> sorted(words_of('<p class="lead mute" id=a hidden>Hi</p>').classes)
    ['lead', 'mute']
    """
    tags, classes, ids, attributes = set[str](), set[str](), set[str](), set[str]()
    for tag, rest in re.findall(rf"<([a-z][a-z0-9]*)((?:{_QUOTED}|[^>\"'])*)>", page):
        tags.add(tag)
        for name, value in re.findall(rf"([a-z-]+)(?:=({_QUOTED}|[^\s>]+))?", rest, re.I):
            attributes.add(name)
            if name == "class":
                classes.update(value.strip("\"'").split())
            elif name == "id":
                ids.add(value.strip("\"'"))
    return Words(frozenset(tags), frozenset(classes), frozenset(ids), frozenset(attributes))


def used_of(sheet: str, words: Words) -> str:
    """Return the rules that meet something, and the variables these use.

    >>> sheet = ":root{--a:1px;--b:url('x;}')}p,.b>i{top:var(--a)}@media print{b{top:0}}li::before{left:0}"
    >>> used_of(sheet, words_of("<p>"))
    ':root{--a:1px}p{top:var(--a)}'
    """
    kept = _without_unused("".join(_kept(sheet, words)))
    while (fewer := _without_unused(kept)) != kept:  # a variable may have been used by another alone
        kept = fewer
    return re.sub(r"[^{}]+\{\}", "", kept)


def _without_unused(sheet: str) -> str:
    used = set(re.findall(r"var\((--[\w-]+)", sheet))
    fewer = _DECLARATION.sub(lambda found: found.group() if found.group(1) in used else "", sheet)
    return fewer.replace(";}", "}")


def _kept(sheet: str, words: Words) -> Iterator[str]:
    at = 0
    while (found := _RULE.match(sheet, at)) is not None and found.group(2) == "{":
        end = _end_of(sheet, found.end())
        head, body = found.group(1), sheet[found.end() : end - 1]
        if head.startswith(("@media", "@supports")):
            inside = "".join(_kept(body, words))
            if inside:
                yield f"{head}{{{inside}}}"
        elif head.startswith("@"):
            yield f"{head}{{{body}}}"
        elif selectors := [one for one in _listed(head) if _meets(one, words)]:
            yield f"{','.join(selectors)}{{{body}}}"
        at = end


def _end_of(sheet: str, at: int) -> int:
    depth = 1
    while depth and (found := _RULE.match(sheet, at)) is not None:
        depth += 1 if found.group(2) == "{" else -1
        at = found.end()
    return at


def _listed(head: str) -> list[str]:
    """Split a list of selectors at the commas that stand in no brackets."""
    return re.findall(r"(?:\((?:[^()]|\([^()]*\))*\)|[^,()])+", head)


def _meets(selector: str, words: Words) -> bool:
    groups = [_listed(inside) for kind, inside in _GROUPED.findall(selector) if kind != "not"]
    if not all(any(_meets(one, words) for one in group) for group in groups):
        return False
    bare = _PSEUDO.sub("", _GROUPED.sub("", selector))
    if any(name not in words.attributes for name in re.findall(r"\[([\w-]+)", bare)):
        return False
    having = {"": words.tags, ".": words.classes, "#": words.ids}
    return all(name in having[kind] for kind, name in _NAMED.findall(re.sub(r"\[[^]]*\]", "", bare)))

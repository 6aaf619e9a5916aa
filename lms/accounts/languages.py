"""The languages a person may learn in, each under its own name."""

from lms.organization.queries.places import content_languages

FIRST = {"spa": "Español", "eng": "English"}


def language_choices(chosen: str = "") -> list[tuple[str, str]]:
    """List codes and names: Spanish, English, then the languages of every country we have files for.

    A language somebody already has is always among them.
    """
    spoken = sorted(content_languages().values(), key=lambda language: language.autonym)
    found = FIRST | {language.code: language.autonym for language in spoken if language.code not in FIRST}
    if chosen and chosen not in found:
        found[chosen] = chosen
    return list(found.items())

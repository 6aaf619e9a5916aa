"""Scenarios: invented people who live through a whole programme, so that every page has something to show.

Nothing is written past the rules. Each act goes through the service that a page would call, at the moment on which it
is said to have happened: whoever certifies holds the warrant on that day, whoever is certified has met everything.
Figures and places stand in `programme.toml`, names in `names.toml`.

`story` holds what all parts share; `ground` makes offices, communities and staff, `studying` takes a course,
`trainings` runs the groups of trainers and facilitators, `communities` those that facilitators lead, `offices` the
people who learn at their desk, `renewals` who renews, `setbacks` what went wrong; `programme` tells it all in order.
"""

"""The tests: one folder a room, `house` for the laws of the whole, `journeys` in a real browser.

`conftest.py` holds the fixtures, `factories.py` the cast, `harness` what starts databases and browsers.
"""

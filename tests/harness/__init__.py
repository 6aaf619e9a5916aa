"""The harness: databases made once and copied per test, a live server, a real Chromium, axe.

Nothing here knows what the application is about. `python -m tests.harness COMMAND` first fetches what the machine
lacks (Chromium, the libraries of printing), then runs the command.
"""

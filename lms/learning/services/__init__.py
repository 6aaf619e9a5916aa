"""Verbs of learning: enrol, mark an activity done, open an attempt, save answers, submit, mark by a person."""

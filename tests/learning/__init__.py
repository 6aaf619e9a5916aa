"""Learning: enrolments, attempts, pages of learners and of staff."""

"""Coming in: sign-in and its limits, the second step, invitations and slips, one's own settings, roles."""

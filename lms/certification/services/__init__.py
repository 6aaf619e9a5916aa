"""Verbs of certification: sign, issue, suspend, revoke, reinstate, renew."""

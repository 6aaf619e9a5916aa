"""Signatures: keys, credential documents, proofs, status lists, the compact claim of the QR. No database, no request.

A verifier needs nothing of the server but its published keys and status list; so all that verifies lives here, and the
command line and the offline page use the same words.
"""

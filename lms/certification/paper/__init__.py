"""Certificates on paper: one while its holder waits, or those of a group as files to print.

facts (what stands on a certificate, read for many at once) · wording (its sentences, in Spanish and in English) ·
qr (the drawing made at issue, as a picture) · sheets (how it looks) · services (asking for many, keeping, sweeping) ·
jobs · views. A PDF is derived and never the record; one that lost its force is not printed.
"""

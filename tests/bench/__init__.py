"""`make bench`: what pages cost, beside an empty page on the same machine in the same minutes.

Absolute rates of a shared machine drift; so every round measures the reference too, interleaved, and what counts is
the ratio of medians. The load comes from wrk where it is installed, else from threads of Python, which weigh on the
same processors: then the ratios flatter us, and the report says so.
"""

"""Captures of the lab as other taps would have recorded them, and how right wirestat is on those.

* :mod:`.mutations` turns the frames of a tap into those of a worse one: one mutation, one function.
* :mod:`.survey` holds what wirestat says of them against the kernels' record, strictly (:mod:`tests.score.strict`).
* :mod:`.bars` holds the figures that must not be passed.

``python -m tests.taps`` prints the table.
"""

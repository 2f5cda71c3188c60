"""Captures of the lab as other taps would have recorded them, and how right wirestat is on those.

* :mod:`.mutations` turns the frames of a tap into those of a worse one: one mutation, one function.
* :mod:`.verdict` holds what wirestat says of them against the kernels' record, and allows for nothing: the fair
  score of :mod:`tests.score` asks what a tap could know; this one asks whether what was said is true.
* :mod:`.survey` runs both over all cases; :mod:`.bars` holds the figures that must not be passed.

``python -m tests.taps`` prints the table.
"""

"""The reference: a world small enough to be believed.

* :mod:`.kernel` is one endpoint that lives by RFC 9293 and knows its own state: the truth.
* :mod:`.world` lets two of them talk over a wire that loses, doubles and delays, with a tap somewhere along it.
* :mod:`.tap` is a capture with its faults.
* :mod:`.observer` is a passive observer for a few states, written naively from the design and not from the core.

Sequence numbers here are plain integers that never wrap; only :mod:`.world` cuts them to 32 bits, on their way to the
core. So an error in the core's arithmetic cannot be repeated here.
"""

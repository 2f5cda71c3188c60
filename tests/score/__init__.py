"""The score: what wirestat infers from a tap, held against what the kernels at both ends recorded.

A **case** is a folder of the lab: three captures of the same traffic and ``truth.json``. Each capture is one **tap**. Every end of
every connection is judged by itself, and only within the **reach** of the tap, which follows from the truth and from where
each captured frame was sent and delivered; never from what wirestat says, and never from the name of a case:

- A true move is **knowable** where the tap captured what brought it about on its way to the end, what the end sent as it moved, or
  something that the end sent before it moved again. It is known from the earliest of these on.
- Between the true time of a move and the time of its evidence at the tap (the flight, and some milliseconds for two busy
  machines) the state before and the state after are both right.
- A move that no captured frame bears witness of is **beyond** the tap: the states before and after are both right until the
  next knowable move. What the truth calls unknowable, for it happened without any packet, is beyond the tap too, but there
  the final state is right only where it was given as one of several (``Endpoint.or_since``).
- A presumption from a frame that passed the tap and never took effect can be found out only by what the end sends later.
  Where the tap captured no more of it, the presumption cannot be held against the sequence, and the final state is right
  where the true one is given as an alternative.
- An end that was not heard of, by its own segments or by acknowledgements of the other end, is not judged; nor is one that
  exists only in forged segments; nor SYN_RECV of an end that answers with SYN cookies and keeps no socket.
- What was in flight when the capture ended is not judged.
"""

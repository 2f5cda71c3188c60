"""The score: wirestat's inference from a tap, compared with the record of the kernels at both ends.

A **case** is a folder of the lab: three captures of the same traffic and ``truth.json``. Each capture is one
**tap**. Every end of every connection is judged by itself, and only within the **reach** of the tap, which follows
from the truth and from where each captured frame was sent and delivered; never from what wirestat says, never from
the name of a case.

- A true move is **knowable** where the tap captured what brought it about on its way to the end, or what the end
  sent as it moved, or sent before it moved again. An end's own act is shown only by the segment that says
  so: a SYN, a FIN, a reset. The states after a FIN are knowable only where that FIN was captured.
- Between the true time of a move and the time of its first evidence at the tap (the flight, and some milliseconds
  for two busy machines) the state before and the state after are both right.
- A move that no captured frame bears witness of is **beyond** the tap: until the next knowable move the states
  before and after are both right, and what is presumed meanwhile cannot be held against the sequence.
- Where the capture begins in the middle of a connection, what had been closed by then is beyond the tap likewise.
- A move is **doubtful** where it happened without a packet (the truth calls it unknowable), or where its cause
  passed the tap but a copy of the cause was lost or sent again, and the end was not heard since. There the final
  state is right only where it was told, alone or among alternatives (``Endpoint.or_since``). The same holds for an
  acknowledgement that opened the connection after a copy of it had been ignored.
- A presumption from a frame that passed the tap and never took effect can be disproved only by later segments.
  Where the tap captured no more of that end, the presumption cannot be held against the sequence, and the final
  state is right where the true one is told, alone or among the alternatives.
- An end that was not heard of, by its own segments or by acknowledgements of the other end, is not judged; nor is
  one that exists only in forged segments; nor SYN_RECV of an end that answers with SYN cookies and keeps no socket.
- CLOSED and LISTEN mean the same for an end that never had a socket for the connection.
- A close whose FIN had to wait until the other end's FIN had come is judged as it was, or as the wire shows it.
- What was in flight when the capture ended is not judged.

Beside this fair figure stands the strict one (:mod:`.strict`): every final state and everything called seen or
confirmed, against what the kernels recorded and without any of these allowances.

The live view gets only one of these allowances, the time of flight: it is the belief as each frame came, right or
wrong at that instant.
"""

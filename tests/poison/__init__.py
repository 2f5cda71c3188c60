"""The poison property: one forged segment that its receiver throws away changes nothing that is said.

Into a connection of the lab's captures one forged segment is inserted. Unless the real receiver might have taken
it, the connection is afterwards told as without it, or hedged: never proven and wrong.
The same holds of what the rules find.

* :mod:`.conversation` is one connection as a tap captured it, with what its kernels recorded.
* :mod:`.receiver` decides whether an end would have taken a segment: RFC 9293, 3.10.7, with RFC 5961 and RFC 7323.
* :mod:`.forgery` makes the segments.
* :mod:`.trial` plays many copies of a conversation at once, each with another segment in it, and compares.
* :mod:`.said` compares what the rules say.
* :mod:`.survey` samples captures and positions; :mod:`.words` shows what went wrong, as a wire script.

``python -m tests.poison --count N --seed S`` runs it.
"""

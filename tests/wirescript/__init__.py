"""Wire scripts: the dialogue on the left, both states on the right, true after each line.

* :mod:`.script` holds the nouns and reads them from text; its docstring is the manual of the notation.
* :mod:`.wire` makes packets of the lines, for IPv4 or IPv6, with any initial sequence numbers.
* :mod:`.play` feeds them to a tracker and compares; :mod:`.ladder` shows where the two differ.
"""

"""The kernel of this host as a second witness: its sockets, and their owners. It does not know the tracker.

Nothing is changed: sockets are listed by ``sock_diag(7)``, processes by ``/proc``. A process of its own asks, since
capturing gives up the rights that this takes; it tells, and is told nothing.
"""

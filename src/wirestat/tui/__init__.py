"""The full-screen interface: what htop is to processes, for connections, on live traffic and on files.

``app`` puts the screen together. ``desk`` is where the capture and the screen meet: only it asks the tracker.
``grid`` draws lines of a list of any length, ``panes`` say what stands in each, ``pages`` are what opens above it.
"""

"""The full-screen interface: what htop is to processes, for connections, on live traffic and on files.

``app`` assembles the screen. ``desk`` connects the capture and the screen: only it queries the tracker.
``grid`` draws the visible lines of a list of any length, ``panes`` define the lists, ``pages`` open above the screen.
"""

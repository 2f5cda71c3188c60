"""The stories, one file a theme. To add one, write a function with the ``scenario`` decorator in any of
these files."""

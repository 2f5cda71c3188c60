"""Stories from the field: small captures rebuilt from public fault reports, each with what must be said about it.

``python -m tests.field`` writes them to ``pcaps/field``: the capture, what is true, what is expected. A story is one
function under ``stories``; its docstring is its page.
"""

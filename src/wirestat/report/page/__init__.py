"""A report as one HTML page that opens offline: what it is told, how its data is packed, and how it is put together.

``told`` says what the page knows beside the columns, ``columns`` which columns it gets, ``pack`` how they are
written, ``assemble`` joins the small files under ``parts`` into the page.
"""

"""A report as one HTML page that opens offline.

``record`` makes the JSON beside the columns, ``columns`` selects and encodes the columns, ``pack`` compresses them,
``assemble`` joins the small files under ``parts`` into the page.
"""

"""The way of the data: lost, overtaken, too large, dropped for what they carry."""

"""Devices between the ends: translators, proxies, and those that speak in another's name."""

"""The smallest builder of packets that the tests can live with: TCP in IPv4 or IPv6 in Ethernet.

It is written from the RFCs and shares nothing with the decoder that it tests.
"""

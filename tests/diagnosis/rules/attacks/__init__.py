"""Traffic that somebody sends to find, to fill or to deceive: floods, scans, backscatter."""

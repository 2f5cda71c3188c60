"""How often findings are right: drawn from public captures by rule and confidence, and read packet by packet.

``python -m tests.precision FOLDER`` draws findings from the captures in a folder. Whoever reads them is not the
author of the rule, opens the frames in tshark, and writes a verdict with its reason into a file ``*.toml`` beside
this one. ``python -m tests.precision --count`` adds the verdicts up; ``--again FOLDER`` tells which are still said.
"""

"""Prints findings to be read, or what the verdicts add up to."""

import argparse
from pathlib import Path

from tests.precision.again import again
from tests.precision.draw import draw
from tests.precision.verdicts import table


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.precision", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, help="captures, in any folders below")
    parser.add_argument("--each", type=int, default=3, help="findings of each rule at each confidence")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--again", action="store_true", help="hold the verdicts against what is said today")
    parser.add_argument("--count", action="store_true", help="add the verdicts up")
    asked = parser.parse_args()
    if asked.count or asked.folder is None:
        print("\n".join(table()))
        return
    if asked.again:
        print("\n".join(again(asked.folder)))
        return
    for capture, name, finding in draw(asked.folder, asked.each, asked.seed):
        ids = " ".join(map(str, finding.examples[:3]))
        print(f"{capture} {name} {finding.severity} {finding.confidence}, connections {ids}")
        print(f"  {finding.explanation}")


if __name__ == "__main__":
    main()

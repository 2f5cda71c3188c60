"""Binds tests to the end of a state test.

``state==CLOSE_WAIT && for>60s`` needs an end that has been in CLOSE_WAIT for that long: fields that describe a state
(``for``, ``since``, ``evidence``, ``confirmed``, ``or_since``) belong to the state before, or else to the first one
after. Every other field without a side is about either end.
"""

from collections.abc import Iterable, Sequence

from wirestat.query.tree import Every, OneEnd, Opposite, Some, Stepped, Test, Tree, tests


def conjunction(parts: Sequence[Tree]) -> Tree:
    """Group the parts of a conjunction: those that belong to one state form one part about one end."""
    states = [place for place, part in enumerate(parts) if _is_state(part)]
    if not states:
        return Every(tuple(parts))
    told: dict[int, list[Tree]] = {place: [parts[place]] for place in states}
    joined: list[Tree] = []
    for place, part in enumerate(parts):
        if place in told:
            continue
        if _tells_of_state(part):
            before = [state for state in states if state < place]
            told[before[-1] if before else states[0]].append(part)
        else:
            joined.append(part)
    ends = [group[0] if len(group) == 1 else OneEnd(Every(tuple(group))) for group in told.values()]
    return _every([*ends, *joined])


def _every(parts: list[Tree]) -> Tree:
    return parts[0] if len(parts) == 1 else Every(tuple(parts))


def _is_state(part: Tree) -> bool:
    return isinstance(part, Test) and part.field.name == "state" and part.end is None


def _tells_of_state(part: Tree) -> bool:
    return _has_no_steps(part) and all(test.end is None and test.field.tells_of_state for test in tests(part))


def _has_no_steps(part: Tree) -> bool:
    match part:
        case Stepped() | OneEnd():
            return False
        case Every(parts=parts) | Some(parts=parts):
            return _all_without_steps(parts)
        case Opposite(part=inner):
            return _has_no_steps(inner)
    return True


def _all_without_steps(parts: Iterable[Tree]) -> bool:
    return all(_has_no_steps(part) for part in parts)

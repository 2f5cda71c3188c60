"""msgspec without the parts that a plain command line never uses; they are loaded on first use."""

import subprocess
import sys

_LEAN = "import sys; from wirestat.commands.lean import load_msgspec; load_msgspec(); import msgspec; "


def told(code: str) -> str:
    run = subprocess.run([sys.executable, "-c", _LEAN + code], capture_output=True, text=True, check=True)
    return run.stdout.strip()


def test_left_out_parts_are_loaded_on_first_use() -> None:
    code = "print('msgspec._json_schema' in sys.modules, msgspec.json.encode([1]), msgspec.inspect.type_info(int))"
    assert told(code) == "False b'[1]' IntType(gt=None, ge=None, lt=None, le=None, multiple_of=None)"


def test_replaced_modules_are_the_real_ones_afterwards() -> None:
    code = "import uuid, decimal; print(uuid.UUID(int=1).int, uuid.SafeUUID.safe.value, decimal.Decimal(2))"
    assert told(code) == "1 0 2"


def test_absent_only_while_msgspec_is_loaded() -> None:
    assert told("import typing_extensions; print(typing_extensions.__name__)") == "typing_extensions"


def test_unknown_attributes_are_errors() -> None:
    assert told("print(hasattr(msgspec.yaml, 'nothing'), hasattr(msgspec.yaml, 'encode'))") == "False True"

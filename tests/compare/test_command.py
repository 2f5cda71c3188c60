"""``wirestat compare`` from the command line: what it prints, and how it ends."""

import gzip
import json
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest

import wirestat
from tests.compare import lab
from tests.conftest import Golden
from tests.quick import some_quick
from wirestat import comparison
from wirestat.commands import main
from wirestat.report.compared import text
from wirestat.report.compared.contract import Document
from wirestat.report.layout import View
from wirestat.report.schema import schema

GOLDEN = Path(__file__).parent / "golden"
SHIPPED = "schema-compare-1.json"

TEXTS = {
    "last-ack-lost": ("last-ack-lost", ("client", "server"), ()),
    "data-lost-middle": ("data-lost", ("client", "middle", "server"), ()),
    "forgotten-by-nat": ("nat-forgets-and-resets", ("client", "server"), ()),
    "random-loss": ("random-loss-1", ("client", "server"), ("--limit", "3")),
    "ladder": ("last-ack-lost", ("client", "middle", "server"), ("--connection", "1")),
    "ladder-nat": ("nat-normal-close", ("client", "server"), ("--connection", "1")),
    "turned": ("last-ack-lost", ("server", "client"), ()),
}


@pytest.fixture(autouse=True)
def _terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write for 100 columns, and name captures the same wherever the project lies."""
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.chdir(lab.PCAPS)


def run(capfd: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    code = main(["compare", *(str(argument).removeprefix(f"{lab.PCAPS}/") for argument in arguments)])
    return code, *capfd.readouterr()


@pytest.mark.parametrize("case", TEXTS)
def test_texts(case: str, capfd: pytest.CaptureFixture[str], golden: Golden) -> None:
    name, taps, options = TEXTS[case]
    code, out, err = run(capfd, *lab.paths(name, taps), *options)
    assert (code, err) == (0, "")
    golden(GOLDEN / f"{case}.txt", out)


def test_json(capfd: pytest.CaptureFixture[str], golden: Golden) -> None:
    code, out, _ = run(capfd, *lab.paths("last-ack-lost", ("client", "server")), "--format", "json")
    assert code == 0
    golden(GOLDEN / "last-ack-lost.json", json.dumps(json.loads(out), indent=1) + "\n")


def test_the_shipped_schema_is_drawn_from_the_records(golden: Golden) -> None:
    golden(Path(str(files("wirestat.report").joinpath(SHIPPED))), schema(Document))


@pytest.mark.parametrize(
    "name",
    some_quick(["normal-close-by-client", "random-loss-2", "nat-forgets-and-leaks", "filtered"], each=4),
)
@pytest.mark.parametrize("options", [(), ("--summary",)])
def test_json_keeps_the_schema(
    name: str, options: tuple[str, ...], capfd: pytest.CaptureFixture[str]
) -> None:
    _, out, _ = run(capfd, *lab.paths(name, ("client", "middle", "server")), "--format", "json", *options)
    shipped = json.loads(files("wirestat.report").joinpath(SHIPPED).read_text())
    jsonschema.validate(json.loads(out), shipped)
    assert ("connections" in json.loads(out)) == (not options)


def test_points_have_names(capfd: pytest.CaptureFixture[str]) -> None:
    client, server = lab.paths("last-ack-lost", ("client", "server"))
    _, out, _ = run(capfd, "--points", f"here={client}", "--points", f"there={server}")
    assert "from client to server: here → there" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "two captures or more"),
        (("CLIENT",), "two captures or more"),
        (("CLIENT", "CLIENT"), "two points are called"),
        (("CLIENT", "--points", "server.pcap"), "a point is NAME=FILE"),
        (("CLIENT", "SERVER", "--connection", "9"), "no connection 9"),
        (("CLIENT", "SERVER", "--connection", "1", "--format", "json"), "--connection draws a ladder"),
        (("CLIENT", "SERVER", *(f"--points=p{i}=SERVER" for i in range(7))), "no more than 8"),
    ],
)
def test_senseless_options_are_refused(
    arguments: tuple[str, ...], words: str, capfd: pytest.CaptureFixture[str]
) -> None:
    client, server = map(str, lab.paths("last-ack-lost", ("client", "server")))
    code, _, err = run(capfd, *(one.replace("CLIENT", client).replace("SERVER", server) for one in arguments))
    assert code == 2
    assert words in err


def test_an_unreadable_capture_is_an_error(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (client,) = lab.paths("last-ack-lost", ("client",))
    stranger = tmp_path / "server.pcap"
    stranger.write_text("no capture")
    code, out, err = run(capfd, client, stranger)
    assert (code, out) == (3, "")
    assert "server.pcap" in err


def test_a_capture_cut_short_is_compared_as_far_as_it_goes(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    client, server = lab.paths("last-ack-lost", ("client", "server"))
    cut = tmp_path / "server.pcap"
    cut.write_bytes(server.read_bytes()[:-5])
    code, out, err = run(capfd, client, cut)
    assert code == 3
    assert "1 connection captured at every point" in out
    assert "warning" in err


def test_findings_fail(capfd: pytest.CaptureFixture[str]) -> None:
    both = lab.paths("third-ack-never-arrives", ("client", "server"))
    assert run(capfd, *both, "--fail-on", "warning")[0] == 1
    assert run(capfd, *both, "--fail-on", "error")[0] == 0


def test_segments_without_room_are_counted(capfd: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capfd, *lab.paths("random-loss-1", ("client", "server")), "--max-segments", "100")
    assert "beyond --max-segments" in out
    assert "not compared for want of room" in out


def test_captures_of_different_traffic_get_a_warning(capfd: pytest.CaptureFixture[str]) -> None:
    (client,), (stranger,) = lab.paths("refused", ("client",)), lab.paths("filtered", ("client",))
    _, out, _ = run(capfd, "--points", f"client={client}", "--points", f"server={stranger}")
    assert "! no connection is in two captures, and by their clocks one ended before the other began" in out
    _, out, _ = run(capfd, *lab.paths("filtered", ("client", "server")))
    assert "no connection is in two captures" not in out


@pytest.mark.parametrize(
    "name", ["last-ack-lost", "random-loss-1", "filtered-behind-all-taps", "nat-normal-close"]
)
def test_a_terminal_of_80_columns_is_wide_enough(name: str) -> None:
    """But for what is to be copied whole."""
    for line in text.render(lab.compare(name, ("client", "server")), View(width=80, folds=True)):
        assert len(line) <= 80 or "$ " in line or "filter: " in line


def test_points_of_the_same_file_name_are_told_apart(tmp_path: Path) -> None:
    paths = []
    for tap, path in zip(("client", "server"), lab.paths("last-ack-lost", ("client", "server")), strict=True):
        (tmp_path / tap).mkdir()
        paths.append(tmp_path / tap / "trace.pcap")
        paths[-1].write_bytes(path.read_bytes())
    assert [point.name for point in wirestat.compare(*paths).comparison.points] == [*map(str, paths)]


def test_shows_one_finding_whole(capsys: pytest.CaptureFixture[str]) -> None:
    story = Path(__file__).parents[2] / "pcaps" / "field" / "window-scale-rewritten"
    points = [str(story / "client.pcap"), str(story / "server.pcap")]
    assert main(["compare", *points, "--finding", "D45"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("warning  D45 ")
    assert "window scale 0 to 11" in told.replace("\n  ", " ")
    assert main(["compare", *points, "--finding", "D45", "--format", "markdown"]) == 0
    assert "D45" in capsys.readouterr().out
    assert main(["compare", *points, "--finding", "D02"]) == 2
    assert main(["compare", *points, "--finding", "D45", "--format", "json"]) == 2
    assert main(["compare", *points, "--finding", "D45", "--summary"]) == 2


@pytest.mark.parametrize("jobs", [2, 3, 8])
def test_captures_read_in_parallel_give_the_same_result(
    jobs: int, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparison, "BATCH", 3)  # many rounds, of which some captures have fewer than others
    client, middle, server = lab.paths("random-loss-1", ("client", "middle", "server"))
    cut, packed = tmp_path / "middle.pcap", tmp_path / "server.pcap.gz"
    cut.write_bytes(middle.read_bytes()[:-9])
    packed.write_bytes(gzip.compress(server.read_bytes()))
    monkeypatch.chdir(tmp_path)
    for format in ("ndjson", "text"):
        alone, together = (
            run(capfd, client, cut, packed, "--format", format, "--jobs", str(n)) for n in (1, jobs)
        )
        assert together == alone
        assert alone[0] == 3, "one of them is cut short"

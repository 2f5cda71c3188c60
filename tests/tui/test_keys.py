"""Every key does what the page of keys says."""

from pathlib import Path
from typing import Any

import pytest

import wirestat
from tests.diagnosis.kernels import beside, stranger
from tests.quick import some_quick
from tests.tui.stage import LEAK, PCAPS, Stage, play
from wirestat.model import State
from wirestat.testimony import Timer
from wirestat.tui.app import Screen
from wirestat.tui.grid import Grid
from wirestat.tui.panes.remarks import Remarks
from wirestat.tui.sorts import Sort
from wirestat.tui.tabs import TABS
from wirestat.tui.timeline import Timeline

REFUSED = PCAPS / "field/one-backend-of-three-refuses/capture.pcap"


def main(stage: Stage) -> Grid:
    return stage.app.query_one("#main", Grid)


def ids(stage: Stage) -> list[int]:
    look = stage.app._look
    assert look is not None
    return list(look.ids)


@pytest.mark.slow
def test_the_cursor_moves_and_stays_in_sight() -> None:
    async def scene(stage: Stage) -> None:
        assert main(stage).current == 120
        await stage.press("down", "j")
        assert main(stage).current == 118
        await stage.press("up", "k")
        assert main(stage).current == 120
        await stage.press("end")
        assert main(stage).current == 1
        assert any(line.split()[:1] == ["1"] for line in stage.lines)
        await stage.press("home", "pagedown")
        assert main(stage).current in range(90, 110)
        await stage.press("pageup", "G", "g")
        assert main(stage).current == 120

    play(scene)


def test_the_lists_are_reached_by_number_and_by_tab() -> None:
    async def scene(stage: Stage) -> None:
        for key, title in (
            ("3", "CLOSE_WAIT"),
            ("4", "round trip"),
            ("5", "600 frames"),
            ("2", "newest first"),
        ):
            await stage.press(key)
            await stage.sees(title)
        await stage.press("1")
        assert stage.app.under_cursor()[0] == "causes"
        await stage.press("tab")
        assert stage.app.under_cursor()[0] == "connections"
        await stage.press("shift+tab", "shift+tab")
        assert stage.app.under_cursor()[0] == [*TABS][-1]

    play(scene)


def test_a_filter_chooses_and_an_empty_one_shows_all() -> None:
    async def scene(stage: Stage) -> None:
        await stage.press("slash")
        await stage.type("client.port==4000")
        await stage.press("4", "enter")
        await stage.sees("only client.port==40004")
        assert ids(stage) == [5]
        await stage.press("slash")
        await stage.erase()
        await stage.press("enter")
        assert len(ids(stage)) == 120

    play(scene)


@pytest.mark.slow
def test_a_mistake_in_a_filter_is_pointed_at_and_changes_nothing() -> None:
    async def scene(stage: Stage) -> None:
        await stage.press("slash")
        await stage.type("state==NOWHERE && port==1")
        await stage.press("enter")
        await stage.sees("there is no state 'NOWHERE'")
        typed = next(line for line in stage.lines if line.startswith("state=="))
        pointer = stage.lines[stage.lines.index(typed) + 1]
        assert pointer.index("^") == typed.index("NOWHERE")
        assert len(pointer.strip()) == len("NOWHERE")
        await stage.press("escape")
        assert len(ids(stage)) == 120
        assert stage.app.asked.question is None

    play(scene)


@pytest.mark.slow
def test_tab_completes_a_filter() -> None:
    async def scene(stage: Stage) -> None:
        await stage.press("slash")
        await stage.type("state==CLOSE_W")
        await stage.until(lambda: "tab: CLOSE_WAIT" in stage.text)
        await stage.press("tab", "enter")
        await stage.sees("only state==CLOSE_WAIT")

    play(scene)


@pytest.mark.parametrize("sort", some_quick(list(Sort), each=12))
@pytest.mark.slow
def test_every_order_lists_every_connection(sort: Sort) -> None:
    async def scene(stage: Stage) -> None:
        before = sorted(ids(stage))
        await stage.press("s")
        await stage.sees(sort.value)
        await stage.press(*["down"] * list(Sort).index(sort), "enter")
        await stage.until(lambda: stage.app.asked.sort is sort)
        shown = ids(stage)
        assert sorted(shown) == before
        await stage.press("S")
        assert ids(stage) == shown[::-1]

    play(scene, (REFUSED,))


def test_sorting_by_bytes_puts_the_largest_first() -> None:
    async def scene(stage: Stage) -> None:
        stage.app.ask(sort=Sort.BYTES)
        report = stage.app.desk.report
        assert report is not None
        one = [report.connection(id) for id in ids(stage)]
        sizes = [each.client.bytes + each.server.bytes for each in one]
        assert sizes == sorted(sizes, reverse=True)

    play(scene, (REFUSED,))


@pytest.mark.slow
def test_enter_draws_the_ladder_with_every_segment() -> None:
    async def scene(stage: Stage) -> None:
        await stage.press("enter")
        await stage.sees("FIN,ACK seq 1")
        assert "connection #120" in stage.text
        await stage.press("q")
        await stage.sees("newest first")

    play(scene)


@pytest.mark.slow
def test_enter_on_a_cause_tells_all_of_it() -> None:
    async def scene(stage: Stage) -> None:
        await stage.press("1", "enter")
        await stage.sees("fault: server")
        await stage.press("escape")

    play(scene)


@pytest.mark.slow
def test_enter_on_a_socket_or_a_path_shows_its_connections() -> None:
    async def scene(stage: Stage) -> None:
        await stage.press("3", "enter")
        await stage.sees("only addr==10.9.0.2 && server.port==9000")
        await stage.press("4", "enter")
        await stage.sees("only client.addr==10.9.0.1 && server.addr==10.9.0.2")
        assert len(ids(stage)) == 120

    play(scene, size=(160, 30))


@pytest.mark.slow
def test_explain_shows_the_page_of_a_diagnosis() -> None:
    async def scene(stage: Stage) -> None:
        await stage.press("1", "e")
        await stage.sees("D31  Sockets pile up in CLOSE_WAIT")
        await stage.press("escape", "2", "end", "e")
        await stage.sees("D31")

    play(scene)


def test_pause_holds_an_instant_and_lets_go() -> None:
    async def scene(stage: Stage) -> None:
        await stage.press("p")
        assert stage.app.asked.at_ns == stage.app.span(stage.app._look)[1]  # type: ignore[arg-type]  # it has looked
        await stage.press("p")
        assert stage.app.asked.at_ns is None

    play(scene)


@pytest.mark.slow
def test_time_goes_back_and_forth_and_shows_what_was() -> None:
    async def scene(stage: Stage) -> None:
        await stage.press("left_curly_bracket", "left_square_bracket")
        at_ns = stage.app.asked.at_ns
        assert at_ns is not None
        report = wirestat.analyze(LEAK)
        then = report.tables({"instant": None}, at_ns=at_ns)["instant"]
        assert f"0·{then['server_state'].values.count(8)}" in stage.text
        assert 0 < len(ids(stage)) < 120
        await stage.press("right_square_bracket", "right_curly_bracket")
        assert stage.app.asked.at_ns is None
        await stage.press("left_square_bracket", "n")
        assert stage.app.asked.at_ns is None

    play(scene)


def test_a_click_on_the_time_line_goes_there() -> None:
    async def scene(stage: Stage) -> None:
        await stage.pilot.click(Timeline, offset=(60, 0))
        await stage.until(lambda: stage.app.asked.at_ns is not None)
        start_ns, end_ns = stage.app.span(stage.app._look)  # type: ignore[arg-type]  # it has looked
        assert start_ns < stage.app.asked.at_ns < end_ns  # type: ignore[operator]  # it is not None

    play(scene)


@pytest.mark.slow
def test_clicks_choose_rows_tabs_and_keys() -> None:
    async def scene(stage: Stage) -> None:
        await stage.pilot.click("#main", offset=(10, 4))
        assert main(stage).current == 117
        place = stage.lines.index(next(line for line in stage.lines if "3 listeners" in line))
        await stage.pilot.click("#tabs", offset=(stage.lines[place].index("3 listeners"), 0))
        assert stage.app.pane == "listeners"
        await stage.pilot.click("#keys", offset=(stage.lines[-1].index("help"), 0))
        await stage.sees("moving")

    play(scene)


@pytest.mark.slow
def test_key_c_hides_and_shows_closed_connections() -> None:
    async def scene(stage: Stage) -> None:
        everything = len(ids(stage))
        await stage.press("c")
        assert len(ids(stage)) < everything
        await stage.press("c")
        assert len(ids(stage)) == everything

    play(scene, (REFUSED,))


@pytest.mark.slow
def test_packets_of_a_connection_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    async def scene(stage: Stage) -> None:
        await stage.press("w", "enter")
        await stage.sees("write to")
        await stage.erase()
        await stage.type("one.pcapng")
        await stage.press("enter")
        await stage.hears("5 packets written")

    play(scene)
    report = wirestat.analyze(tmp_path / "one.pcapng")
    assert [one.client.port for one in report.connections()] == [40119]
    assert report.summary.frames == 5


@pytest.mark.slow
def test_a_report_is_written_and_a_folder_that_is_not_there_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    async def scene(stage: Stage) -> None:
        for target, said in (("report.txt", "report written"), ("no/r", "No such file")):
            await stage.press("w", "down", "enter")
            await stage.erase()
            await stage.type(target)
            await stage.press("enter")
            await stage.hears(said)

    play(scene)
    assert "D31" in (tmp_path / "report.txt").read_text()


@pytest.mark.slow
def test_copy_gives_a_filter_that_finds_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    copied: list[Any] = []
    monkeypatch.setattr(Screen, "copy_to_clipboard", lambda _self, text: copied.append(text))

    async def scene(stage: Stage) -> None:
        await stage.press("y", "enter")
        await stage.until(lambda: bool(copied))

    play(scene)
    assert [one.id for one in wirestat.analyze(LEAK).where(copied[0])] == [120]


@pytest.mark.slow
def test_help_names_every_key_and_q_leaves() -> None:
    async def scene(stage: Stage) -> None:
        await stage.press("question_mark")
        await stage.sees("leaving")
        assert all(f"  {key}" in stage.text for key in ("/", "s  S", "[  ]", "w", "y", "c", "e", "p", "n"))
        await stage.press("q", "q")
        await stage.until(lambda: not stage.app.is_running)

    play(scene, size=(120, 50))


@pytest.mark.slow
def test_key_a_toggles_connections_that_only_the_kernel_knows() -> None:
    def told(stage: Stage) -> bool:
        return "192.0.2.1:5432" in stage.text and "CLOSE_WAIT†" in stage.text

    async def scene(stage: Stage) -> None:
        await stage.press("a")
        await stage.hears("no kernel is asked")
        unknown = stranger(State.CLOSE_WAIT, timer=Timer.KEEPALIVE, due_ns=90 * 10**9)
        stage.app.desk.beside = beside(stage.app.desk._tracker, unknown)
        stage.app.remarks = Remarks(stage.app.desk.beside, stage.app.names)
        await stage.press("a", "end")
        await stage.until(lambda: told(stage))
        assert "120 + 1" in stage.text
        assert main(stage).current == unknown.key
        for width in (60, 80, 160):
            await stage.pilot.resize_terminal(width, 20)
            await stage.until(lambda: told(stage))
            assert all(len(line) <= width for line in stage.lines)
        assert "keepalive in 90 s" in stage.text
        assert "12/nginx" in stage.text
        await stage.press("enter", "e", "y", "escape")
        await stage.hears("only the kernel knows it")
        await stage.press("p")
        await stage.until(lambda: not told(stage))  # the kernel tells of now alone
        await stage.press("n", "a")
        await stage.until(lambda: not told(stage))

    play(scene)

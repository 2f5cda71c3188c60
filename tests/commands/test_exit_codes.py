"""How wirestat ends, and what it says then: one line in its own voice, never a traceback."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands.conftest import Wirestat
from tests.patience import PATIENCE
from tests.programs import ROOT
from tests.quick import some_quick


@pytest.mark.parametrize(("threshold", "code"), [("error", 0), ("warning", 1), ("info", 1)])
def test_findings_fail_only_where_asked(wirestat: Wirestat, threshold: str, code: int) -> None:
    assert wirestat("outage.pcap").returncode == 0
    assert wirestat("outage.pcap", "--fail-on", threshold).returncode == code


def test_findings_below_the_threshold_do_not_fail(wirestat: Wirestat) -> None:
    assert wirestat("lost-last-ack.pcap", "--fail-on", "warning").returncode == 0
    assert wirestat("clean.pcap", "--fail-on", "info").returncode == 0


MISTAKES = [
    (["outage.pcap", "--nonsense"], "no such option"),
    (["outage.pcap", "--format", "xml"], "invalid value for '--format'"),
    (["outage.pcap", "--state", "OPEN"], "unknown state 'OPEN'"),
    (["outage.pcap", "--at", "noon"], "'noon' is not a point in time"),
    (["outage.pcap", "--at", "+1:00"], "'+1:00' is not a point in time"),
    (["outage.pcap", "--timer", "patience=3"], "unknown timer 'patience'"),
    (["outage.pcap", "--timer", "time_wait=long"], "'long' is not a duration"),
    (["outage.pcap", "--timer", "syn_retries=1.5"], "'1.5' is not a count"),
    (["outage.pcap", "--timer", "syn_retries"], "sets nothing"),
    (["outage.pcap", "--connection", "99"], "no connection 99"),
    (["outage.pcap", "--connection", "1", "--format", "markdown"], "--connection draws a ladder"),
    (["outage.pcap", "--at", "end", "--format", "csv"], "--at gives a table"),
    (["outage.pcap", "--connection", "1", "--summary"], "--connection shows one connection"),
    (["outage.pcap", "--summary", "--state", "LISTEN"], "--summary leaves out"),
    (["analyze"], "no capture named"),
    (["-", "-r", "-"], "standard input can be read only once"),
    (["outage.pcap", "-o", "outage.pdf"], "nothing is written as .pdf"),
    (["draw", "outage.pcap", "--connection", "1", "-o", "it.gif"], "nothing is drawn as .gif"),
    (["live", "outage.pcap"], "hint: 'wirestat live -r outage.pcap' reads it"),
]


@pytest.mark.parametrize(("arguments", "complaint"), some_quick(MISTAKES, each=3))
def test_usage(wirestat: Wirestat, arguments: list[str], complaint: str) -> None:
    done = wirestat(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ")
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr


def test_an_input_that_is_not_there(wirestat: Wirestat) -> None:
    done = wirestat("missing.pcap")
    assert (done.returncode, done.stderr) == (3, "error: missing.pcap: no such file\n")


def test_a_mistyped_verb_gets_a_hint(wirestat: Wirestat) -> None:
    done = wirestat("analyse", "outage.pcap")
    assert done.returncode == 3
    assert "hint: if a verb was meant: 'wirestat analyze'" in done.stderr


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["port", "80"], "hint: a tcpdump filter goes to -f: -f 'port 80'"),
        (["outage.pcap", "tcp", "port", "80"], "hint: a tcpdump filter goes to -f: -f 'tcp port 80'"),
        (
            ["-i", "eth0"],
            "hint: 'sudo wirestat live -i INTERFACE' captures; 'wirestat interfaces' lists where",
        ),
    ],
)
def test_a_tcpdump_command_line_gets_a_hint(words: list[str], hint: str, wirestat: Wirestat) -> None:
    assert wirestat(*words).stderr.splitlines()[-1] == hint


@pytest.mark.skipif(not Path("/sys/class/net/lo").exists(), reason="needs an interface")
def test_an_interface_is_no_file(wirestat: Wirestat) -> None:
    assert "hint: it is an interface: 'sudo wirestat live -i lo' captures there" in wirestat("lo").stderr


def test_a_file_name_unlike_any_verb_gets_no_hint(wirestat: Wirestat) -> None:
    assert wirestat("trace").stderr == "error: trace: no such file\n"


def test_the_word_help_gets_a_hint(wirestat: Wirestat) -> None:
    assert "hint: 'wirestat --help' lists the verbs" in wirestat("help").stderr


def test_an_input_that_is_a_directory(wirestat: Wirestat) -> None:
    error, hint = wirestat(".").stderr.splitlines()
    assert error == "error: .: is a directory"
    assert "'wirestat batch DIR -o RESULTS'" in hint
    assert "'wirestat DIR/*'" in hint


def test_an_input_that_is_no_capture(wirestat: Wirestat) -> None:
    done = wirestat("unreadable.pcap")
    assert done.returncode == 3
    assert "unreadable.pcap: the first four bytes are of no known format (at byte 0)" in done.stderr


def test_an_input_cut_short_is_reported_all_the_same(wirestat: Wirestat) -> None:
    done = wirestat("unfit.pcap", "--fail-on", "error")
    assert done.returncode == 3
    assert "\nspan.pcapng.gz: pcapng" in done.stdout
    assert "warning: span.pcapng.gz: at byte 848: cut short inside a block" in done.stderr


def test_quiet_prints_no_warnings(wirestat: Wirestat) -> None:
    assert wirestat("-q", "unfit.pcap").stderr == ""


def test_permission(tmp_path: Path) -> None:
    secret = tmp_path / "secret.pcap"
    secret.touch(0o000)
    # root reads whatever it likes until that right is taken from it
    humble = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    done = subprocess.run(
        [*humble, sys.executable, "-m", "wirestat", secret], capture_output=True, timeout=PATIENCE
    )
    assert done.returncode == 4


def test_an_interrupted_reading_reports_what_it_has(wirestat: Wirestat) -> None:
    done = wirestat("interrupted.pcap")
    assert done.returncode == 130
    assert "\nweb.pcap" in done.stdout
    assert done.stderr == "warning: interrupted: the report covers what was read until then\n"


def test_a_bug_is_called_a_bug(wirestat: Wirestat) -> None:
    done = wirestat("broken.pcap")
    assert done.returncode == 70
    assert done.stderr.startswith("error: this is a bug in wirestat: ZeroDivisionError: on purpose\nhint: ")
    assert "Traceback" not in done.stderr
    assert "Traceback" in wirestat("broken.pcap", "-v").stderr


def test_a_reader_that_leaves_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "crowd.pcap").touch()
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "tests.commands.on_fixtures",
            str(tmp_path / "crowd.pcap"),
            "--format",
            "json",
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGPIPE, signal.SIG_IGN),
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(timeout=PATIENCE) == 141

"""What people look at: progress bars, and sources in a notebook."""

import io
import sys

import polarway as pl
import pytest
from polarway import progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def open_terminal(monkeypatch):
    """open_terminal() makes standard error a terminal, and gives it: within the test, as pytest puts its
    own in place before that."""
    monkeypatch.setattr(progress, "PATIENCE_SECONDS", 0)

    def make():
        screen = Terminal()
        monkeypatch.setattr(sys, "stderr", screen)
        return screen

    return make


@pytest.mark.parametrize("read", [list, lambda source: list(source.iter_chunks())])
def test_a_terminal_shows_how_far_a_source_has_come(numbers, open_terminal, read):
    terminal = open_terminal()
    read(pl.CsvSource(numbers(1000), chunk_size=100))
    assert "numbers-1000.csv" in terminal.getvalue()


def test_nobody_who_does_not_look_is_shown_a_bar(numbers, capfd):
    list(pl.CsvSource(numbers(1000)))
    assert capfd.readouterr() == ("", "")


def test_a_bar_can_be_asked_for_and_refused(numbers, open_terminal):
    terminal = open_terminal()
    list(pl.CsvSource(numbers(1000), progress=False))
    assert terminal.getvalue() == ""
    list(pl.CsvSource(numbers(1000), progress=True))
    assert terminal.getvalue() != ""


def test_without_tqdm_there_is_no_bar_unless_it_was_asked_for(numbers, open_terminal, monkeypatch):
    terminal = open_terminal()
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    assert sum(map(len, pl.CsvSource(numbers(1000)))) == 1000
    assert terminal.getvalue() == ""
    with pytest.raises(ImportError):
        list(pl.CsvSource(numbers(1000), progress=True))


def test_a_notebook_shows_a_source_as_a_table(tmp_path):
    path = tmp_path / "<b>.csv"
    path.write_text("a<i>,b\n1,x\n", encoding="utf-8")
    shown = pl.CsvSource(path)._repr_html_()
    assert "a&lt;i&gt;" in shown
    assert "<b>" not in shown
    assert "Int64" in shown
    assert "memory" in shown

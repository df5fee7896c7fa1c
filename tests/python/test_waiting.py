"""Who waits for a source leaves the interpreter to others, hears Ctrl-C, and takes turns."""

import asyncio
import contextlib
import os
import signal
import threading
import time

import polars as pl
import pytest
from polarway.errors import CancelledError
from polarway.streaming import CsvSource


class SlowPipe:
    """A pipe with 1,000,000 rows, more than types are inferred from, whose writer is silent then."""

    def __init__(self, path):
        self.path = path
        os.mkfifo(path)
        self.opened = threading.Event()
        threading.Thread(target=self._begin, daemon=True).start()

    def _begin(self):
        self.file = os.open(self.path, os.O_WRONLY)
        self.opened.set()
        self.write(b"a\n" + b"1\n" * 1_000_000)

    def write(self, rest):
        with contextlib.suppress(BrokenPipeError):  # a test that has seen enough
            while rest:
                rest = rest[os.write(self.file, rest) :]

    def close(self):
        if self.opened.is_set():
            os.close(self.file)
            self.opened.clear()


@pytest.fixture
def slow_pipe(tmp_path):
    pipe = SlowPipe(tmp_path / "slow.csv")
    yield pipe
    pipe.close()


class HandlerRan(Exception):
    pass


@pytest.fixture
def interrupt():
    """interrupt(source) makes a signal handler raise on the main thread, as Ctrl-C does, once it waits
    for the source. Gives a list that has the time of the signal then."""

    def handler(*_):
        raise HandlerRan

    before = signal.signal(signal.SIGUSR1, handler)

    def start(source=None):
        sent = []

        def watch():
            seen = None
            while source is not None and seen != (seen := source.stats().records_processed):
                time.sleep(0.5)
            time.sleep(0.1)
            sent.append(time.monotonic())
            signal.raise_signal(signal.SIGUSR1)

        threading.Thread(target=watch).start()
        return sent

    yield start
    signal.signal(signal.SIGUSR1, before)


def rows_until_it_waits(source):
    rows = 0
    with pytest.raises(HandlerRan):
        for chunk in source:
            rows += chunk.height
    return rows


def test_a_wait_for_rows_hears_a_signal_and_loses_none(slow_pipe, interrupt):
    source = CsvSource(slow_pipe.path, chunk_size=1000, max_chunk_size=1000)
    sent = interrupt(source)
    rows = rows_until_it_waits(source)
    assert time.monotonic() - sent[0] < 1.0
    assert rows > 0
    sent = interrupt(source)
    rows += rows_until_it_waits(source)
    slow_pipe.write(b"2\n" * 1000)
    slow_pipe.close()
    assert rows + sum(chunk.height for chunk in source) == 1_001_000


def test_a_wait_for_a_pipe_to_open_hears_a_signal(tmp_path, interrupt):
    path = tmp_path / "nobody-writes.csv"
    os.mkfifo(path)
    sent = interrupt()
    with pytest.raises(HandlerRan):
        CsvSource(path)
    assert time.monotonic() - sent[0] < 1.0
    path.open("w").close()  # what was left behind ends


def test_other_threads_run_while_one_waits(slow_pipe):
    source = CsvSource(slow_pipe.path)
    ended = []

    def read():
        with contextlib.suppress(CancelledError):
            for _ in source:
                pass
        ended.append(True)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    assert sum(range(100_000)) == 4_999_950_000
    assert source.stats().bytes_read >= 0
    while not ended:
        source._stream.stop_reading()
        time.sleep(0.01)


def test_threads_that_share_a_source_take_turns(numbers):
    source = CsvSource(numbers(100_000), chunk_size=1000, max_chunk_size=1000)
    seen = []

    def read():
        while (chunk := source.read_chunk().unwrap()) is not None:
            seen.append(chunk["a"])

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(pl.concat(seen)) == list(range(100_000))


def test_async_for_gives_the_chunks_and_lets_other_tasks_run(numbers):
    path = numbers(50_000)

    async def main():
        ticks = 0

        async def tick():
            nonlocal ticks
            while True:
                ticks += 1
                await asyncio.sleep(0)

        ticking = asyncio.create_task(tick())
        chunks = [chunk async for chunk in CsvSource(path, chunk_size=5000)]
        ticking.cancel()
        return ticks, pl.concat(chunks)

    ticks, rows = asyncio.run(main())
    assert rows.equals(pl.read_csv(path))
    assert ticks > 1


def test_an_async_read_is_cancelled(slow_pipe):
    async def main():
        source = CsvSource(slow_pipe.path, chunk_size=1000, max_chunk_size=1000)

        async def read():
            async for _ in source:
                pass

        task = asyncio.create_task(read())
        await asyncio.sleep(0.3)
        task.cancel()
        begun = time.monotonic()
        with pytest.raises(asyncio.CancelledError):
            await task
        return time.monotonic() - begun

    assert asyncio.run(main()) < 1.0

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


@pytest.fixture
def slow_pipe(tmp_path):
    """A pipe with some rows, more than types are inferred from, whose writer then falls silent."""
    path = tmp_path / "slow.csv"
    os.mkfifo(path)
    opened = []

    def write():
        writer = path.open("w")
        opened.append(writer)
        with contextlib.suppress(BrokenPipeError):  # a test that has seen enough
            writer.write("a\n" + "1\n" * 1_000_000)
            writer.flush()

    thread = threading.Thread(target=write, daemon=True)
    thread.start()
    yield path
    for writer in opened:
        with contextlib.suppress(BrokenPipeError):
            writer.close()


class HandlerRan(Exception):
    pass


@pytest.fixture
def interrupt_soon():
    """interrupt_soon() makes a signal handler raise on the main thread, as Ctrl-C does; gives the time
    of the signal."""
    sent = []

    def handler(*_):
        raise HandlerRan

    def send():
        sent.append(time.monotonic())
        signal.raise_signal(signal.SIGUSR1)

    before = signal.signal(signal.SIGUSR1, handler)

    def start():
        threading.Timer(0.3, send).start()
        return sent

    yield start
    signal.signal(signal.SIGUSR1, before)


def read_until_it_waits(source):
    for _ in source:
        pass


def test_a_wait_for_rows_hears_a_signal_and_can_go_on(slow_pipe, interrupt_soon):
    source = CsvSource(slow_pipe, chunk_size=1000, max_chunk_size=1000)
    sent = interrupt_soon()
    with pytest.raises(HandlerRan):
        read_until_it_waits(source)
    assert time.monotonic() - sent[0] < 1.0
    assert source.has_more()


def test_a_wait_for_a_pipe_to_open_hears_a_signal(tmp_path, interrupt_soon):
    path = tmp_path / "nobody-writes.csv"
    os.mkfifo(path)
    sent = interrupt_soon()
    with pytest.raises(HandlerRan):
        CsvSource(path)
    assert time.monotonic() - sent[0] < 1.0
    path.open("w").close()  # what was left behind ends


def test_a_read_that_was_interrupted_loses_no_row(slow_pipe, interrupt_soon):
    source = CsvSource(slow_pipe, chunk_size=1000, max_chunk_size=1000)
    rows = 0
    interrupt_soon()
    with pytest.raises(HandlerRan):
        for chunk in source:
            rows += chunk.height
    before = rows
    interrupt_soon()
    with pytest.raises(HandlerRan):
        for chunk in source:
            rows += chunk.height
    assert before > 0
    assert rows == source.stats().records_processed


def test_other_threads_run_while_one_waits(slow_pipe):
    source = CsvSource(slow_pipe)
    ended = []

    def read():
        with contextlib.suppress(CancelledError):
            read_until_it_waits(source)
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
        source = CsvSource(slow_pipe, chunk_size=1000, max_chunk_size=1000)

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

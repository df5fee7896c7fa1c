import asyncio

import polarway as pl
from polarway.result import Err, Ok, Result, Some, sequence
from polarway.streaming import CsvSource, MemoryLimitError, NetworkError, SourceError


def count(source: CsvSource) -> Result[int, str]:
    return (
        source.read_chunk()
        .map(lambda chunk: chunk.filter(pl.col("age") > 30))
        .map(lambda filtered: len(filtered))
        .map_err(lambda e: f"failed: {e}")
    )


def loop(source: CsvSource) -> int:
    match source.read_chunk():
        case Ok(Some(chunk)):
            return int(chunk.height)
        case Ok(None):
            return 0
        case Err(NetworkError(msg)):
            print(msg)
        case Err(MemoryLimitError(limit)):
            source.config.chunk_size //= 2
            return int(limit)
        case Err(error):
            raise error
    return 0


def frames() -> Result[pl.DataFrame, SourceError]:
    results = [CsvSource.create(name).and_then(lambda s: s.read_chunk()) for name in ("a", "b")]
    return sequence(results).map(lambda chunks: pl.concat(chunks))


def lazy() -> pl.DataFrame:
    frame = pl.scan_csv("a.csv").with_adaptive_streaming().with_memory_limit("2GB")
    return frame.filter(pl.col("a") > 1).collect()


async def main() -> None:
    async for chunk in CsvSource("a.csv", memory_limit="1GB"):
        print(chunk.height)
    with pl.CsvSource("a.csv").unwrap() as source:
        for result in source.iter_chunks():
            result.match(ok=lambda chunk: print(chunk.height), err=lambda e: print(e.message))


asyncio.run(main())

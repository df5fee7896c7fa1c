from polarway.streaming import CsvSource, SourceError
from polarway.result import Result, Ok, Err
import time

# Using Result monad for functional error handling
def process_chunk_safe(source: CsvSource) -> Result[int, SourceError]:
    """Process chunks with monadic error handling."""
    return (
        source.read_chunk()
        .map(lambda chunk: chunk.filter(pl.col("age") > 30))  # Transform
        .map(lambda filtered: len(filtered))                   # Get count
        .map_err(lambda e: f"Processing failed: {e}")          # Map error
    )

# Chaining operations safely
result = (
    CsvSource.create("data.csv")
    .and_then(lambda src: src.set_memory_limit("2GB"))
    .and_then(lambda src: src.read_chunk())
    .map(lambda chunk: chunk.select(["name", "age"]))
    .unwrap_or_else(lambda e: {
        print(f"Error: {e}")
        return pl.DataFrame()  # Return empty DataFrame on error
    })
)

# Pattern matching with match expression (Python 3.10+)
match source.read_chunk():
    case Ok(Some(chunk)):
        # Process chunk
        process_data(chunk)
    case Ok(None):
        # End of stream
        break
    case Err(NetworkError(msg)):
        # Retry network errors
        time.sleep(5)
        continue
    case Err(MemoryLimitError(limit)):
        # Reduce chunk size
        source.config.chunk_size //= 2
    case Err(error):
        # Fatal error
        raise error

# Railway-oriented programming
def pipeline(source: CsvSource) -> Result[pl.DataFrame, str]:
    """Process data with automatic error propagation."""
    return (
        source.read_chunk()
        .and_then(validate_schema)      # Fails if schema invalid
        .and_then(clean_data)            # Fails if cleaning errors
        .and_then(transform)             # Fails if transform errors
        .map(aggregate)                  # Final transformation
    )

# Using context manager for automatic cleanup
with CsvSource("data.csv").unwrap() as source:
    for chunk_result in source.iter_chunks():
        chunk_result.match(
            ok=lambda chunk: process_chunk(chunk),
            err=lambda e: log_error(f"Chunk failed: {e}")
        )

# Combining multiple Results
from polarway.result import sequence

results = [
    CsvSource.create("file1.csv").and_then(lambda s: s.read_chunk()),
    CsvSource.create("file2.csv").and_then(lambda s: s.read_chunk()),
    CsvSource.create("file3.csv").and_then(lambda s: s.read_chunk()),
]

# sequence: Result[List[DataFrame], Error]
combined = sequence(results).map(lambda chunks: pl.concat(chunks))

combined.match(
    ok=lambda df: print(f"Combined {len(df)} rows"),
    err=lambda e: print(f"Failed to combine: {e}")
)

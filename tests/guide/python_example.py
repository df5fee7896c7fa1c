import polarway as pl

# Simple adaptive streaming
df = pl.scan_csv("large_file.csv") \\
    .with_adaptive_streaming() \\
    .with_memory_limit("2GB") \\
    .collect()

# Or using source directly
from polarway.streaming import CsvSource

source = CsvSource("large_file.csv", memory_limit="2GB")
for chunk in source:
    print(f"Processing {len(chunk)} rows")

"""The tables that are measured: their types, and their files, which are made once."""

import dataclasses
import pathlib
import re
import shutil
import subprocess

PEOPLE = {
    "id": "Int64", "name": "String", "email": "String", "age": "Int64", "country": "String",
    "balance": "Float64", "score": "Float64", "signup": "Date", "last_seen": "Datetime", "active": "Boolean",
}
TAXI = {
    "VendorID": "Int64", "tpep_pickup_datetime": "Datetime", "tpep_dropoff_datetime": "Datetime",
    "passenger_count": "Int64", "trip_distance": "Float64", "RatecodeID": "Int64", "store_and_fwd_flag": "String",
    "PULocationID": "Int64", "DOLocationID": "Int64", "payment_type": "Int64", "fare_amount": "Float64",
    "extra": "Float64", "mta_tax": "Float64", "tip_amount": "Float64", "tolls_amount": "Float64",
    "improvement_surcharge": "Float64", "total_amount": "Float64", "congestion_surcharge": "Float64",
    "airport_fee": "Float64",
}
QUOTED = {
    "time": "Datetime", "level": "String", "host": "String", "process": "Int64", "message": "String",
    "agent": "String", "status": "Int64", "duration_ms": "Float64",
}
WIDE = {f"f{number:03}": "Float64" for number in range(200)}
NARROW = {name: "Int64" for name in ("id", "small", "change", "key")}

TYPES = {"people": PEOPLE, "taxi": TAXI, "quoted": QUOTED, "wide": WIDE, "narrow": NARROW}
SIZES = {"people": "2GB", "taxi": "2GB", "quoted": "1GB", "wide": "1GB", "narrow": "1GB"}
PAGED_ROWS = "1000000rows"


def types_of(table: str, header: str) -> dict[str, str]:
    """Name -> type of the columns that a header names; a column that is repeated (age_2) is as the first."""
    types = TYPES[table]
    return {name: types.get(name) or types[re.sub(r"_\d+$", "", name)] for name in header.strip().split(",")}


def json_types(types: dict[str, str]) -> dict[str, str]:
    """JSON has no dates: they are texts, there and for everyone who reads them."""
    return {name: "String" if kind in ("Date", "Datetime") else kind for name, kind in types.items()}


@dataclasses.dataclass(frozen=True)
class Variation:
    """Which values, in which columns, and how many of them in quotes that they do not need."""

    seed: int = 7
    shuffle_columns: bool = False
    columns: int = 0  # 0: as many as the table has
    quoted: float = 0  # percent

    def arguments(self) -> list[str]:
        return ["--seed", str(self.seed), *(["--shuffle-columns"] if self.shuffle_columns else []),
                *(["--columns", str(self.columns)] if self.columns else []),
                *(["--quoted", str(self.quoted)] if self.quoted else [])]

    def __str__(self) -> str:
        return "-".join(word.strip("-") for word in self.arguments())


def make(maker: pathlib.Path, folder: pathlib.Path, table: str, size: str, variation: Variation) -> pathlib.Path:
    """The file of a table, made unless it is there. `people.gz` is `people`, compressed as gzip does by itself;
    `people.ndjson` and the like are forms that `stored` knows: `size` is that of the CSV file, then, too, or says how many rows it has: "1000rows".
    It is read once, so that it is in the page cache."""
    name, _, form = table.partition(".")
    path = folder / f"{name}-{size}-{variation}.csv"
    if not path.exists():
        partial = path.with_suffix(".making")
        wanted = ["--rows", size.removesuffix("rows")] if size.endswith("rows") else ["--size", size]
        subprocess.run([maker, name, partial, *wanted, *variation.arguments()], check=True,
                       stdout=subprocess.DEVNULL)
        partial.rename(path)
    if form:
        plain, path = path, path.with_suffix(".csv.gz" if form == "gz" else f".{form}")
        if not path.exists():
            partial = path.with_suffix(".making")
            shutil.rmtree(partial, ignore_errors=True)  # a folder that was not finished
            if form == "gz":
                with partial.open("wb") as file:
                    subprocess.run(["gzip", "--no-name", "--stdout", plain], check=True, stdout=file)
            else:
                from stored import store  # which needs what is here

                store(name, plain, form, partial)
            partial.rename(path)
    buffer = bytearray(1 << 20)
    for part in files_of(path):
        with part.open("rb", buffering=0) as file:
            while file.readinto(buffer):
                pass
    return path


def files_of(path: pathlib.Path) -> list[pathlib.Path]:
    """A file, or those in a folder."""
    return sorted(path.iterdir()) if path.is_dir() else [path]

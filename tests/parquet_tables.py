"""Tables of every type that Parquet has, for the tests of what reads them."""

import datetime
import decimal
import random

import pyarrow as pa

EPOCH = datetime.date(1970, 1, 1)


def integers(rng, bits, *, signed):
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    return lambda: rng.choice([low, high, 0, rng.randint(low, high), rng.randrange(100)])


def decimals(rng, precision):
    most = 10**precision - 1
    return lambda: decimal.Decimal(rng.choice([most, -most, rng.randint(-most, most), 7])).scaleb(
        -2, decimal.Context(prec=100)
    )


def texts(rng):
    words = ["", "a", "Zürich", "日本語", "x" * 31, "y" * 32, "z" * 33, "w" * 400]
    return lambda: rng.choice([*words, "".join(rng.choices("abcdé\x00", k=rng.randrange(20)))])


def flat_values(rng):
    """Of each column: its type, and what makes a value."""
    columns = {}
    for bits in (8, 16, 32, 64):
        columns[f"int{bits}"] = (getattr(pa, f"int{bits}")(), integers(rng, bits, signed=True))
        columns[f"uint{bits}"] = (getattr(pa, f"uint{bits}")(), integers(rng, bits, signed=False))
    columns["float"] = (pa.float32(), lambda: rng.choice([0.5, -0.0, float("inf"), rng.random()]))
    columns["double"] = (pa.float64(), lambda: rng.choice([1e300, -0.0, rng.random()]))
    columns["half"] = (pa.float16(), lambda: rng.choice([0.5, -2.0, 1024.0]))
    columns["bool"] = (pa.bool_(), lambda: rng.random() < 0.7)
    text = texts(rng)
    columns["text"] = (pa.string(), text)
    columns["country"] = (pa.string(), lambda: rng.choice(["CH", "DE", "FR"]))
    columns["same"] = (pa.string(), lambda: "same")
    columns["bytes"] = (pa.binary(), lambda: text().encode() + b"\xff")
    columns["code"] = (pa.binary(3), lambda: rng.randbytes(3))
    columns["date"] = (pa.date32(), lambda: EPOCH + datetime.timedelta(rng.randint(-9999, 9999)))
    columns["time_ms"] = (pa.time32("ms"), lambda: rng.randrange(86_400_000))
    columns["time_us"] = (pa.time64("us"), lambda: rng.randrange(86_400_000_000))
    columns["span"] = (pa.duration("us"), lambda: rng.randint(-(10**9), 10**9))
    for unit in ("ms", "us", "ns"):
        moment = integers(rng, 40, signed=True)
        columns[f"at_{unit}"] = (pa.timestamp(unit), moment)
        columns[f"in_bern_{unit}"] = (pa.timestamp(unit, "Europe/Zurich"), moment)
    for precision in (4, 9, 15, 18, 19, 38):
        columns[f"dec{precision}"] = (pa.decimal128(precision, 2), decimals(rng, precision))
    columns["dec60"] = (pa.decimal256(60, 2), decimals(rng, 60))
    return columns


def flat_table(rows, null_share, seed=1):
    """A column of each type that has no structure."""
    rng = random.Random(seed)
    return pa.table(
        {
            name: pa.array(
                [None if rng.random() < null_share else make() for _ in range(rows)], type_
            )
            for name, (type_, make) in flat_values(rng).items()
        }
    )


def nested_table(rows, seed=1):
    """Columns with structure: structs, lists and maps of each other, with nulls at every level."""
    rng = random.Random(seed)

    def maybe(value):
        return None if rng.random() < 0.2 else value

    def some(make):
        return [make() for _ in range(rng.choice([0, 1, 2, 7]))]

    point = pa.struct([("x", pa.int64()), ("name", pa.string())])
    kinds = {
        "point": (point, lambda: {"x": maybe(rng.randrange(9)), "name": maybe("né")}),
        "list": (pa.list_(pa.int32()), lambda: some(lambda: maybe(rng.randrange(9)))),
        "lists": (
            pa.list_(pa.list_(pa.string())),
            lambda: some(lambda: maybe(some(lambda: maybe("t" * rng.randrange(40))))),
        ),
        "points": (pa.list_(point), lambda: some(lambda: {"x": 1, "name": maybe("p")})),
        "map": (
            pa.map_(pa.string(), pa.float64()),
            lambda: [(f"k{i}", maybe(rng.random())) for i in range(rng.randrange(4))],
        ),
    }
    return pa.table(
        {
            "id": pa.array(range(rows), pa.int64()),
            **{
                name: pa.array([maybe(make()) for _ in range(rows)], type_)
                for name, (type_, make) in kinds.items()
            },
        }
    )

"""The laws of polarway.result."""

import operator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from polarway.result import End, Err, Ok, Some, UnwrapError, as_result, do, sequence

numbers = st.integers(-5, 5)
results = st.one_of(st.builds(Ok, numbers), st.builds(Err, st.text(max_size=3)))
functions = st.sampled_from([abs, operator.neg, lambda n: n + 1, lambda n: n * n])
steps = st.sampled_from(
    [Ok, Err, lambda n: Ok(n + 1), lambda n: Ok(n) if n > 0 else Err("not positive")]
)


def identity(value):
    return value


@given(results)
def test_mapping_the_identity_changes_nothing(result):
    assert result.map(identity) == result
    assert result.map_err(identity) == result


@given(results, functions, functions)
def test_mapping_twice_is_mapping_the_composition(result, f, g):
    assert result.map(f).map(g) == result.map(lambda value: g(f(value)))


@given(numbers, steps)
def test_ok_is_the_left_identity_of_and_then(value, step):
    assert Ok(value).and_then(step) == step(value)


@given(results)
def test_ok_is_the_right_identity_of_and_then(result):
    assert result.and_then(Ok) == result


@given(results, steps, steps)
def test_and_then_is_associative(result, f, g):
    assert result.and_then(f).and_then(g) == result.and_then(lambda value: f(value).and_then(g))


@given(results, functions)
def test_map_is_and_then_of_ok(result, f):
    assert result.map(f) == result.and_then(lambda value: Ok(f(value)))


@given(results)
def test_or_else_and_map_err_mirror_and_then_and_map(result):
    def mirrored(one):
        return Err(one.value) if one.is_ok() else Ok(one.error)

    assert result.map_err(str) == mirrored(mirrored(result).map(str))
    assert result.or_else(Err) == result
    assert result.or_else(Ok) == mirrored(mirrored(result).and_then(Err))


@given(results, numbers)
def test_what_is_got_out_is_what_is_in(result, default):
    inside = result.value if result.is_ok() else result.error
    assert result.is_ok() is not result.is_err()
    assert (result.ok(), result.err()) == ((inside, None) if result.is_ok() else (None, inside))
    assert result.unwrap_or(default) == (inside if result.is_ok() else default)
    assert result.unwrap_or_else(lambda error: (error,)) == (
        inside if result.is_ok() else (inside,)
    )
    assert result.map_or(default, str) == (str(inside) if result.is_ok() else default)
    assert result.map_or_else(repr, str) == (str(inside) if result.is_ok() else repr(inside))
    assert result.match(ok=str, err=repr) == result.map_or_else(repr, str)


@given(results)
def test_inspecting_sees_the_value_and_gives_the_result_on(result):
    seen = []
    assert result.inspect(seen.append) is result
    assert result.inspect_err(lambda error: seen.append((error,))) is result
    assert seen == [result.value if result.is_ok() else (result.error,)]


@given(st.lists(results, max_size=5))
def test_a_sequence_has_all_values_or_the_first_error(parts):
    errors = [part for part in parts if part.is_err()]
    expected = errors[0] if errors else Ok([part.value for part in parts])
    assert sequence(iter(parts)) == expected


def test_a_sequence_asks_for_nothing_behind_its_first_error():
    def parts():
        yield Ok(1)
        yield Err("no")
        pytest.fail("asked for more")

    assert sequence(parts()) == Err("no")


@given(results, results)
def test_do_is_a_chain_of_and_then(first, second):
    @do
    def total():
        a = yield from first
        b = yield from second
        return a + b

    assert total == first.and_then(lambda a: second.map(lambda b: a + b))


def test_do_closes_the_block_that_an_error_ends():
    closed = []

    def block():
        try:
            yield from Err("no")
        finally:
            closed.append(True)

    assert do(block) == Err("no")
    assert closed == [True]


def test_unwrapping_an_error_raises_it():
    error = ValueError("no")
    with pytest.raises(ValueError, match="no") as raised:
        Err(error).unwrap()
    assert raised.value is error
    with pytest.raises(UnwrapError, match="'no'"):
        Err("no").unwrap()
    with pytest.raises(UnwrapError, match="wanted a number: no") as raised:
        Err(error).expect("wanted a number")
    assert raised.value.__cause__ is error
    with pytest.raises(UnwrapError):
        Ok(1).unwrap_err()
    assert Ok(1).expect("wanted a number") == 1
    assert Err(2).unwrap_err() == 2


def test_as_result_catches_what_it_names_and_nothing_else():
    parse = as_result(ValueError)(int)
    assert parse("3") == Ok(3)
    assert isinstance(parse("x").err(), ValueError)
    with pytest.raises(TypeError):
        parse(None)
    with pytest.raises(TypeError, match="exception types"):
        as_result()


def kind_of(result):
    match result:
        case Ok(Some(value)):
            return value
        case Ok(None):
            return "none"
        case Err(error):
            return (error,)


@given(st.one_of(st.none(), st.integers(), st.text(), st.lists(st.integers())))
def test_some_is_the_pattern_for_all_but_none(value):
    assert kind_of(Ok(value)) == ("none" if value is None else value)
    assert kind_of(Err(value)) == (value,)
    assert isinstance(value, Some) is (value is not None)
    if value is None:
        with pytest.raises(TypeError):
            Some(value)
    else:
        assert Some(value) is value


def test_nothing_is_mapped_over_the_end():
    end = End()
    assert kind_of(end) == "none"
    assert end == Ok(None)
    for chained in (end.map(len), end.and_then(len), end.inspect(len)):
        assert chained is end
    assert end.map_or(0, len) == 0
    assert end.map_err(len) is end
    assert end.unwrap() is None


@given(results, results)
def test_equal_results_have_equal_hashes(one, other):
    assert (one == other) is ((type(one), kind_of(one)) == (type(other), kind_of(other)))
    if one == other:
        assert hash(one) == hash(other)

"""How often somebody may try to sign in."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.access.attempts import Attempts

MINUTE = 60_000


def attempts(keys_max: int = 100) -> Attempts:
    """Three a name, five an address, in ten minutes."""
    return Attempts(per_name=3, per_address=5, window_ms=10 * MINUTE, keys_max=keys_max)


def test_a_name_waits_until_its_oldest_try_has_left_the_window() -> None:
    """From wherever it is tried."""
    tries = attempts()
    assert [tries.begin("zhang", f"10.0.0.{n}", n * MINUTE) for n in range(3)] == [0, 0, 0]
    assert tries.begin("zhang", "10.0.0.9", 3 * MINUTE) == 7 * MINUTE
    assert tries.begin("li", "10.0.0.9", 3 * MINUTE) == 0
    assert tries.begin("zhang", "10.0.0.9", 10 * MINUTE) == 0
    assert tries.refused == 1


def test_an_address_waits_whatever_names_it_tries() -> None:
    """Guessing names is guessing too."""
    tries = attempts()
    assert [tries.begin(f"n{n}", "10.0.0.1", 0) for n in range(5)] == [0] * 5
    assert tries.begin("n5", "10.0.0.1", 1) == 10 * MINUTE - 1
    assert tries.begin("n5", "10.0.0.2", 1) == 0


def test_a_line_has_one_address_however_many_it_can_take() -> None:
    """Of IPv6 whoever has one address has a network of them; addresses of IPv4 are one each, written as IPv6 too."""
    tries = attempts()
    assert [tries.begin(f"n{n}", f"2001:db8:0:1::{n}", 0) for n in range(5)] == [0] * 5
    assert tries.begin("n5", "2001:db8:0:1:ffff::1", 0) > 0
    assert tries.begin("n5", "2001:db8:0:2::1", 0) == 0
    for address in ("10.0.0.{}", "::ffff:10.0.1.{}", "not an address {}"):
        assert [tries.begin(f"{address}{n}", address.format(n), 0) for n in range(9)] == [0] * 9
    tries.succeeded("n4", "2001:db8:0:1::7")
    assert tries.begin("n6", "2001:db8:0:1::8", 0) == 0


def test_a_good_try_takes_itself_and_the_names_back_but_not_the_addresss() -> None:
    """Whoever knows one password does not get endless tries at others."""
    tries = attempts()
    for name in ("zhang", "zhang", "li", "wang"):
        tries.begin(name, "a", 0)
    tries.begin("zhang", "a", 1)
    tries.succeeded("zhang", "a")
    assert tries.begin("zhang", "a", 2) == 0
    assert tries.begin("zhang", "a", 3) > 0
    assert [tries.begin("zhang", "b", 4), tries.begin("zhang", "b", 4)] == [0, 0]


def test_tries_side_by_side_count_each() -> None:
    """A try counts when it begins: a hundred at once are three."""
    tries = attempts()
    assert sum(tries.begin("zhang", f"a{n}", 0) == 0 for n in range(100)) == 3


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50), st.integers(0, 5 * MINUTE)), max_size=200))
def test_bounded_whatever_comes(steps: list[tuple[int, int, int]]) -> None:
    """Keys, tries of a key, and tries let through in a window."""
    tries, now, let = attempts(keys_max=20), 0, list[tuple[int, str, str]]()
    for name, address, wait in steps:
        now += wait
        if tries.begin(f"n{name}", f"a{address}", now) == 0:
            let.append((now, f"n{name}", f"a{address}"))
        assert len(tries.tries) <= 20
        assert all(len(each) <= 5 for each in tries.tries.values())
    if not tries.forgotten:
        for at, who, _ in let:
            assert sum(at <= other < at + 10 * MINUTE and who == whose for other, whose, _ in let) <= 3

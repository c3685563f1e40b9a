"""Numbers as text for people. An unknown number is a dash; a negative number has a true minus sign, U+2212."""

from collections.abc import Callable

from benchmarks.evaluation.stats import Interval
from benchmarks.evaluation.stats.probabilities import SAME

UNKNOWN = "–"
NUMERICALLY_SAME = (
    f"numerically the same: no probability differs by more than {SAME:.5f}, so more pictures are not needed"
)


def percent(share: float | None) -> str:
    """A share as "99.36%"; 100.00% means exactly all, and 0.00% exactly none."""
    if share is None:
        return UNKNOWN
    if 0 < share < 1:
        share = min(max(share, 0.0001), 0.9999)
    return f"{share:.2%}"


def rough(share: float | None) -> str:
    """A share as "97 %", for shares that are not more precise than that."""
    return UNKNOWN if share is None else f"{share:.0%}".replace("%", " %")


def points(value: float | None) -> str:
    """Percentage points with their sign, "−0.03"."""
    if value is None:
        return UNKNOWN
    rounded = round(value, 2) + 0.0  # never "−0.00"
    return f"{rounded:+.2f}".replace("-", "−")


def milliseconds(value: float | None) -> str:
    """Up to three significant digits: "0.42", "8.31", "41.7", "128"."""
    if value is None:
        return UNKNOWN
    decimals = 2 if value < 10 else 1 if value < 100 else 0
    return f"{value:.{decimals}f}"


def size(count: int | None) -> str:
    """Bytes as "378 kB" or "18.6 MB"."""
    if count is None:
        return UNKNOWN
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{count / 1e3:.0f} kB"


def ratio(value: float | None) -> str:
    """Three decimals, "0.987"."""
    return UNKNOWN if value is None else f"{value:.3f}"


def small(value: float | None) -> str:
    """A divergence or a difference of probabilities: "3.1e-06", "0.042", "0" for none."""
    if value is None:
        return UNKNOWN
    if value == 0:
        return "0"
    return f"{value:.1e}".replace("-", "−") if abs(value) < 0.001 else f"{value:.3f}"


def probability(value: float | None) -> str:
    """A p-value: "0.031", "< 0.001"."""
    if value is None:
        return UNKNOWN
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def celsius(value: float | None) -> str:
    """Degrees, "31.5 °C"."""
    return UNKNOWN if value is None else f"{value:.1f} °C"


def plain(value: float | None) -> str:
    """Any number, in at most six digits."""
    return UNKNOWN if value is None else f"{value:.6g}".replace("-", "−")


def count(value: int | None) -> str:
    """With a comma between thousands, "10,000"."""
    return UNKNOWN if value is None else f"{value:,}"


def span(interval: Interval | None, number: Callable[[float], str] = plain) -> str:
    """ "−0.10 to +0.04": both ends as `number` formats them."""
    return UNKNOWN if interval is None else f"{number(interval.low)} to {number(interval.high)}"


def plural(number: int, noun: str) -> str:
    """ "1 gate", "3 gates", "4 phones"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def inputs_needed(inputs: int | None) -> str:
    """What would decide an inconclusive verdict: "about 770 pictures like these would decide", rounded up."""
    if inputs is None:
        return "evaluate on more pictures to be sure"
    return f"about {rounded_up(inputs)} pictures like these would decide"


def rounded_up(number: int) -> str:
    """The next number of two significant digits: "770" for 765, "1,300" for 1201."""
    unit = 10 ** max(0, len(str(number)) - 2)
    return count(-(-number // unit) * unit)

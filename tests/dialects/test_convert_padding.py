"""Names of paddings: the same rule, or a reason why there is none."""

import pytest

from npstn.dialects import convert_padding


@pytest.mark.parametrize(
    ("padding", "source", "target", "aligns", "found"),
    [
        ("zeros", "torch", "opencv", {}, 0),
        ("reflection", "torch", "opencv", {}, 2),
        ("reflection", "torch", "opencv", {"source_align": True}, 4),
        ("mirror", "scipy", "torch", {"target_align": True}, "reflection"),
        ("grid-constant", "scipy", "torch", {}, "zeros"),
        (3, "opencv", "scipy", {}, "grid-wrap"),
    ],
)
def test_the_same_rule_has_another_name(padding, source, target, aligns, found):
    assert convert_padding(padding, source, target, **aligns) == found


@pytest.mark.parametrize(
    ("padding", "source", "target", "why"),
    [
        ("mirror", "scipy", "torch", "does not mirror in the centres .* align_corners"),
        ("constant", "scipy", "torch", r"do not count outside \[0, S-1\], and it has no such gate"),
        (3, "opencv", "torch", "it has no padding wrap"),
        ("wrap", "scipy", "opencv", "it has no such gate|it repeats or mirrors otherwise"),
        ("wrong", "scipy", "opencv", "padding is 'wrong', expected one of 'constant'"),
    ],
)
def test_a_rule_that_a_system_lacks_says_why(padding, source, target, why):
    with pytest.raises(ValueError, match=why):
        convert_padding(padding, source, target)

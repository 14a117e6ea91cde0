"""Names that are surely mistyped are refused; names that only look alike are not."""

from __future__ import annotations

import pytest

from gatecalc.equations import read
from gatecalc.errors import NotationError

MISTYPED = {
    "c_tilde[t] = tanh(W @ x[t])\nh[t] = h[t-1] + c_tidle[t]": ("c_tidle[t]", "write c_tilde[t]"),
    "f[t] = sigmoid(W @ x[t])\nh[t] = ff[t] * h[t-1] + x[t]": ("ff[t]", "write f[t]"),
    "f[t] = sigmoid(W @ x[t])\nh[t] = F[t] * h[t-1] + x[t]": ("F[t]", "write f[t]"),
    "I[t] = sigmoid(W @ x[t])\nh[t] = h[t-1] + i[t] * x[t]": ("i[t]", "write I[t]"),
    "alpha = 0.1\nh[t] = (1 - alhpa) * h[t-1] + alpha * x[t]": ("alhpa", "write alpha"),
    "epsilonn = 0.1\nh[t] = x[t] / (epsilon + norm(x[t])) + h[t-1]": ("epsilonn", "epsilon?"),
}


@pytest.mark.parametrize("text", MISTYPED)
def test_a_mistyped_name_is_shown_with_the_one_that_was_meant(text: str) -> None:
    wrong, advice = MISTYPED[text]
    with pytest.raises(NotationError) as caught:
        read(text)
    shown = str(caught.value).splitlines()
    assert shown[1][shown[2].index("^") :].startswith(wrong)
    assert advice in shown[-1]


@pytest.mark.parametrize(
    "text",
    [
        "h[t] = (1 - z[t]) * h[t-1] + z[t] * x[t]",  # two inputs
        "f[t] = sigmoid(W @ x[t])\nh[t] = h[t-1] + x[t]",  # a value for the trace
        "f[t] = sigmoid(W @ x[t])\nh[t] = f[t] * h[t-1] + ff[t]",
        "beta = 0.1\nh[t] = beta * (W_hx @ x[t]) + W_xh @ h[t-1]",
        "u: D\nU[t] = sigmoid(W @ x[t])\nh[t] = h[t-1] + V @ u[t]",  # pinned, so meant
        "Alpha = 0.1\nh[t] = Alpha * x[t] + alpha * h[t-1]",
        "a_1 = 0.1\nh[t] = a_1 * x[t] + a_2 * h[t-1]",
    ],
)
def test_names_that_are_only_alike_stay(text: str) -> None:
    assert read(text)

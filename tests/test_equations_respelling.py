"""Equations as papers print them: what gatecalc makes of all lines at once."""

from __future__ import annotations

import textwrap

import pytest
from odd_cells import ODD_CELLS, lines

from gatecalc.bench.structure import correspondence
from gatecalc.equations import catalogue, read
from gatecalc.equations.respelling import MOST_CHARACTERS, respelled
from gatecalc.errors import NotationError

PRINTED = {
    "JANET, with Unicode": (
        """
        f_t = σ(W_f x_t + U_f h_{t−1} + b_f)   # the only gate
        c̃_t = tanh(W_c x_t + U_c h_{t−1} + b_c)
        c_t = f_t ⊙ c_{t−1} + (1 − f_t) ⊙ c̃_t
        h_t = c_t""",
        """
        f[t] = sigmoid(W_f @ x[t] + U_f @ h[t-1] + b_f)   # the only gate
        c_tilde[t] = tanh(W_c @ x[t] + U_c @ h[t-1] + b_c)
        c[t] = f[t] * c[t-1] + (1 - f[t]) * c_tilde[t]
        h[t] = c[t]""",
    ),
    "a peephole, whose product is elementwise": (
        """
        i_t = σ(W_{xi} x_t + W_{ci} ∘ c_{t-1} + b_i)
        c_t = i_t ∘ tanh(W_{xc} x_t) + λ c_{t-1}""",
        """
        W_ci: H
        i[t] = sigmoid(W_xi @ x[t] + W_ci * c[t-1] + b_i)
        c[t] = i[t] * tanh(W_xc @ x[t]) + lambda_ * c[t-1]""",
    ),
    "brackets for vectors that are joined": (
        """
        z_t = σ(W_z · [h_{t-1}, x_t])
        r_t = σ(W_r [h_{t-1}; x_t])
        h_t = (1 - z_t) * h_{t-1} + z_t * tanh(W · [r_t * h_{t-1}, x_t])""",
        """
        z[t] = sigmoid(W_z @ concat(h[t-1], x[t]))
        r[t] = sigmoid(W_r @ concat(h[t-1], x[t]))
        h[t] = (1 - z[t]) * h[t-1] + z[t] * tanh(W @ concat(r[t] * h[t-1], x[t]))""",
    ),
    "indices of Unicode": (
        "hₜ = zₜ ⊙ hₜ₋₁ + (1 − zₜ) ⊙ tanh(W xₜ + U (zₜ ⊙ hₜ₋₁))\nzₜ = σ(W₂ xₜ)",
        """
        h[t] = z[t] * h[t-1] + (1 - z[t]) * tanh(W @ x[t] + U @ (z[t] * h[t-1]))
        z[t] = sigmoid(W_2 @ x[t])""",
    ),
    "round brackets and MATLAB's signs": (
        "z(t) = sigmoid(Wz x(t) + Uz h(t-1))\nh(t) = z(t) .* h(t-1) + (1 - z(t)) .* x(t)",
        "z[t] = sigmoid(Wz @ x[t] + Uz @ h[t-1])\nh[t] = z[t] * h[t-1] + (1 - z[t]) * x[t]",
    ),
    "upper indices and transposes": (
        "h_t = tanh(W^{ch} h_{t-1} + b^c + V^⊤ x_t) - (z_t - 1)²\nz_t = exp(h_{t-1})",
        "h[t] = tanh(W_ch @ h[t-1] + b_c + V.T @ x[t]) - (z[t] - 1)**2\nz[t] = exp(h[t-1])",
    ),
    "LaTeX": (
        r"""
        i_t &= \sigma(\mathbf{W}_{xi} x_t + W_{hi} h_{t-1} + b_i) \\
        \tilde{\mathbf{h}}_t &= \tanh\left(W_{xc} x_t + \alpha \, h_{t-1}\right) \\
        h_t &= (1 - i_t) \odot h_{t-1} + i_t \odot \tilde{\mathbf{h}}_t""",
        """
        i[t] = sigmoid(W_xi @ x[t] + W_hi @ h[t-1] + b_i)
        h_tilde[t] = tanh(W_xc @ x[t] + alpha * h[t-1])
        h[t] = (1 - i[t]) * h[t-1] + i[t] * h_tilde[t]""",
    ),
    "PyTorch's own, without spaces": (
        "i_t=σ(W_{ii}x_t+b_{ii}+W_{hi}h_{(t−1)}+b_{hi})\nh_t=(1−i_t)h_{(t−1)}+i_t⊙tanh(x_t)",
        "i[t]=sigmoid(W_ii @ x[t]+b_ii+W_hi @ h[t-1]+b_hi)\nh[t]=(1-i[t]) * h[t-1]+i[t]*tanh(x[t])",
    ),
    "Greek letters before brackets": (
        "h_t = (ζ(1 − z_t) + ν) ⊙ h_{t−1}\nz_t = σ(V x_t)",
        "h[t] = (zeta * (1 - z[t]) + nu) * h[t-1]\nz[t] = sigmoid(V @ x[t])",
    ),
    "numbers of equations, commas, products before functions": (
        "i_t = σ(W_{xi} x_t + b_i),  (1)\nh_t = i_t tanh(W x_t) + α h_{t−1}.  (2)",
        "i[t] = sigmoid(W_xi @ x[t] + b_i)\nh[t] = i[t] * tanh(W @ x[t]) + alpha * h[t-1]",
    ),
    "a matrix called F": (
        "h_t = tanh(F.T @ x_t + np.exp(U @ h_{t−1}))",
        "h[t] = tanh(F.T @ x[t] + exp(U @ h[t-1]))",
    ),
    "code": (
        "h_t = np.tanh(self.W @ x_t + self.U @ h_prev)",
        "h[t] = tanh(W @ x[t] + U @ h[t-1])",
    ),
}


@pytest.mark.parametrize("what", PRINTED)
def test_equations_as_papers_print_them_are_respelled(what: str) -> None:
    printed, wanted = map(textwrap.dedent, PRINTED[what])
    printed, wanted = printed.strip("\n"), wanted.strip("\n")
    assert respelled(printed) == wanted


def test_the_answer_to_one_slip_shows_all_lines_as_they_should_be() -> None:
    printed, wanted = map(textwrap.dedent, PRINTED["JANET, with Unicode"])
    with pytest.raises(NotationError) as caught:
        read(printed)
    first, _, shown = str(caught.value).partition(
        "\nor all of it, respelled (compare it with the paper):\n"
    )
    assert first.startswith("line 2: the notation has no `σ`")
    assert textwrap.dedent(shown) == wanted.strip("\n")
    assert correspondence(read(shown), read(wanted)) is not None


def test_what_is_not_a_cell_even_then_is_not_shown() -> None:
    for text in (
        "s_t = φ(W x_t + U s_{t-1})",
        "h_t = σ(W x_t + U c_{t-1})",
        "h_t = W x_t ⊙",
        "h_t = W x_t⁻¹",
    ):
        with pytest.raises(NotationError) as caught:
            read(text)
        assert "respelled" not in str(caught.value)


def test_one_slip_has_its_own_answer_alone() -> None:
    with pytest.raises(NotationError) as caught:
        read("h[t] = σ(W @ x[t])")
    assert "respelled" not in str(caught.value)


@pytest.mark.parametrize(
    "text", [*map(catalogue.text, catalogue.names()), *map(lines, ODD_CELLS.values())]
)
def test_what_is_in_the_notation_stays_as_it_is(text: str) -> None:
    assert respelled(text) == text


def test_long_texts_are_left_alone() -> None:
    text = "h_t = σ(W x_t)\n" * MOST_CHARACTERS
    assert respelled(text) == text


UNCLEAR = (
    "h_t = ReLU(W x_t + u ⊙ h_{t−1} + b)",
    "h_t = tanh(LayerNorm(W x_t + U h_{t−1}) + b)",
    "z_t = Φ(x_t)\nh_t = z_t + h_{t-1}",
    "i_t = σ(W_xi x_t + W_ci * c_{t−1} + b_i)\nc_t = i_t * c_{t−1} + tanh(W_xc x_t)",
    "h[t] = relu(W @ x[t] + U * h[t−1] − b)",
    "h_t = h_{t−1} + Δt (tanh(W x_t + U h_{t−1}) − h_{t−1})",
    r"\mathbf{h}_{t}=\sigma(\mathbf{W}\mathbf{x}_{t}+\mathbf{u}\odot\mathbf{h}_{t-1}+\mathbf{b})",
    "hₜ = σ(Wxₜ + u ⊙ hₜ₋₁ + b)",
    "h_t = tanh(αW h_{t−1} + βU x_t)",
    "h_t = γ^{2} h_{t−1} + W x_t",
    "h_t = a^{2} ⊙ h_{t−1} + b^{3} x_t",
    "h_t = e^a h_{t−1} + W x_t",
    "h_t = γ^t h_{t−1} + W x_t",
    "h_t = tanh(W^1 x_t + W^2 h_{t−1} + b)",
    r"h_t = tanh(W x_t / \sqrt{d} + U h_{t-1})",
    r"h_t = \exp{a} \odot h_{t-1} + x_t",
    "h_t = h_{t−1} + (f_t−1)(h_{t−1} − x_t)\nf_t = σ(x_t)",
    "h_t = (1 − H) ⊙ h_{t−1} + W ⊙ x_t",
    "h_t = μ + σ (x_t − h_{t−1})",
    "h_t = δ(W x_t + U h_{t-1})",
    "h_t = (A + B) h_{t−1} + C x_t",
    "h_t = α (W + U) h_{t−1} + x_t",
    "a_t = w · h_{t−1}\nh_t = a_t x_t",
    "h_t = tanh(self.W_f(x_t) + self.U(h_prev))",
)
"""What a paper may mean in two ways, or in one that a rule would miss."""


@pytest.mark.parametrize("text", UNCLEAR)
def test_what_is_not_clear_is_not_respelled(text: str) -> None:
    with pytest.raises(NotationError) as caught:
        read(text)
    assert "respelled" not in str(caught.value)

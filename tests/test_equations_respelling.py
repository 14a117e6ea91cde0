"""Equations as papers print them: what gatecalc makes of all lines at once."""

from __future__ import annotations

import re
import textwrap
import time

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
    "a Greek letter that stands alone elsewhere": (
        "h_t = λ h_{t−1} + λ(W x_t + U h_{t−1})",
        "h[t] = lambda_ * h[t-1] + lambda_ * (W @ x[t] + U @ h[t-1])",
    ),
    "columns of vectors that are joined": (
        r"""
        r_t = \sigma(W_r \begin{pmatrix} x_t \\[2pt] h_{t-1} \end{pmatrix} + b_r)
        h_t = \tanh\left(W \begin{bmatrix} \bm{x}_t \\ r_t \odot h_{t-1} \end{bmatrix}\right)""",
        """
        r[t] = sigmoid(W_r @ concat(x[t], h[t-1]) + b_r)
        h[t] = tanh(W @ concat(x[t], r[t] * h[t-1]))""",
    ),
    "dots between gates and what they gate": (
        r"""
        z_t = \sigma(W_z x_t + U_z h_{t-1})
        r_t = \sigma(W_r x_t + U_r h_{t-1})
        n_t = 2 \cdot \tanh(W x_t + U (r_t \cdot h_{t-1}) + r_t \cdot (V x_t))
        h_t = (1 - z_t) \cdot h_{t-1} + z_t \cdot n_t""",
        """
        z[t] = sigmoid(W_z @ x[t] + U_z @ h[t-1])
        r[t] = sigmoid(W_r @ x[t] + U_r @ h[t-1])
        n[t] = 2 * tanh(W @ x[t] + U @ (r[t] * h[t-1]) + r[t] * (V @ x[t]))
        h[t] = (1 - z[t]) * h[t-1] + z[t] * n[t]""",
    ),
    "dots where a gate is the complement of another": (
        """
        i_t = σ(W_i x_t + U_i h_{t-1} + p_i ⊗ c_{t-1})
        f_t = 1 − i_t
        c_t = f_t ⊗ c_{t-1} + i_t ⊗ x_t
        h_t = f_t ⊗ tanh(c_t)""",
        """
        i[t] = sigmoid(W_i @ x[t] + U_i @ h[t-1] + p_i * c[t-1])
        f[t] = 1 - i[t]
        c[t] = f[t] * c[t-1] + i[t] * x[t]
        h[t] = f[t] * tanh(c[t])""",
    ),
    "upper indices that are gates": (
        "z_t = σ(W^z x_t + U^z h_{t-1})\nh_t = z_t h_{t-1} + W^{(k)} x_t",
        "z[t] = sigmoid(W_z @ x[t] + U_z @ h[t-1])\nh[t] = z[t] * h[t-1] + W_k @ x[t]",
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
    # Columns that are not joined, lines that end in the middle, a sum or concatenation.
    *(
        rf"h_t = \tanh\left( W \begin{{{name}}} x_t \\ h_{{t-1}} \end{{{name}}} + b \right)"
        for name in ("cases", "matrix", "vmatrix")
    ),
    r"h_t = \tanh\left( W \begin{bmatrix} x_t & h_{t-1} \end{bmatrix} + b \right)",
    "h_t = \\tanh\\left( W \\begin{bmatrix} x_t \\\\\nh_{t-1} \\end{bmatrix} + b \\right)",
    r"h_t = \tanh(W x_t \\ h_{t-1})",
    "h_t = tanh(W_h (h_{t-1} ⊕ x_t) + b_h)",
    r"h_t = \tanh(W_h (h_{t-1} \oplus x_t) + b_h)",
    # Parameters of a time step.
    *(
        f"h_t = tanh({w} x_t + {u} h_{{t-1}} + {b})"
        for w, u, b in (
            ("W^t", "U^t", "b"),
            ("W_h^t", "U_h^t", "b"),
            ("V^{(t)}", "V^{(t-1)}", "b"),
            ("W^{t}", "U^{t}", "b"),
            ("W_{t}", "U_{t}", "b"),
            ("W", "U", "b_t"),
            ("W", "U", "b_{t}"),
            ("W", "U", "b_h^t"),
            ("W", "W_t ⊙", "b"),
            ("W", "U", "β_t"),
        )
    ),
    "h_t = A_{t} h_{t-1} + W x_t\nA_{t} = exp(-x_t)",
    # Products of two vectors that are not elementwise.
    "q_t = W_q x_t\nk_t = W_k x_t\nh_t = h_{t-1} + (q_t · k_t) x_t",
    "q_t = W_q x_t\nk_t = W_k x_t\nh_t = h_{t-1} + (q_t \\cdot k_t) x_t",
    "w_t = σ(W x_t)\nh_t = h_{t-1} + (w_t · h_{t-1}) x_t",
    "w_t = σ(W x_t)\na_t = w_t · x_t\nh_t = a_t h_{t-1} + x_t",
    "f_t = σ(W x_t)\nq_t = σ(V x_t)\nh_t = f_t ⊙ h_{t-1} + q_t · x_t",
    "s_t = λ s_{t-1} + v_t ⊗ k_t\nv_t = W_v x_t\nk_t = W_k x_t",
    "s_t = λ s_{t-1} + v_t ⊗ k_t\nv_t = W_v x_t\nk_t = σ(W_k x_t)",
    # How far does a matrix reach, or a division?
    "h_t = tanh(W x_t + U r_t ⊙ h_{t-1})\nr_t = σ(V x_t)",
    "h_t = tanh(W x_t + U r_t h_{t-1})\nr_t = σ(V x_t)",
    "h_t = tanh(W x_t + U r_t * h_{t-1})\nr_t = σ(V x_t)",
    "h_t = tanh(W x_t + U @ r_t ⊙ h_{t-1})\nr_t = σ(V x_t)",
    "h_t = tanh(W x_t + U (r_t\n ⊙ h_{t-1})\n ⊙ r_t)\nr_t = σ(V x_t)",
    "h_t = tanh(W x_t + U h_{t-1} / r_t)\nr_t = σ(V x_t)",
    "h_t = W x_t tanh(h_{t-1})",
    "h_t = a_t / b_t h_{t-1} + x_t",
    "h_t = x_t / α h_{t-1}",
    "h_t = x_t / 2 h_{t-1}",
    "h_t = x_t / s² ⊙ h_{t-1}",
    "h_t = x_t / tanh(x_t) h_{t-1}",
    "h_t = h_{t-1} / (1 + z_t) z_t + x_t\nz_t = σ(x_t)",
    "h_t = h_{t-1} / (1\n + z_t) z_t + x_t\nz_t = σ(x_t)",
    # Functions, and layers with a bias of their own.
    *(f"h_t = {letter}(W x_t + U h_{{t-1}})" for letter in "αβγζλμν"),
    "x̂_t = (x_t − μ(x_t)) / s\nh_t = tanh(W x̂_t + U h_{t−1})",
    "h_t = γ(W x_t) ⊙ h_{t-1} + β(W x_t)",
    "r_t = torch.sigmoid(W_r(x_t) + U_r(h_prev))\nh_t = r_t * h_prev + torch.tanh(W_h(x_t))",
    "h_t = σ(W_r(x_t) + U_r(h_{t-1}))",
    "h_t = torch.tanh(W_h(x_t + 1) + U_h(2 * h_prev))",
    "h_t = tf.nn.leaky_relu(W @ x_t + U @ h_prev)",
    "h_t = jnp.tanh(x_t) + nn.gelu(W @ x_t + U @ h_prev)",
    r"\dot{h}_t = -h_t + W x_t",
    "ḣ_t = −h_t + W x_t",
    # A time step, or one less; a power, or an index; a size.
    "z_t = σ(W x_t)\nh_t = h_prev + (z_t-1) * h_prev + x_t",
    "z_t = σ(W x_t)\nh_t = h_t-1 + (z_t-1) * h_t-1 + x_t",
    "h_t = U^k h_{t-1} + V x_t",
    "h_t = W_f^T x_t^1 + h_prev^1",
    "h_t = U^{n} h_{t-1} + V x_t",
    "h_t = U h_{t-1} + V x_t + b^n",
    "z_t = W_p ∘ x_t\nh_t = tanh(V z_t + U h_{t-1})",
    "z_t = σ(W_p ∘ c_{t-1} + W_q ∘ h_{t-1})\nc_t = z_t ∘ x_t\nh_t = V c_t",
)
"""What a paper may mean in two ways, or in one that a rule would miss."""


def test_comments_may_hold_what_is_not_clear() -> None:
    shown = respelled("h_t = σ(W x_t + U h_{t-1})  # at Δt, z_t-1 and \\sqrt{d}")
    assert shown == "h[t] = sigmoid(W @ x[t] + U @ h[t-1])  # at Δt, z_t-1 and \\sqrt{d}"


@pytest.mark.parametrize("text", UNCLEAR)
def test_what_is_not_clear_is_not_respelled(text: str) -> None:
    with pytest.raises(NotationError) as caught:
        read(text)
    assert "respelled" not in str(caught.value)


_LETTERS = {"sigmoid(": r"\sigma(", "tanh(": r"\tanh(", "alpha": r"\alpha", "zeta": r"\zeta "}


def _in_latex(text: str, product: str) -> str:
    """Equations of the catalogue as a paper prints them, comments apart."""
    code = "\n".join(line.partition("#")[0].rstrip() for line in text.splitlines())
    code = re.sub(r"(\w) @ concat\(([^()]*)\)", r"\1 [\2]", code).replace(" @ ", " ")
    code = re.sub(r"\b([a-z])_tilde\[t\]", r"\\tilde{\1}_t", code.replace(" * ", f" {product} "))
    code = re.sub(r"\b(\w+)\[t(-1)?\]", lambda m: f"{m[1]}_{{t{m[2] or ''}}}", code)
    code = re.sub(r"\b([A-Za-z])_([a-z]{1,2})\b", r"\1_{\2}", code)
    for plain, printed in _LETTERS.items():
        code = code.replace(plain, printed)
    return code.strip("\n")


@pytest.mark.parametrize("product", [r"\odot", r"\circ"])
@pytest.mark.parametrize("name", sorted({*catalogue.names()} - {"lstm_layer_norm"}))
def test_the_cells_of_the_catalogue_are_respelled_as_papers_print_them(
    name: str, product: str
) -> None:
    shown = respelled(_in_latex(catalogue.text(name), product))
    assert correspondence(read(shown), catalogue.load(name)) is not None


@pytest.mark.parametrize("product", [r"\cdot", r"\times", r"\otimes"])
@pytest.mark.parametrize("name", ["lstm", "lstm_coupled", "gru", "gru_chung", "gru_concat", "mgu"])
def test_products_with_gates_are_respelled_whatever_the_paper_prints(
    name: str, product: str
) -> None:
    shown = respelled(_in_latex(catalogue.text(name), product))
    assert correspondence(read(shown), catalogue.load(name)) is not None


@pytest.mark.parametrize(
    "unit",
    [
        "x\u0303",
        "\u0303",
        "λ",
        "λ ",
        " ",
        "ₜ",
        ") x_t",
        "(x_t) ",
        "/(x_t",
        "x[t) x_t",
        r"\hat{",
        "\n",
    ],
)
def test_no_text_takes_long_to_be_refused(unit: str) -> None:
    text = "h_t = σ x"
    text += unit * ((MOST_CHARACTERS - len(text)) // len(unit))
    started = time.process_time()
    with pytest.raises(NotationError):
        read(text)
    assert time.process_time() - started < 1

"""Cells that are hard to typeset: long, odd, and with everything that the notes explain."""

from __future__ import annotations

from odd_cells import ODD_CELLS

OWN = """\
# A cell of one's own
# Somebody 2024
#
# What W_s does to h[t-1] is explained here.
epsilon = 0.01                             # keeps the division safe
alpha: scalar                              # how much of the past is heard
quick = lambda a: a * sigmoid(1.7 * a)     # a cheaper gelu
E = softmax(w_e)                           # a share for every unit
s[t] = softmax(W_s @ x[t] + U_s @ m[t-1])  # share: 0 keeps, 1 takes
k[t] = quick(W_k @ x[t] + alpha * (V @ h[t-1])) / (norm(x[t]) + epsilon)
m[t] = s[t] * m[t-1] + (1 - s[t]) * k[t] * E
h[t] = maximum(m[t], k[t]) - mean(m[t]) * k[t]**2
"""

LONG = " + ".join(f"W_{k} @ x[t] + b_{k} * h[t-1]**{k % 3 + 1}" for k in range(15))

CELLS = {
    "own": OWN,
    "signs in long comments": (
        "h[t] = z[t] * h[t-1] + (1 - z[t]) * tanh(W @ x[t])\n"
        "z[t] = sigmoid(V @ x[t] + b)  # update gate, in the paper $z_t$: where it is 1 the past "
        "is kept as it is, and where it is 0 the candidate replaces it, see § 3 and © 4"
    ),
    "thirty terms": f"h[t] = tanh({LONG})\ny[t] = (h[t] + {' + '.join('abcdefgij')}) / 3",
    "long names": """
        the_hidden_state[t] = tanh(weights_of_the_input @ the_input[t] + bias_of_everything)
        the_gate_of_forgetting[t] = sigmoid(another_matrix @ the_hidden_state[t])
        the_output[t] = the_gate_of_forgetting[t] * the_hidden_state[t] + the_output[t-1]""",
    "odd comments": """
        # 100% of #1 {x} $y$ ^ ~ \\ < > | "quoted" 'single' é ü Ł 漢字 → σ ⊙ ½ …
        # Å. Uthor – “Title” 2020 <a@b.c>
        #
        # \\input{secret} ${{x}}$ %% if true \\VAR{cell} _a_ & b
        h[t] = tanh(W @ x[t])   # \\end{document} & 50%: {{ h }} \\BLOCK{if}""",
    **ODD_CELLS,
}

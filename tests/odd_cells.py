"""Cells that say what the catalogue does not: every corner of the notation that code must print."""

from __future__ import annotations

from gatecalc.equations.functions import FUNCTIONS, PUBLIC

ODD_CELLS = {
    "names that are Python's and ours": """
        T[t] = sigmoid(W_T @ np[t] + U_T @ H[t-1] + K)
        B[t] = tanh(W_B @ np[t] + P @ (T[t] * H[t-1]) + one)
        w = 0.3
        n[t] = w * D + dt * B[t]
        H[t] = (1 - T[t]) * H[t-1] + T[t] * n[t] + x[t] * mean(n[t])""",
    "names of the arguments": """
        state[t] = tanh(params @ cache[t] + State @ state[t-1] + np)
        x[t] = State @ x[t-1] + state[t] * len + d_h + B[t] * mean(state[t])
        B[t] = 0.5 * cache[t]""",
    "the name of a class that is not there": "h[t] = W @ x[t] + Inputs * h[t-1]",
    "names of sizes that are taken": """
        a[t] = tanh(W @ x[t] + U @ a[t-1])
        W: (blocks, sizes)
        y[t] = V @ a[t] / 3 + mean(a[t])
        V: (max, blocks)""",
    "sizes that are named as modules": """
        a[t] = tanh(W @ x[t] + U @ a[t-1])
        W: (np, State)
        y[t] = V @ a[t] + mean(a[t])
        V: (B, np)""",
    "states named as methods of a tuple": """
        count[t] = tanh(W @ x[t] + U @ index[t-1])
        index[t] = 0.5 * count[t-1] + count[t] * 0.5""",
    "two inputs": """
        g[t] = sigmoid(W @ x[t] + V @ s[t] + b)
        h[t] = g[t] * h[t-1] + (1 - g[t]) * tanh(U @ h[t-1] + W2 @ x[t])""",
    "an input of one number beside another": """
        s: scalar
        h[t] = tanh(W @ x[t] + U @ h[t-1]) * s[t]""",
    "an input of one number": """
        s: scalar
        h[t] = tanh(v * s[t] + U @ h[t-1])""",
    "states of one number": """
        alpha: scalar
        m[t] = 0.9 * m[t-1] + 0.1 * mean(x[t])
        q[t] = m[t] * q[t-1] + alpha
        h[t] = tanh(W @ x[t] + b * m[t] + q[t-1])""",
    "an output of one number": """
        h[t] = tanh(W @ x[t] + U @ h[t-1])
        y[t] = sum(v * h[t]) + c0
        c0: scalar""",
    "values of parameters alone": """
        g: scalar
        bb = exp(v) * g
        q = softmax(v)
        k = norm(v)
        h[t] = tanh(W @ x[t] + exp(g) * h[t-1] + mean(exp(v)) * v + bb * q * k)""",
    "sizes as numbers": """
        W: (K, D)
        M: (N, K)
        scale = 1 / sqrt(K)
        q[t] = W @ x[t] + U @ h[t-1]
        a[t] = softmax(scale * (M @ q[t])) * N
        h[t] = tanh(V @ (M.T @ a[t]) / (D + 1)) + exp(-N) * h[t-1]""",
    "sizes as numbers in functions": """
        P: (max, T)
        own = lambda a: a / max + tanh(a * max)
        s[t] = sum((P @ x[t])**2) / max
        h[t] = own(P @ x[t] / sqrt(s[t] + 1 / T)) + (1 - 1 / max) * h[t-1] + maximum(T, b) / T
        h: max""",
    "nonlinearities of one's own": """
        silu2 = lambda a: a * sigmoid(beta * a)
        beta = 1.5
        mix = lambda a, b: a * b + 0.5 * a
        h[t] = silu2(W @ x[t] + U @ h[t-1]) + mix(h[t-1], tanh(b))""",
    "a product that comes to nothing": """
        n: P
        n[t] = sum(x[t])
        v[t] = sum(x[t]) * (W @ n[t])
        h[t] = (V @ v[t]) * (x[t] - x[t])""",
    "a bias of two gates beside one of a third": """
        u[t] = tanh(W @ x[t] + b)
        v[t] = tanh(U @ x[t] + b)
        w[t] = tanh(V @ x[t] + c)
        h[t] = u[t] + v[t] + w[t]""",
    "two of three gates with the same bias": """
        i[t] = sigmoid(W_i @ x[t] + U_i @ h[t-1] + b)
        f[t] = sigmoid(W_f @ x[t] + U_f @ h[t-1] + b)
        g[t] = tanh(W_g @ x[t] + U_g @ h[t-1] + b_g)
        c[t] = f[t] * c[t-1] + i[t] * g[t]
        h[t] = tanh(c[t])""",
    "matrices that two operands share in part": """
        u[t] = tanh(W @ concat(x[t], h[t-1]) + b)
        v[t] = tanh(W @ concat(x[t], g[t-1]) + c)
        w[t] = tanh(V @ concat(x[t], g[t-1]) + b)
        g[t] = u[t] * v[t] + w[t]
        h[t] = v[t] * w[t] - u[t]""",
    "a half that others read": """
        u[t] = W @ x[t] + U @ h[t-1]
        h[t] = silu(u[t]) + sigmoid(u[t]) * h[t-1] + tanh(0.5 * h[t-1])""",
    "a half of a state": "h[t] = silu(h[t-1]) + 0.5 * h[t-1] + x[t]",
    "nonlinearities that ignore an argument": """
        one = lambda a: 1
        second = lambda a, v: v
        s: scalar
        h[t] = tanh(W @ x[t] + U @ second(h[t-1], s[t])) * sum(second(x[t], s[t])) / sum(one(x[t]))
        y[t] = h[t] + sum(second(h[t], b)) + mean(one(h[t])) + softmax(second(h[t], s[t]))""",
    "nonlinearities that ignore a parameter": """
        one = lambda a: 1
        second = lambda a, v: v
        g: scalar
        k = sum(one(b)) * second(b, g)
        h[t] = tanh(W @ x[t] + U @ h[t-1] + b) * k + V @ second(b, g) + sum(second(b, g))""",
    "softmax and norm": """
        a[t] = softmax(W @ x[t] + U @ h[t-1])
        h[t] = a[t] * tanh(V @ x[t]) + norm(h[t-1]) * b""",
    "a transpose of a concatenation": """
        h[t] = tanh(W.T @ concat(h[t-1], x[t]) + W.T @ concat(b, x[t]))""",
    "a matrix and its transpose": """
        h[t] = tanh(W @ x[t] + U @ h[t-1])
        x_hat[t] = W.T @ h[t]
        output: x_hat""",
    "three in a concatenation": "h[t] = tanh(W @ concat(h[t-1], x[t], h[t-1]) + b)",
    "a parameter in a concatenation": """
        h[t] = tanh(W @ concat(h[t-1], b, x[t]))
        b: P""",
    "a map of a parameter": "h[t] = tanh(W @ v + U @ h[t-1]) * x[t]",
    "a literal in place of a value": """
        c[t] = 0.5
        a[t] = tanh(0.5)
        h[t] = tanh(W @ x[t] + h[t-1]) * c[t] + a[t]""",
    "an output that is a literal": """
        h[t] = tanh(W @ x[t] + U @ c[t-1])
        c[t] = 1""",
    "states of parameters alone": """
        alpha: scalar
        c[t] = alpha * v
        s[t] = alpha
        h[t] = tanh(W @ x[t] + c[t-1] * s[t-1])""",
    "no parameters": "h[t] = 0.5 * h[t-1] + x[t]",
    "an input that is kept": """
        p[t] = x[t]
        h[t] = tanh(W @ x[t] + V @ p[t-1] + U @ h[t-1])""",
    "values that are only handed on": """
        h[t] = h[t-1] + x[t]
        k[t] = h[t-1]
        y[t] = k[t-1]""",
    "values that nothing reads": """
        q[t] = tanh(W @ x[t])
        z = exp(b)
        h[t] = tanh(V @ x[t] + U @ h[t-1])""",
    "the same map twice": """
        h[t] = tanh(W @ x[t] + U @ h[t-1])
        c[t] = tanh(W @ x[t] + U @ (U @ c[t-1]) + U.T @ h[t])""",
    "one map in two spellings": """
        same = lambda a: a
        n[t] = tanh(x[t])
        h[t] = W @ n[t] + W @ tanh(x[t]) - V @ concat(n[t], h[t-1]) + V @ concat(tanh(x[t]), h[t-1])
        c[t] = U @ c[t-1] * 2 + U @ same(c[t-1]) + h[t]""",
    "a map that an equation names below its use": """
        h[t] = tanh(W @ x[t] + U @ h[t-1])
        y[t] = W @ x[t]
        g[t] = tanh(U @ h[t-1]) + y[t]
        q[t] = tanh(U @ h[t-1])
        c[t] = g[t] * q[t]""",
    "maps that are one since their operands are": """
        n[t] = tanh(x[t])
        c[t] = V @ (W @ n[t] + b) + U @ c[t-1]
        y[t] = W @ n[t]
        z[t] = y[t] + V @ (W @ tanh(x[t]) + b) + c[t]""",
    "a vector of one parameter": """
        v: H
        q: P
        alpha: scalar
        v = alpha
        q = tanh(alpha) + alpha
        h[t] = tanh(W @ x[t] + v) * sum(v) + U @ concat(q, h[t-1]) + norm(v) * softmax(v)""",
    "a vector of one literal": """
        q: P
        k = 0.5
        q = k * 2
        h[t] = tanh(W @ x[t] + V @ q) + h[t-1] * sum(q)""",
    "a mean that is spread over another size": """
        m: H
        v: P
        s: H
        v = mean(b)
        m[t] = mean(x[t])
        s[t] = norm(x[t])
        y[t] = mean(x[t]) * x[t] + b
        h[t] = tanh(W @ y[t] + m[t]) * s[t] + V @ v""",
    "a number that is spread and stays one": """
        q: H
        alpha: scalar
        q = tanh(alpha)
        h[t] = tanh(alpha) * x[t] + W @ q""",
    "powers": "h[t] = (W @ x[t])**3 - u[t]**2 / (2 + h[t-1]**4) - h[t-1]**2 * 0.1",
    "signs": "h[t] = -tanh(-(W @ x[t]) - U @ h[t-1]) - (-b)",
    "a product with zero": "h[t] = tanh(W @ x[t]) + 0 * h[t-1]",
    "numbers beyond 64 bits": """
        h[t] = tanh(W @ x[t] + U @ h[t-1]) * 100000000000000000000 / 1e20""",
    "a number before a map": "h[t] = mean(h[t-1]) * W @ x[t] + sum(x[t]) * b",
    "the larger and the smaller": """
        h[t] = maximum(W @ x[t], 0.1) + minimum(h[t-1], b) + maximum(0, u[t])""",
    "a number spread over a vector": """
        m[t] = mean(x[t])
        h[t] = tanh(b * m[t])
        c[t] = m[t] + 0 * h[t]""",
    "a state that is spread and averaged": """
        u[t] = W @ x[t]
        c[t] = mean(u[t] + c[t-1])
        output: c""",
    "a state that is spread and summed": """
        c[t] = 0.1 * sum(x[t] + c[t-1]) + alpha
        s[t] = norm(x[t] * s[t-1] + alpha) + sum(x[t] + c[t-1] * alpha)
        alpha: scalar""",
    "a vector that one parameter fills": """
        alpha: scalar
        g = exp(alpha)
        g: H
        h[t] = g * (W @ x[t]) + h[t-1]""",
    "paths that cancel": """
        q[t] = W @ x[t] + U @ h[t-1]
        u[t] = q[t] + h[t-1]
        v[t] = q[t] - 0.5 * h[t-1]
        h[t] = 0.3 * u[t] - 0.3 * v[t] + tanh(V @ x[t])""",
    "a number that is spread, divided out and summed": """
        c[t] = sum(v * c[t-1] / v + v * softmax(x[t] + c[t-1]))
        v: D""",
    "two softmaxes of one vector": """
        c[t] = sum(w * softmax(u[t]))
        h[t] = c[t-1] * v
        g[t] = softmax(u[t])
        output: g""",
    "a scalar and a vector of parameters side by side": """
        alpha: scalar
        g[t] = alpha * c[t-1] * alpha + u[t]
        c[t] = sum(g[t-1] + v) + mean(h[t-1] - alpha)
        h[t] = g[t]""",
    "a slope that is spread and needed once": """
        u[t] = W @ x[t]
        c[t] = 0.1 * sum(h[t-1] + c[t-1]) * norm(u[t] + c[t-1])
        h[t] = softmax(v * c[t-1]) + c[t-1]
        m[t] = tanh(sum(h[t-1]) + m[t-1] - c[t])
        output: h""",
    "a value that is read before and after the loop": """
        u[t] = W @ x[t]
        c[t] = tanh(mean(v)) - mean(u[t] - v)
        m[t] = c[t-1] - sum(c[t-1] + u[t])
        output: m""",
    "gelu with numbers about it": """
        s[t] = gelu(s[t-1] / 1.01) + x[t]
        y[t] = tanh(gelu(x[t]) * s[t])""",
    "numbers and nothing else": """
        s: scalar
        a: scalar
        h[t] = s[t] * a + h[t-1]""",
    "a value of no name": """
        a[t] = tanh(0) * v
        c[t] = a[t] * v
        h[t] = x[t] * c[t-1]""",
    "an output that hears of nothing": """
        h[t] = W0 @ x[t]
        c[t] = 0.5
        q[t] = erf(W1 @ h[t])
        output: c""",
    "a parameter against a vector": "q[t] = minimum(b, W @ q[t-1]) + maximum(x[t], norm(b))",
    "divisions": "h[t] = x[t] / (1 + abs(W @ x[t] + U @ h[t-1])) / (2 + exp(-b))",
    "a gate in a denominator": "h[t] = h[t-1] / sigmoid(W @ x[t]) + log(sigmoid(U @ h[t-1]))",
    "a logarithm and a root": "h[t] = log(1 + (W @ x[t])**2) + sqrt(1 + h[t-1]**2)",
} | {
    f"the function {name}": f"h[t] = {name}(W @ x[t] + U @ h[t-1] + b)"
    for name in PUBLIC
    if len(FUNCTIONS[name].arguments) == 1 and name not in ("log", "sqrt")
}
"""Equations by what is odd about them; all can be computed wherever the numbers are."""


def lines(equations: str) -> str:
    """The equations without the indent of this file."""
    return "\n".join(line.strip() for line in equations.strip().splitlines()) + "\n"

"""Generated modules against PyTorch's own layers: the same weights, the same numbers."""

from __future__ import annotations

import numpy as np
import pytest

from gatecalc.codegen import generate, load

torch = pytest.importorskip("torch")

T, B, D, H = 5, 3, 4, 6


def setting(name):
    module = load(generate(name))
    rng = np.random.default_rng(7)
    params = module.init(D=D, H=H, rng=rng)
    xs, d_hs = rng.normal(size=(T, B, D)), rng.normal(size=(T, B, H))
    fields = module.State._fields
    state = module.State(*(rng.normal(size=(B, H)) for _ in fields))
    d_state = module.State(*(rng.normal(size=(B, H)) for _ in fields))
    hs, last, tape = module.forward(params, xs, state)
    grads, d_xs, d_first = module.backward(params, tape, d_hs, d_state)
    return params, xs, d_hs, state, d_state, hs, last, grads, d_xs, d_first


def stacked(params, letter, gates):
    return np.concatenate([params[f"{letter}_{gate}"] for gate in gates])


def layer(kind, weights, **options):
    built = kind(D, H, dtype=torch.float64, **options)
    with torch.no_grad():
        for name, array in weights.items():
            getattr(built, f"{name}_l0").copy_(torch.from_numpy(array.copy()))
    return built


def close(found, expected):
    expected = expected.detach().numpy() if hasattr(expected, "detach") else expected
    np.testing.assert_allclose(found, expected.reshape(found.shape), rtol=1e-12, atol=1e-12)


def leaf(array, *lead):
    return torch.tensor(array.reshape(*lead, *array.shape), requires_grad=True)


def compare_with(kind, name, gates, biases, **options):
    params, xs, d_hs, state, d_state, hs, last, grads, d_xs, d_first = setting(name)
    weights = {"weight_ih": stacked(params, "W", gates), "weight_hh": stacked(params, "U", gates)}
    weights["bias_ih"] = stacked(params, "b", gates)
    second = stacked(params, biases, gates) if biases else np.zeros_like(weights["bias_ih"])
    built = layer(kind, weights | {"bias_hh": second}, **options)
    x = leaf(xs)
    first = {n: leaf(getattr(state, n), 1) for n in ("h", "c") if hasattr(state, n)}
    handed = tuple(first.values()) if len(first) > 1 else first["h"]
    output, final = built(x, handed)
    final = dict(zip(first, final if len(first) > 1 else (final,), strict=True))
    loss = (output * torch.tensor(d_hs)).sum()
    loss = loss + sum((final[n][0] * torch.tensor(getattr(d_state, n))).sum() for n in first)
    loss.backward()
    close(hs, output)
    close(d_xs, x.grad)
    for n, array in first.items():
        close(getattr(last, n), final[n])
        close(getattr(d_first, n), array.grad)
    close(stacked(grads, "W", gates), built.weight_ih_l0.grad)
    close(stacked(grads, "U", gates), built.weight_hh_l0.grad)
    close(stacked(grads, "b", gates), built.bias_ih_l0.grad)
    if biases:
        close(stacked(grads, biases, gates), built.bias_hh_l0.grad)


def test_our_lstm_is_that_of_pytorch():
    compare_with(torch.nn.LSTM, "lstm", "ifgo", None)


def test_our_gru_with_the_reset_after_the_matrix_is_that_of_pytorch():
    compare_with(torch.nn.GRU, "gru_reset_after", "rzn", "c")


@pytest.mark.parametrize(("name", "nonlinearity"), [("rnn", "tanh"), ("rnn_relu", "relu")])
def test_our_plain_rnn_is_that_of_pytorch(name, nonlinearity):
    compare_with(torch.nn.RNN, name, "h", None, nonlinearity=nonlinearity)


def test_our_dense_layer_is_that_of_pytorch():
    module = load(generate("dense"))
    rng = np.random.default_rng(3)
    params = module.init(D=D, H=H, rng=rng)
    xs, d_hs = rng.normal(size=(T, B, D)), rng.normal(size=(T, B, H))
    hs, _, tape = module.forward(params, xs)
    grads, d_xs, _ = module.backward(params, tape, d_hs)
    built = torch.nn.Linear(D, H, dtype=torch.float64)
    with torch.no_grad():
        built.weight.copy_(torch.from_numpy(params["W_y"].copy()))
        built.bias.copy_(torch.from_numpy(params["b_y"].copy()))
    x = leaf(xs)
    output = built(x)
    (output * torch.tensor(d_hs)).sum().backward()
    close(hs, output)
    close(d_xs, x.grad)
    close(grads["W_y"], built.weight.grad)
    close(grads["b_y"], built.bias.grad)


def test_the_published_gru_is_not_that_of_pytorch():
    with pytest.raises(AssertionError):
        compare_with(torch.nn.GRU, "gru", "rzn", None)

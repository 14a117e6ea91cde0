"""What a training loop needs besides a generated module: a loss with its adjoint, an optimiser."""

from gatecalc.training.losses import softmax_cross_entropy
from gatecalc.training.optimisers import Adam, Sgd, clip

__all__ = ["Adam", "Sgd", "clip", "softmax_cross_entropy"]

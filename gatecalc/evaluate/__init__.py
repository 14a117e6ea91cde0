"""Runs equations and statements directly on arrays; never the generated code, which it judges."""

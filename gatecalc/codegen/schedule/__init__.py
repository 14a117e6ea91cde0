"""From statements to a schedule of few NumPy calls over preallocated blocks.

Values are stored feature-major: a vector of n entries at one step is n rows of B columns, so that
every stretch of rows of a block is contiguous, products read and write blocks directly, and a
value broadcasts over its neighbours.
"""

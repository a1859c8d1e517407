"""Numbers only: plain Python functions on arrays, compiled on demand by :mod:`.compiler`.

What is compiled is kept by :mod:`.cache`, and used again if it gives the answers of :mod:`.known`.

Read :mod:`.eft` (sums and products without error), then :mod:`.axis` (what a coordinate means on
one axis), :mod:`.affine` (where the rows of an affine map fall), :mod:`.sample2d` (the loops in two
dimensions) and :mod:`.tensor` (those for any kernel and rank, and all derivatives). Kernels never
validate: shapes, dtypes and options have been checked by the callers.
"""

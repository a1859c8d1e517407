"""Two slow references, written apart from each other and from the rest of the package.

`npstn.oracle.exact` computes with fractions: the exact value of every output and gradient, and
the magnitude that its rounding error is measured in. `npstn.oracle.naive` is the paper's double
sum over all pixels in dense NumPy. Neither imports anything else of the package.
"""

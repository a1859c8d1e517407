"""Two slow references, written apart from each other and from the rest of the package.

`npstn.oracle.exact` computes with fractions: the exact value of every output, tangent, gradient
and second derivative, and the magnitude that its rounding error is measured in. It differentiates
a cell at a time, with dual numbers. `npstn.oracle.naive` is the paper's double sum over all pixels
in dense NumPy, and its derivatives are that sum with other kernels. Neither imports anything of the
package but its own private modules. `npstn.oracle.bounds` compares a result with the exact one.
"""

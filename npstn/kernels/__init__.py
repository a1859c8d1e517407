"""Numbers only: plain Python functions on arrays, compiled on demand by :mod:`npstn.jit`.

A tile of output points is found (:mod:`.locate`); the window of texels that they can touch is
copied once, with padding resolved (:mod:`.window`); texels are gathered from it (:mod:`.sample`,
:mod:`.jvp`, :mod:`.points_vjp`), or the cotangents of points are scattered to cells and brought
together (:mod:`.scatter`, :mod:`.cells`). Read :mod:`.eft` (sums and products without error) and
:mod:`.axis` (what a padding and a kernel mean on one axis) first.

A kernel is a function ``kernel(task, scratch, index, ...)``, where :mod:`.sizes` has the numbers of
a problem, and :mod:`.space` says what the scratch is for. Rank and kernel of interpolation are
constants of a clone: see :mod:`.axis`. Kernels never validate, and neither allocate nor raise.
"""

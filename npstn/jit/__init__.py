"""The compiler: what becomes machine code, how it is called, kept and judged.

:mod:`.lanes` has the values of four numbers that kernels are written in, :mod:`.compiler` calls
kernels by their :mod:`.addresses`, :mod:`.cache` keeps what was compiled in private :mod:`.files`,
and uses it again if it gives the answers of plain Python (:mod:`.answers`). :mod:`.notice` tells
a person what is waited for.
"""

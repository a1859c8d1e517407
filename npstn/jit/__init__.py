"""The compiler: what becomes machine code, how it is called, kept and judged.

:mod:`.lanes` has the values of four numbers that kernels are written in, and :mod:`.instructions`
their machine code. :mod:`.compiler` calls kernels by their :mod:`.addresses`; it takes those of
:mod:`.clones` with the constants of a problem, linked from :mod:`.parts`. :mod:`.cache` keeps what
was compiled in private :mod:`.files`, and uses it again if it gives the answers of plain Python
(:mod:`.answers`). :mod:`.notice` tells a person what is waited for.

:mod:`.loops` has the threads, :mod:`.environment` the arithmetic of each; a fork waits for
:mod:`.forks`, and Ctrl-C for :mod:`.interrupts`. :mod:`.settings` reads switches.
"""

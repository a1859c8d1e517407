"""The transformations T_theta of the paper: parameters to sampling grid, one family a file."""

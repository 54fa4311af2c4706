"""How good a model is: reports of a run, comparisons of runs, and photos of your own."""

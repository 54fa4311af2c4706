"""How good a model is: figures, pictures and reports of one run, of several side by side, and of captures."""

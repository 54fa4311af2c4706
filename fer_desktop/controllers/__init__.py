"""What the window is told and asked: state and commands, without widgets. QtCore only."""

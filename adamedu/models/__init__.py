"""Models and their data: losses with a gradient, for any optimizer to descend."""

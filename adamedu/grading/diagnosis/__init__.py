"""Naming a mistake: variants of an optimizer, and which of them behaves like an answer."""

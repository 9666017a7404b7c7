"""Traces as pictures, each of which says in words what it shows. Nothing here makes a step."""

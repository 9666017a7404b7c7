"""The pages beside the lessons: claims, glossary, the ladder on one page, the self-test."""

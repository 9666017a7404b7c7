"""What a submission may import: this folder and nothing else of the package."""

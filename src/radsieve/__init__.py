"""radsieve: clean, agreed-on data sets of radiographs, and latents sieved before images are generated from them."""

__version__: str


def __getattr__(name: str) -> str:
    """`__version__`, looked up on access: that of pyproject.toml beside the sources, else that of the installation."""
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import tomllib
    from importlib import metadata
    from pathlib import Path

    project = Path(__file__).parents[2] / "pyproject.toml"
    if project.is_file():  # in a checkout, which may be found by PYTHONPATH=src and not be installed
        return str(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"])
    return metadata.version(__name__)

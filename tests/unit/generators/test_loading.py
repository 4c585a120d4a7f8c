import subprocess
import sys

from radsieve.generators.decoder import PhantomDecoder
from radsieve.generators.loading import load_generator

SETTINGS = {"weights": "phantoms", "trusted": [], "low": 0, "pixels": 40, "groups": ["18_24f"]}


def test_phantoms_are_the_default():
    generator = load_generator(SETTINGS, {})
    assert isinstance(generator, PhantomDecoder)
    assert (generator.channels, generator.pixels) == (1, 40)


def test_phantoms_need_no_torch():
    code = (
        "import sys; from radsieve.generators.loading import load_generator; "
        f"load_generator({SETTINGS!r}, {{}}); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

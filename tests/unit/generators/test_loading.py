import subprocess
import sys

from defaults import COMPUTE, changed, settings

from radsieve.generators.decoder import PhantomDecoder
from radsieve.generators.loading import load_generator, with_weights

SETTINGS = settings("generator", pixels=40, groups=["18_24f"])


def test_phantoms_are_the_default():
    generator = load_generator(SETTINGS, COMPUTE)
    assert isinstance(generator, PhantomDecoder)
    assert (generator.channels, generator.pixels) == (1, 40)


def test_phantoms_need_no_torch():
    code = (
        "import sys; from radsieve.generators.loading import load_generator; "
        "from radsieve.settings import GeneratorSettings; "
        f"load_generator(GeneratorSettings(**{SETTINGS.model_dump()}), None); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_weights_of_trained_generators_take_the_place_of_those_in_the_section():
    generation = settings("generation", groups=["a", "b"], diseased=[], pixels=64)
    assert with_weights(SETTINGS, "generator", generation, ["a"]) == SETTINGS
    trained = with_weights(SETTINGS, "made/{group}.safetensors", generation, ["a"])
    assert trained == changed(SETTINGS, weights="made/{group}.safetensors", pixels=64, groups=("a",))

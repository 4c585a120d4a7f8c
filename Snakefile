# radsieve: dvc.yaml defines the stages, and workflow/rules/stages.smk makes a rule of each.
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.utils import min_version

min_version("9.27")
sys.path[:0] = [f"{workflow.basedir}/workflow", f"{workflow.basedir}/src"]

from radsieve import settings_file
from radsieve.errors import InputError

try:  # Snakemake does not say in which line it is no YAML
    settings_file.read(Path("params.yaml"))
except InputError as error:
    raise WorkflowError(str(error)) from None


configfile: "params.yaml"


report: "workflow/report.rst"


include: "workflow/rules/common.smk"
include: "workflow/rules/stages.smk"


rule all:
    default_target: True
    input:
        MADE,
    message:
        "all tracks: every result is up to date"


# From real images to a sieve and what it saves: for images of train_gan, prepare_latents.sources: [generated] (see the
# preset chest-loop).
rule loop:
    input:
        every_out(
            "compare_classifiers", "select_thresholds", "sieve_latents", "measure_loop"
        ),


if workflow.is_main_process:
    start()


onstart:
    lift_rate_limit()
    engines.force(forced())


onsuccess:
    engines.record()


onerror:
    engines.record()

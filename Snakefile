# radsieve: dvc.yaml defines the stages, and workflow/rules/stages.smk makes a rule of each.
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.utils import min_version

min_version("9.27")


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

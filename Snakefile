# radsieve: stages are defined in dvc.yaml; the rules say what DVC does not know (threads, logs, the report).
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.utils import min_version

min_version("9.27")


configfile: "params.yaml"


report: "workflow/report/workflow.rst"


TRACKS = {}  # stage -> category of the report; each track's rules add theirs


include: "workflow/rules/common.smk"
include: "workflow/rules/curation.smk"
include: "workflow/rules/screening.smk"
include: "workflow/rules/prefilter.smk"


rule all:
    default_target: True
    input:
        every_out(*TRACKS),


if workflow.is_main_process:
    check_config()
    engines.plan()
    config["commit"] = engines.commit()  # for the report alone


onstart:
    engines.force(forced())


onsuccess:
    engines.record()


onerror:
    engines.record()

# What the rules share: the stages of dvc.yaml, and what happens before and after a run.
import engines
from asking_dvc import DvcError
import rules as stage_rules
import stages
from radsieve.errors import InputError

engines.use_own_python()

DEFINITIONS = stages.definitions()
INSTANCES = stages.stages()  # a stage once for each value of its matrix
MADE = stages.made(INSTANCES)
DEVICE = stages.value_of(stages.parameters(), "compute.device")
RULES = [stage_rules.Rule(*item, INSTANCES) for item in DEFINITIONS.items()]


def start():
    """Refuse parameters that params.yaml does not hold or allow, and find out which stages are up to date."""
    if {**config} != stages.parameters():
        raise WorkflowError(
            "parameters are set in params.yaml alone, where DVC sees them, too; leave out --config and --configfile"
        )
    try:
        engines.plan()
    except (InputError, DvcError) as error:
        raise WorkflowError(str(error)) from None
    config["commit"] = engines.commit()  # for the report alone


def threads(asked):
    """The cores that a job reserves: on a cluster what its stage asks for, on one machine one, so that none is idle."""
    return lambda wildcards: 1 if workflow.local_exec else asked


def lift_rate_limit():
    """Take off the limit on jobs for each second, which one machine does not need.

    With it Snakemake looks at all jobs once more each second after every job that has ended, and goes on with that: a
    run of 90 jobs spends a minute or two of a core on it.
    """
    if workflow.local_exec and hasattr(workflow.scheduler, "job_rate_limiter"):
        workflow.scheduler.job_rate_limiter = None


def forced():
    """What the user wants made again (-R, -f, -F), by the names of rules and files."""
    settings = workflow.dag_settings
    if settings.forceall or settings.forcetargets:
        return set(DEFINITIONS)
    stage_of = {each.rule: each.stage for each in RULES}
    if several := (set(DEFINITIONS) - set(stage_of)) & set(settings.forcerun):
        of = [each.rule for each in RULES if each.stage in several]
        raise WorkflowError(
            f"to force a stage for all of its matrix, name its rule: {', '.join(of)}"
        )
    return {stage_of.get(name, name) for name in settings.forcerun}


def every_out(*names):
    """The outputs of whole stages, all values of their matrix included."""
    return [
        out
        for one in INSTANCES.values()
        if stages.rule_of(one.name) in names
        for out in one.outs
    ]

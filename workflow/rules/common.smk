# What the rules of every track share: the stages of dvc.yaml in Snakemake's words.
import sys

sys.path.insert(0, f"{workflow.basedir}/workflow")
sys.path.insert(0, f"{workflow.basedir}/src")

import engines
from radsieve import params as parameters
from radsieve import settings_file
from radsieve.errors import InputError

engines.use_own_python()

DEFINITIONS = engines.definitions()
MADE = [out for stage in engines.stages().values() for out in stage.outs]
WILDCARDS = {
    name: {key: f"{{{key}}}" for key in stage.get("matrix", {})}
    for name, stage in DEFINITIONS.items()
}


def check_config():
    """Refuse parameters that params.yaml does not hold, or that its schema does not allow."""
    try:
        parameters.load(Path("params.yaml"))
    except InputError as error:
        raise WorkflowError(str(error)) from None
    if config != settings_file.read(Path("params.yaml")):
        raise WorkflowError(
            "parameters are set in params.yaml alone, where DVC sees them, too; leave out --config and --configfile"
        )


def forced():
    """What the user wants made again (-R, -f, -F), by the names of rules and files."""
    settings = workflow.dag_settings
    if settings.forceall or settings.forcetargets:
        return set(DEFINITIONS)
    return set(settings.forcerun)


def deps(stage):
    """The inputs of a stage (the values of its matrix become wildcards) and the stamp that says if it is up to date."""
    definition = engines.substitute(DEFINITIONS[stage], WILDCARDS[stage])
    read = engines.unfolded(engines.paths(definition, "deps"), MADE)
    return [*read, engines.stamp(full_name(stage))]


def outs(stage):
    """The outputs of a stage by name; those with a caption go into the report, under `track`."""
    definition = engines.substitute(DEFINITIONS[stage], WILDCARDS[stage])
    return {
        keyword(path): output(stage, path)
        for path in engines.paths(definition, "outs", "metrics", "plots")
    }


def keyword(path):
    """A name for an output: that of the file, or of the last folder that is no wildcard."""
    return next(
        part for part in reversed(Path(path).parts) if not part.startswith("{")
    ).replace(".", "_")


def output(stage, path):
    path = Path(path)
    caption = f"{workflow.basedir}/workflow/report/{stage}_{path.stem}.rst"
    shown = path.parts[0] == "results" and path.suffix in {*KINDS, ""}
    if not shown or not Path(caption).exists():
        return str(path) if path.suffix else directory(str(path))
    if not path.suffix:  # a folder of pages, one per table: <stage>.<table>.html
        return report(
            directory(str(path)),
            patterns=["{stage}.{table}.html"],
            caption=caption,
            category=TRACKS[stage],
            subcategory="{stage}",
            labels={"what": "{table}", "kind": "table to sort"},
        )
    return report(
        str(path),
        caption=caption,
        category=TRACKS[stage],
        subcategory=stage,
        labels={
            "what": " ".join([*WILDCARDS[stage].values(), path.stem]),
            "kind": KINDS[path.suffix],
        },
    )


KINDS = {".csv": "table as CSV", ".png": "figure", ".html": "page"}


def full_name(stage):
    """DVC's name of a stage, wildcards in place of the values of its matrix."""
    return engines.full_name(stage, WILDCARDS[stage])


def command(stage):
    """What a job runs: the stage's command of dvc.yaml, or its result from DVC's cache if nothing has changed."""
    name = full_name(stage).replace("{", "{wildcards.")
    return f"RADSIEVE_LOG={{log}} python workflow/engines.py run {name}"


def every_out(*stages):
    """The outputs of whole stages, all values of their matrix included."""
    return [
        out
        for stage in engines.stages().values()
        if stage.name.partition("@")[0] in stages
        for out in stage.outs
    ]

# A rule for every stage of dvc.yaml, and a target for every track and for every stage with a matrix.
for _rule in RULES:

    rule:
        name:
            _rule.rule
        input:
            _rule.inputs(),
        output:
            **_rule.outputs(),
        log:
            f"logs/{_rule.name}.log",
        priority: _rule.priority
        conda:
            f"{workflow.basedir}/environment.yml"
        threads: threads(_rule.threads)
        resources:
            **_rule.resources(DEVICE),
        params:
            stage=_rule.name,
        message:
            _rule.message()
        shell:
            "RADSIEVE_LOG={log:q} python workflow/engines.py run {params.stage:q}"


for _track in dict.fromkeys(each.track for each in RULES):

    rule:
        name:
            _track
        input:
            every_out(*(each.stage for each in RULES if each.track == _track)),
        message:
            f"{_track}: every result is up to date"


for _stage in [each.stage for each in RULES if each.rule != each.stage]:

    rule:
        name:
            _stage
        input:
            every_out(_stage),
        message:
            f"{_stage}: every result is up to date"

# A rule for every stage of dvc.yaml and a target for every track.
for _rule in RULES:

    rule:
        name:
            _rule.stage
        input:
            _rule.inputs(),
        output:
            **_rule.outputs(),
        log:
            f"logs/{_rule.name}.log",
        benchmark:
            engines.benchmark(_rule.name)
        priority: _rule.priority
        conda:
            f"{workflow.basedir}/environment.yml"
        resources:
            **_rule.resources(),
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

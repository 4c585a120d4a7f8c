# From latents and the scores of their films to a sieve of latents.
PREFILTER = [
    "prepare_latents",
    "explore_latents",
    "compare_classifiers",
    "rank_classifiers",
    "select_thresholds",
    "sieve_latents",
    "check_sieve",
    "report_prefilter",
]
TRACKS |= dict.fromkeys(PREFILTER, "Prefilter")


rule prefilter:
    input:
        every_out(*PREFILTER),


rule prepare_latents:
    input:
        deps("prepare_latents"),
    output:
        **outs("prepare_latents"),
    log:
        "logs/prepare_latents.log",
    benchmark:
        "benchmarks/prepare_latents.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    shell:
        command("prepare_latents")


rule explore_latents:
    input:
        deps("explore_latents"),
    output:
        **outs("explore_latents"),
    log:
        "logs/explore_latents.log",
    benchmark:
        "benchmarks/explore_latents.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    shell:
        command("explore_latents")


rule compare_classifiers:
    input:
        deps("compare_classifiers"),
    output:
        **outs("compare_classifiers"),
    log:
        "logs/compare_classifiers@{group}.log",
    benchmark:
        "benchmarks/compare_classifiers@{group}.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    shell:
        command("compare_classifiers")


rule rank_classifiers:
    input:
        deps("rank_classifiers"),
    output:
        **outs("rank_classifiers"),
    log:
        "logs/rank_classifiers.log",
    benchmark:
        "benchmarks/rank_classifiers.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    shell:
        command("rank_classifiers")


rule select_thresholds:
    input:
        deps("select_thresholds"),
    output:
        **outs("select_thresholds"),
    log:
        "logs/select_thresholds.log",
    benchmark:
        "benchmarks/select_thresholds.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    shell:
        command("select_thresholds")


rule sieve_latents:
    input:
        deps("sieve_latents"),
    output:
        **outs("sieve_latents"),
    log:
        "logs/sieve_latents@{group}.log",
    benchmark:
        "benchmarks/sieve_latents@{group}.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    shell:
        command("sieve_latents")


rule check_sieve:
    input:
        deps("check_sieve"),
    output:
        **outs("check_sieve"),
    log:
        "logs/check_sieve.log",
    benchmark:
        "benchmarks/check_sieve.tsv"
    conda:
        "../../environment.yml"
    threads: 2
    shell:
        command("check_sieve")


rule report_prefilter:
    input:
        deps("report_prefilter"),
    output:
        **outs("report_prefilter"),
    log:
        "logs/report_prefilter.log",
    benchmark:
        "benchmarks/report_prefilter.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    shell:
        command("report_prefilter")

# From a bucket of graded films to a clean, agreed-on data set.
CURATION = [
    "validate_params",
    "draw_phantoms",
    "ingest_images",
    "find_duplicates",
    "measure_agreement",
    "normalize_labels",
    "report_curation",
]
TRACKS |= dict.fromkeys(CURATION, "Curation")


rule curation:
    input:
        every_out(*CURATION),


rule validate_params:
    input:
        deps("validate_params"),
    output:
        **outs("validate_params"),
    log:
        "logs/validate_params.log",
    benchmark:
        "benchmarks/validate_params.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    shell:
        command("validate_params")


rule draw_phantoms:
    input:
        deps("draw_phantoms"),
    output:
        **outs("draw_phantoms"),
    log:
        "logs/draw_phantoms.log",
    benchmark:
        "benchmarks/draw_phantoms.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    shell:
        command("draw_phantoms")


rule ingest_images:
    input:
        deps("ingest_images"),
    output:
        **outs("ingest_images"),
    log:
        "logs/ingest_images.log",
    benchmark:
        "benchmarks/ingest_images.tsv"
    conda:
        "../../environment.yml"
    threads: 2
    shell:
        command("ingest_images")


rule find_duplicates:
    input:
        deps("find_duplicates"),
    output:
        **outs("find_duplicates"),
    log:
        "logs/find_duplicates.log",
    benchmark:
        "benchmarks/find_duplicates.tsv"
    conda:
        "../../environment.yml"
    threads: 2
    shell:
        command("find_duplicates")


rule measure_agreement:
    input:
        deps("measure_agreement"),
    output:
        **outs("measure_agreement"),
    log:
        "logs/measure_agreement.log",
    benchmark:
        "benchmarks/measure_agreement.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    shell:
        command("measure_agreement")


rule normalize_labels:
    input:
        deps("normalize_labels"),
    output:
        **outs("normalize_labels"),
    log:
        "logs/normalize_labels.log",
    benchmark:
        "benchmarks/normalize_labels.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    shell:
        command("normalize_labels")


rule report_curation:
    input:
        deps("report_curation"),
    output:
        **outs("report_curation"),
    log:
        "logs/report_curation.log",
    benchmark:
        "benchmarks/report_curation.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    shell:
        command("report_curation")
